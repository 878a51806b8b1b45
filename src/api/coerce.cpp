#include "api/coerce.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/text.h"

namespace kavach::api {
namespace {

constexpr std::size_t kNumberTextMax = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number's text as a strategy in Python may send it: surrounding blanks go, and an underscore
// between two digits.
std::optional<std::string> plain_number(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > kNumberTextMax) return std::nullopt;
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  return out;
}

bool names_no_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return equals_ignoring_case(text, "nan") || equals_ignoring_case(text, "inf") ||
         equals_ignoring_case(text, "infinity");
}

Refused parse_double(std::string_view text, double& out) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !(is_digit(text.front()) || text.front() == '.')) return kNotNumber;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (end != text.data() + text.size()) return kNotNumber;
  if (error == std::errc::result_out_of_range) {
    if (text.find_first_of("eE") == std::string_view::npos || text.find('-') == std::string_view::npos) {
      return kTooLarge;
    }
    out = 0;  // too small to matter
  } else if (error != std::errc{}) {
    return kNotNumber;
  }
  if (negative) out = -out;
  return std::nullopt;
}

Refused scale_text(const std::string& text, int places, std::int64_t& out) {
  if (names_no_number(text)) return kNotFinite;
  const std::int64_t bound = kNumberMax * power_of_ten(places);
  auto units = parse_decimal(text, places);
  if (!units) {
    // More decimals than the type keeps, or out of range: round to the nearest that it keeps.
    double value = 0;
    if (const Refused refused = parse_double(text, value)) return refused;
    if (!(std::fabs(value) <= static_cast<double>(kNumberMax))) return kTooLarge;
    units = std::llround(value * static_cast<double>(power_of_ten(places)));
  }
  if (*units > bound || *units < -bound) return kTooLarge;
  out = *units;
  return std::nullopt;
}

// The shortest text that reads back as the same double is what the client wrote.
std::string text_of(double value) {
  std::array<char, 40> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  check(error == std::errc{}, "a double fits 40 characters");
  return {buffer.data(), end};
}

Refused scale_integer(std::int64_t value, int places, std::int64_t& out) {
  if (value > kNumberMax || value < -kNumberMax) return kTooLarge;
  out = value * power_of_ten(places);
  return std::nullopt;
}

Refused cut_to_integer(double value, std::int64_t& out) {
  constexpr double kIntegerMax = 9.0e15;
  if (!std::isfinite(value)) return kNotFinite;
  if (!(std::fabs(value) <= kIntegerMax)) return kTooLarge;
  out = static_cast<std::int64_t>(value);
  return std::nullopt;
}

// `yes`, `Yes` and `YES`, but not `yEs`.
bool is_written(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  const std::string upper = to_upper(word);
  return text == word || text == upper ||
         (text[0] == upper[0] && text.substr(1) == word.substr(1));
}

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [text](std::string_view word) { return is_written(text, word); });
}

}  // namespace

Refused coerce_text(const json::value& value, std::string& out) {
  const auto* text = value.if_string();
  if (text == nullptr || text->find('\0') != json::string::npos) return kNotString;
  out.assign(text->data(), text->size());
  return std::nullopt;
}

Refused coerce_number_text(const json::value& value, std::string& out) {
  if (const auto* integer = value.if_int64()) {
    out = std::to_string(*integer);
  } else if (const auto* real = value.if_double()) {
    out = text_of(*real);
  } else {
    return coerce_text(value, out);
  }
  return std::nullopt;
}

Refused coerce_scaled(const json::value& value, int places, std::int64_t& out) {
  if (const auto* integer = value.if_int64()) return scale_integer(*integer, places, out);
  if (value.is_uint64()) return kTooLarge;
  if (const auto* real = value.if_double()) {
    return std::isfinite(*real) ? scale_text(text_of(*real), places, out) : Refused{kNotFinite};
  }
  const auto* text = value.if_string();
  if (text == nullptr) return kNotNumber;
  const auto plain = plain_number({text->data(), text->size()});
  return plain ? scale_text(*plain, places, out) : Refused{kNotNumber};
}

Refused coerce_number(const json::value& value, double& out) {
  constexpr int kPlaces = 6;
  std::int64_t units = 0;
  if (const Refused refused = coerce_scaled(value, kPlaces, units)) return refused;
  out = static_cast<double>(units) / static_cast<double>(power_of_ten(kPlaces));
  return std::nullopt;
}

Refused coerce_integer(const json::value& value, std::int64_t& out) {
  if (const auto* integer = value.if_int64()) {
    out = *integer;
    return std::nullopt;
  }
  if (value.is_uint64()) return kTooLarge;
  if (const auto* real = value.if_double()) return cut_to_integer(*real, out);
  const auto* text = value.if_string();
  if (text == nullptr) return kNotInteger;
  auto plain = plain_number({text->data(), text->size()});
  if (!plain) return kNotInteger;
  if (plain->starts_with('+')) plain->erase(0, 1);
  const auto parsed = parse_int(*plain);
  if (!parsed) {
    const std::string_view digits = plain->starts_with('-') ? std::string_view{*plain}.substr(1) : *plain;
    const bool too_long = !digits.empty() && std::ranges::all_of(digits, is_digit);
    return too_long ? kTooLarge : kNotInteger;
  }
  out = *parsed;
  return std::nullopt;
}

Refused coerce_boolean(const json::value& value, bool& out) {
  static constexpr std::array<std::string_view, 6> kTrue{"true", "t", "yes", "y", "on", "1"};
  static constexpr std::array<std::string_view, 6> kFalse{"false", "f", "no", "n", "off", "0"};
  if (const auto* flag = value.if_bool()) {
    out = *flag;
    return std::nullopt;
  }
  if (value.is_number()) {
    const double number = value.is_double() ? value.as_double() : value.to_number<double>();
    if (number != 0.0 && number != 1.0) return kNotBoolean;
    out = number != 0.0;
    return std::nullopt;
  }
  const auto* text = value.if_string();
  if (text == nullptr) return kNotBoolean;
  const std::string_view word{text->data(), text->size()};
  out = is_one_of(word, kTrue);
  if (!out && !is_one_of(word, kFalse)) return kNotBoolean;
  return std::nullopt;
}

Refused coerce_date(const json::value& value, Date& out) {
  const auto* text = value.if_string();
  if (text == nullptr) return kNotDate;
  const auto date = parse_date({text->data(), text->size()});
  if (!date) return kNotDate;
  out = *date;
  return std::nullopt;
}

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace kavach::api
