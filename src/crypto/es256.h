#pragma once

// ECDSA over P-256 with SHA-256, verification only: what passkeys sign with. Pure; any thread.

#include <cstddef>
#include <span>
#include <string_view>

namespace kavach::crypto {

/// `x` and `y`: 32 bytes each; a point off the curve is refused. `signature`: DER.
[[nodiscard]] bool verify_es256(std::span<const std::byte> x, std::span<const std::byte> y,
                                std::string_view message, std::span<const std::byte> signature);

}  // namespace kavach::crypto
