#pragma once

// One JSON value to one typed value, by the coercion table of the wire contract. Pure functions: each
// returns the refusal's text, or nothing when `out` holds the value. Prices and quantities never pass
// through a double unless they carry more decimals than their type keeps.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/civil_time.h"
#include "core/decimal.h"
#include "core/json.h"

namespace kavach::api {

using Refused = std::optional<std::string_view>;

inline constexpr std::string_view kMissing = "Missing data for required field.";
inline constexpr std::string_view kNull = "Field may not be null.";
inline constexpr std::string_view kUnknownField = "Unknown field.";
inline constexpr std::string_view kNotString = "Not a valid string.";
inline constexpr std::string_view kNotNumber = "Not a valid number.";
inline constexpr std::string_view kNotFinite =
    "Special numeric values (nan or infinity) are not permitted.";
inline constexpr std::string_view kNotInteger = "Not a valid integer.";
inline constexpr std::string_view kNotBoolean = "Not a valid boolean.";
inline constexpr std::string_view kNotDate = "Not a valid date.";
inline constexpr std::string_view kNotList = "Not a valid list.";
inline constexpr std::string_view kNotObject = "Invalid input type.";
inline constexpr std::string_view kTooLarge = "Number is too large.";

/// No price, quantity or rate of a real market exceeds a billion; the bound keeps every product and
/// sum of them inside 64 bits.
inline constexpr std::int64_t kNumberMax = 1'000'000'000;

/// A JSON string without NUL.
[[nodiscard]] Refused coerce_text(const json::value& value, std::string& out);
/// A JSON string as it is, or a JSON number as the shortest text that reads back as the same.
[[nodiscard]] Refused coerce_number_text(const json::value& value, std::string& out);
/// A JSON number, or a string that holds one (`" 1e2 "`, `"1_000"`); magnitude at most kNumberMax.
template <class Number>
[[nodiscard]] Refused coerce_number(const json::value& value, Number& out);
[[nodiscard]] Refused coerce_number(const json::value& value, double& out);
/// A JSON integer, a JSON fraction (cut), or a string of digits.
[[nodiscard]] Refused coerce_integer(const json::value& value, std::int64_t& out);
[[nodiscard]] Refused coerce_boolean(const json::value& value, bool& out);
/// `YYYY-MM-DD`.
[[nodiscard]] Refused coerce_date(const json::value& value, Date& out);

/// Characters, not bytes.
[[nodiscard]] std::size_t length_of(std::string_view text);

/// Scaled by 10^places. The untyped half of coerce_number.
[[nodiscard]] Refused coerce_scaled(const json::value& value, int places, std::int64_t& out);

template <class Number>
Refused coerce_number(const json::value& value, Number& out) {
  std::int64_t units = 0;
  if (const Refused refused = coerce_scaled(value, Number::places, units)) return refused;
  out = Number::from_units(units);
  return std::nullopt;
}

}  // namespace kavach::api
