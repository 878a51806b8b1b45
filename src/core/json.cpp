#include "core/json.h"

#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cmath>

#include "core/check.h"
#include "core/text.h"

namespace kavach {

Result<json::value> parse_json(std::string_view text, JsonLimits limits) {
  json::parse_options options;
  options.max_depth = limits.depth_max;
  json::parser parser{{}, options};
  boost::system::error_code error;
  parser.write(text.data(), text.size(), error);
  if (error) {
    return fail(ErrorCode::InvalidInput, "The body is not valid JSON.", error.message());
  }
  return parser.release();
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const bool valid = is_valid_utf8(text);
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (byte < 0x20 || byte == 0x7F) {
          out += "\\u00";
          out += kHex[byte >> 4U];
          out += kHex[byte & 15U];
        } else if (byte >= 0x80 && !valid) {
          out += "\\ufffd";
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
  } else if (!first_) {
    out_ += ',';
  }
  first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
  check(depth_ < kDepthMax, "JSON is written too deep");
  separate();
  out_ += bracket;
  closers_[depth_++] = bracket == '{' ? '}' : ']';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end() {
  check(depth_ > 0, "JSON is closed more often than opened");
  out_ += closers_[--depth_];
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(bool flag) { return raw(flag ? "true" : "false"); }
JsonWriter& JsonWriter::value(std::int64_t number) { return raw(std::to_string(number)); }
JsonWriter& JsonWriter::value(std::uint64_t number) { return raw(std::to_string(number)); }
JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  char buffer[40];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
  check(error == std::errc{}, "a double fits 40 characters");
  return raw_decimal(std::string(buffer, end));
}

JsonWriter& JsonWriter::raw(std::string_view fragment) {
  separate();
  out_ += fragment;
  return *this;
}

JsonWriter& JsonWriter::raw_decimal(std::string text) {
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return raw(text);
}

JsonWriter& JsonWriter::value(const json::value& parsed) { return raw(json::serialize(parsed)); }

}  // namespace kavach
