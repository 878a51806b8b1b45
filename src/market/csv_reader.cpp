#include "market/csv_reader.h"

#include <string>
#include <utility>

namespace kavach::market {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::unexpected<Error> CsvReader::refuse(std::string_view why) const {
  return fail(ErrorCode::InvalidInput,
              "The CSV file is malformed at line " + std::to_string(line_) + ": " + std::string{why} + ".");
}

Result<void> CsvReader::feed(std::string_view piece) {
  for (const char c : piece) {
    // The mark may be split over pieces, so it is matched by position.
    if (bytes_ < kByteOrderMark.size() && c == kByteOrderMark[bytes_]) {
      ++bytes_;
      continue;
    }
    bytes_ = kByteOrderMark.size();
    if (auto done = step(c); !done) return done;
  }
  return {};
}

Result<void> CsvReader::step(char c) {
  if (c == '\0') return refuse("it contains a NUL byte");
  const bool completes_crlf = std::exchange(after_carriage_return_, false) && c == '\n';
  if (completes_crlf) return {};
  if (state_ == State::Quoted) {
    if (c == '\n') ++line_;
    if (c != '"') return append(c);
    state_ = State::QuoteInQuoted;
    return {};
  }
  if (state_ == State::QuoteInQuoted && c == '"') {
    state_ = State::Quoted;
    return append(c);
  }
  if (c == ',') return end_field();
  if (c == '\n' || c == '\r') {
    after_carriage_return_ = c == '\r';
    auto done = end_row();
    ++line_;
    return done;
  }
  if (state_ == State::QuoteInQuoted) return refuse("text follows a closing quote");
  if (c == '"') {
    if (state_ != State::FieldStart) return refuse("a quote stands inside an unquoted field");
    state_ = State::Quoted;
    return {};
  }
  state_ = State::Unquoted;
  return append(c);
}

Result<void> CsvReader::append(char c) {
  if (field_.size() >= limits_.field_bytes_max) return refuse("a field is too long");
  field_ += c;
  return {};
}

Result<void> CsvReader::end_field() {
  if (field_count_ >= limits_.fields_max) return refuse("it has too many fields");
  if (field_count_ == fields_.size()) fields_.emplace_back();
  fields_[field_count_].swap(field_);
  field_.clear();
  ++field_count_;
  state_ = State::FieldStart;
  return {};
}

Result<void> CsvReader::end_row() {
  if (field_count_ == 0 && state_ == State::FieldStart) return {};
  if (auto done = end_field(); !done) return done;
  if (++rows_ > limits_.rows_max) return refuse("it has too many rows");
  on_row_(std::span{fields_}.first(field_count_));
  field_count_ = 0;
  return {};
}

Result<void> CsvReader::finish() {
  if (state_ == State::Quoted) return refuse("a quoted field does not end");
  return end_row();
}

}  // namespace kavach::market
