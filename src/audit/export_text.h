#pragma once

// Cells of exported files. Spreadsheets run what looks like a formula, and these files carry texts
// an attacker chose (user names, hosts, routes), so such cells are disarmed.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace kavach::audit {

enum class ExportFormat { JsonLines, Csv };

/// An export in pieces of some ten kilobytes, each read from the database when it is asked for: neither memory
/// nor a snapshot is held while a slow client takes its time. What is written after the export began is not in
/// it. One user at a time, on worker threads; what it was made of must outlive it.
class Export {
 public:
  virtual ~Export() = default;
  /// The next piece; an empty one ends it.
  [[nodiscard]] virtual Result<std::string> next() = 0;
};

/// Writes a whole export into `sink`, which stops it by returning false (its reader has gone).
[[nodiscard]] Result<void> write_out(Export& pieces, const std::function<bool(std::string_view)>& sink);

/// Appends one CSV cell (RFC 4180). A text that begins with = + - @ tab, carriage return or an
/// apostrophe gets an apostrophe in front, so that removing one leading apostrophe always restores
/// it.
void append_csv_text(std::string& row, std::string_view text);
void append_csv_number(std::string& row, std::int64_t number);

/// For LIKE ... ESCAPE '\': `%text%` with the wildcards inside `text` taken literally.
[[nodiscard]] std::string contains_pattern(std::string_view text);

}  // namespace kavach::audit
