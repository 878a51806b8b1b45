#pragma once

// SQLite's extended result codes in the gateway's terms. They are told apart because each asks the
// operator for something else: free space, fix a mode, stop the other process, restore a backup.

#include <sqlite3.h>

#include <string_view>

#include "core/result.h"

namespace kavach::store {

/// `extended` is an extended result code, `during` what was being done (log detail only).
/// `connection` may be null when opening failed before there was one.
[[nodiscard]] Error sqlite_error(sqlite3* connection, int extended, std::string_view during);

/// After these codes nobody knows what is on disk: a sync or write that failed may have happened in
/// part, and the kernel forgets failed pages, so trying again would falsely succeed.
[[nodiscard]] bool leaves_disk_unknown(sqlite3* connection, int extended);

}  // namespace kavach::store
