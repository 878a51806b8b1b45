#include "guard/csv.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace kavach::guard {
namespace {

constexpr std::array<std::string_view, 8> kOtherFormats{"PK\x03\x04", "%PDF",   "GIF8",  "\x89PNG",
                                                        "\xff\xd8",   "\x7f" "ELF", "{\\rtf", "MZ"};
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool looks_like_markup(std::string_view content) {
  std::string_view text = content;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  text = trim(text);
  return text.starts_with('<') || text.starts_with('{') || text.starts_with("#!");
}

bool is_text_byte(char c) {
  return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\t' || c == '\r' || c == '\n';
}

bool is_csv_type(std::string_view content_type) {
  const auto parts = split(content_type, ';');
  if (!equals_ignoring_case(trim(parts[0]), "text/csv")) return false;
  return std::ranges::all_of(parts.begin() + 1, parts.end(), [](std::string_view parameter) {
    parameter = trim(parameter);
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos) return false;
    if (!equals_ignoring_case(parameter.substr(0, equals), "charset")) return true;
    return equals_ignoring_case(parameter.substr(equals + 1), "utf-8");
  });
}

}  // namespace

Result<void> check_csv_upload(std::string_view file_name, std::string_view content_type,
                              std::string_view content) {
  if (!to_lower(file_name).ends_with(".csv")) {
    return fail(ErrorCode::InvalidInput, "The file's name must end in .csv.");
  }
  if (!is_csv_type(content_type)) {
    return fail(ErrorCode::InvalidInput, "Send the file as text/csv in UTF-8.");
  }
  const bool other = std::ranges::any_of(
      kOtherFormats, [&](std::string_view magic) { return content.starts_with(magic); });
  if (other || looks_like_markup(content) || !is_valid_utf8(content) ||
      !std::ranges::all_of(content, is_text_byte)) {
    return fail(ErrorCode::InvalidInput, "The file's content is not CSV in UTF-8.");
  }
  return {};
}

std::unexpected<Error> CsvReader::wrong(std::string_view what) const {
  return fail(ErrorCode::InvalidInput, "Row " + std::to_string(number_) + ": " + std::string{what});
}

Result<void> CsvReader::append(char c) {
  if (field_.size() >= limits_.field_bytes_max) return wrong("a field is too long.");
  field_ += c;
  return {};
}

Result<void> CsvReader::end_field() {
  if (row_.size() >= limits_.fields_max) return wrong("too many fields.");
  row_.push_back(std::exchange(field_, {}));
  state_ = State::FieldStart;
  return {};
}

Result<void> CsvReader::end_row() {
  const bool empty = row_.empty() && field_.empty() && state_ == State::FieldStart;
  if (!empty) {
    if (auto ended = end_field(); !ended) return ended;
  }
  if (number_ > limits_.rows_max) return wrong("too many rows.");
  if (!empty) {
    if (auto used = on_row_(row_, number_); !used) return used;
  }
  row_.clear();
  ++number_;
  return {};
}

Result<void> CsvReader::take(char c) {
  switch (state_) {
    case State::FieldStart:
      if (c == '"') {
        state_ = State::Quoted;
        return {};
      }
      if (c != ',' && c != '\n') state_ = State::Plain;
      break;
    case State::Plain:
      if (c == '"') return wrong("a quote inside an unquoted field.");
      break;
    case State::Quoted:
      if (c == '"') {
        state_ = State::QuoteInQuoted;
        return {};
      }
      return append(c);
    case State::QuoteInQuoted:
      if (c == '"') {
        state_ = State::Quoted;
        return append(c);
      }
      if (c != ',' && c != '\n') return wrong("text after a closing quote.");
      break;
  }
  if (c == ',') return end_field();
  if (c == '\n') return end_row();
  return append(c);
}

Result<void> CsvReader::feed(std::string_view piece) {
  for (const char c : piece) {
    const std::size_t at = bytes_seen_++;
    if (at < kByteOrderMark.size() && c == kByteOrderMark[at]) continue;
    // CR LF ends a row as LF does; a CR alone is not a line ending (and inside quotes it is text).
    if (after_return_) {
      after_return_ = false;
      if (c != '\n') return wrong("a carriage return without a line feed.");
    } else if (c == '\r' && state_ != State::Quoted) {
      after_return_ = true;
      continue;
    }
    if (auto taken = take(c); !taken) return taken;
  }
  return {};
}

Result<void> CsvReader::finish() {
  if (state_ == State::Quoted) return wrong("a quote is not closed.");
  if (row_.empty() && field_.empty() && state_ == State::FieldStart) return {};
  return end_row();
}

}  // namespace kavach::guard
