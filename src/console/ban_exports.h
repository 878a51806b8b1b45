#pragma once

// Bans as files: those in force, and everything that ever happened to them. Whatever their number, a piece at a
// time; a CSV cell cannot begin a formula.

#include <memory>
#include <string>
#include <vector>

#include "audit/export_text.h"
#include "core/clock.h"
#include "store/database.h"

namespace kavach::console {

/// One line of a CSV file, RFC 4180.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

/// In force at `now`, by network. The database outlives it.
[[nodiscard]] std::unique_ptr<audit::Export> begin_ban_export(store::Database& database, TimePoint now,
                                                              audit::ExportFormat format);
/// Every ban, extension and lifting, oldest first.
[[nodiscard]] std::unique_ptr<audit::Export> begin_ban_history_export(store::Database& database,
                                                                      audit::ExportFormat format);

}  // namespace kavach::console
