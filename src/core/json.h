#pragma once

// JSON in and out. Reading wraps Boost.JSON under bounds; writing appends to one string, typed, so
// that a Secret cannot be written and a price is never a rounded double.

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/decimal.h"
#include "core/result.h"

namespace kavach {

namespace json = boost::json;

struct JsonLimits {
  std::size_t depth_max{32};
};

/// Strict RFC 8259: UTF-8 only, no comments, no trailing comma, no NaN. Of duplicate keys the last
/// one wins. The size bound is the caller's (the route's body limit).
[[nodiscard]] Result<json::value> parse_json(std::string_view text, JsonLimits limits = {});

/// Appends `text` as a JSON string with quotes. Invalid UTF-8 becomes U+FFFD; non-ASCII stays.
void append_json_string(std::string& out, std::string_view text);

/// A streaming writer: `w.object().field("a", 1).field("b", "x").end();`. Misuse is a bug and is
/// checked. Keys keep their order.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_{out} {}

  JsonWriter& object() { return open('{'); }
  JsonWriter& array() { return open('['); }
  JsonWriter& end();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view{text}); }
  JsonWriter& value(const std::string& text) { return value(std::string_view{text}); }
  JsonWriter& value(bool flag);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(unsigned number) { return value(static_cast<std::uint64_t>(number)); }
  /// Shortest text that reads back as the same double, with at least one decimal (`0.0`); NaN and
  /// infinity become null.
  JsonWriter& value(double number);
  JsonWriter& null();
  /// Exact, with at least one decimal (`1511.4`, `0.0`), as clients expect a float.
  template <class Tag, int kPlaces>
  JsonWriter& value(Fixed<Tag, kPlaces> number) {
    return raw_decimal(number.text());
  }
  /// Already valid JSON, copied as it is.
  JsonWriter& raw(std::string_view fragment);
  JsonWriter& value(const json::value& parsed);

  template <class T>
  JsonWriter& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& raw_decimal(std::string text);
  void separate();

  static constexpr std::size_t kDepthMax = 32;
  std::string& out_;
  std::size_t depth_{0};
  char closers_[kDepthMax]{};
  bool first_{true};
  bool after_key_{false};
};

}  // namespace kavach
