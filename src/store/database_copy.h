#pragma once

// A consistent copy of a database that is in use, for backups: one snapshot, written as one compact
// file without a WAL. Neither readers nor the writer wait for it.

#include <filesystem>

#include "core/result.h"

namespace kavach::store {

/// Copies the database at `from` into the new file `to` (mode 0600), durable when it returns. Fails
/// with Conflict when `to` exists, and with the storage codes; a failed copy is removed again.
/// Blocking: some seconds for a large database.
[[nodiscard]] Result<void> copy_database(const std::filesystem::path& from,
                                         const std::filesystem::path& to);

}  // namespace kavach::store
