#pragma once

// Files that only their owner may read, written so that a crash leaves the old state or the new one.
// Used for secrets, backups and restored databases. Blocking.

#include <filesystem>
#include <string_view>

#include "core/result.h"

namespace kavach::app {

/// Written whole to `PATH.new` (mode 0600), synced, then renamed over `path`: never half a secret.
[[nodiscard]] Result<void> replace_private_file(const std::filesystem::path& path, std::string_view text);

/// Makes the names in a folder durable after a rename.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace kavach::app
