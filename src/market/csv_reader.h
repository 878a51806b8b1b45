#pragma once

// Streaming RFC 4180 reader for files that somebody else wrote: text comes in pieces of any size, rows
// go out as they complete. Bounded in field bytes, fields and rows; accepts LF as well as CRLF and a
// byte-order mark. Not thread-safe.

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace kavach::market {

struct CsvLimits {
  std::size_t field_bytes_max{512};
  std::size_t fields_max{64};
  std::size_t rows_max{500'000};
};

class CsvReader {
 public:
  /// Called once a row, in order; the fields live until it returns. Blank lines are skipped.
  using OnRow = std::move_only_function<void(std::span<const std::string>)>;

  CsvReader(CsvLimits limits, OnRow on_row) : limits_{limits}, on_row_{std::move(on_row)} {}

  /// InvalidInput with the line number when a bound is exceeded, a quote is misplaced or a NUL appears.
  /// After a failure the reader must not be used again.
  [[nodiscard]] Result<void> feed(std::string_view piece);
  /// The end of the text: completes an unterminated last row.
  [[nodiscard]] Result<void> finish();

 private:
  enum class State { FieldStart, Unquoted, Quoted, QuoteInQuoted };

  [[nodiscard]] Result<void> step(char c);
  [[nodiscard]] Result<void> append(char c);
  [[nodiscard]] Result<void> end_field();
  [[nodiscard]] Result<void> end_row();
  [[nodiscard]] std::unexpected<Error> refuse(std::string_view why) const;

  const CsvLimits limits_;
  OnRow on_row_;
  State state_{State::FieldStart};
  bool after_carriage_return_{false};
  std::vector<std::string> fields_;  ///< reused from row to row
  std::size_t field_count_{0};       ///< completed fields of the current row
  std::string field_;
  std::size_t rows_{0};
  std::size_t line_{1};
  std::size_t bytes_{0};
};

}  // namespace kavach::market
