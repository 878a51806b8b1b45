#pragma once

// CSV from people: uploads of bans and allowed networks, read as a stream under bounds. Nothing here
// touches the file system. Not thread-safe. (Exports: audit/export_text.h.)

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace kavach::guard {

struct CsvLimits {
  std::size_t rows_max{10'000};
  std::size_t fields_max{16};
  std::size_t field_bytes_max{512};
};

/// Whether an upload is what it must be. File name, declared type and content have to agree on CSV: the
/// name ends in `.csv`, the type is `text/csv` in UTF-8, and the content is UTF-8 text without control
/// characters that does not look like another format.
[[nodiscard]] Result<void> check_csv_upload(std::string_view file_name, std::string_view content_type,
                                            std::string_view content);

/// RFC 4180, also with bare LF, with an optional byte order mark, in pieces of any size.
class CsvReader {
 public:
  using Row = std::vector<std::string>;
  /// May fail to end the reading; the error is passed on.
  using OnRow = std::function<Result<void>(const Row& row, std::size_t number)>;

  CsvReader(CsvLimits limits, OnRow on_row) : limits_{limits}, on_row_{std::move(on_row)} {}

  /// Errors name the row. Empty rows are skipped, but count.
  [[nodiscard]] Result<void> feed(std::string_view piece);
  [[nodiscard]] Result<void> finish();

 private:
  enum class State { FieldStart, Plain, Quoted, QuoteInQuoted };
  [[nodiscard]] Result<void> take(char c);
  [[nodiscard]] Result<void> append(char c);
  [[nodiscard]] Result<void> end_field();
  [[nodiscard]] Result<void> end_row();
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view what) const;

  const CsvLimits limits_;
  const OnRow on_row_;
  State state_{State::FieldStart};
  Row row_;
  std::string field_;
  std::size_t number_{1};
  std::size_t bytes_seen_{0};
  bool after_return_{false};
};

}  // namespace kavach::guard
