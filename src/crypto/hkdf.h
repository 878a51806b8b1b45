#pragma once

// HKDF with SHA-256 (RFC 5869): how one master secret becomes many independent keys. Pure functions.

#include <cstddef>
#include <string_view>

#include "core/secret.h"

namespace kavach::crypto {

/// `bytes` is at most 8160 (255 blocks).
[[nodiscard]] Secret hkdf(const Secret& key_material, std::string_view salt, std::string_view info,
                          std::size_t bytes);

}  // namespace kavach::crypto
