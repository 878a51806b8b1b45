#pragma once

// The data folder: everything a gateway keeps. Private to its user (0700), with the generated
// secrets in one file (0600) that a start refuses if anybody else can read it.

#include <filesystem>

#include "app/settings.h"
#include "core/random.h"
#include "core/result.h"

namespace kavach::app {

/// Creates the folder if it is missing; refuses one that others can enter or that is not ours.
[[nodiscard]] Result<void> prepare_data_folder(const std::filesystem::path& folder);

/// Reads `secrets.env`, first creating it with fresh 256-bit values, and gives each secret that the
/// settings do not already hold. A file that lost one of its secrets is refused: generating a new one
/// would silently make everything sealed with the old one unreadable. `NAME_OLDER` holds earlier
/// generations, newest first, comma-separated.
[[nodiscard]] Result<void> adopt_secrets(Settings& settings, const SecureRandom& random);

}  // namespace kavach::app
