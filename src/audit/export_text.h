#pragma once

// Cells of exported files. Spreadsheets run what looks like a formula, and these files carry texts
// an attacker chose (user names, hosts, routes), so such cells are disarmed.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace kavach::audit {

/// Receives a piece of an export; false stops it (the client went away).
using ExportSink = std::function<bool(std::string_view piece)>;

enum class ExportFormat { JsonLines, Csv };

/// Appends one CSV cell (RFC 4180). A text that begins with = + - @ tab, carriage return or an
/// apostrophe gets an apostrophe in front, so that removing one leading apostrophe always restores
/// it.
void append_csv_text(std::string& row, std::string_view text);
void append_csv_number(std::string& row, std::int64_t number);

/// For LIKE ... ESCAPE '\': `%text%` with the wildcards inside `text` taken literally.
[[nodiscard]] std::string contains_pattern(std::string_view text);

}  // namespace kavach::audit
