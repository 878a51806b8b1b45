#include "core/decimal.h"

#include <algorithm>

namespace kavach {
namespace {

constexpr __int128 kMax = INT64_MAX;

bool fits(__int128 value) { return value <= kMax && value >= -kMax; }

// Scans `[+-]digits[.digits][e[+-]digits]` into digits and a power of ten.
struct Scanned {
  bool negative{false};
  __int128 digits{0};
  int exponent{0};
};

bool scan_exponent(std::string_view text, std::size_t at, int& exponent) {
  bool negative = false;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
  if (at == text.size() || text.size() - at > 3) return false;
  int value = 0;
  for (; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '9') return false;
    value = value * 10 + (text[at] - '0');
  }
  exponent += negative ? -value : value;
  return true;
}

bool scan(std::string_view text, Scanned& out) {
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) out.negative = text[at++] == '-';
  bool any = false;
  bool point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      any = true;
      if (out.digits > kMax * 1'000'000'000) return false;
      out.digits = out.digits * 10 + (c - '0');
      if (point) --out.exponent;
    } else if ((c == 'e' || c == 'E') && any) {
      return scan_exponent(text, at + 1, out.exponent);
    } else {
      return false;
    }
  }
  return any;
}

}  // namespace

std::string decimal_text(std::int64_t units, int places) {
  const std::int64_t one = power_of_ten(places);
  const bool negative = units < 0;
  const auto magnitude =
      negative ? ~static_cast<std::uint64_t>(units) + 1 : static_cast<std::uint64_t>(units);
  std::string out = negative ? "-" : "";
  out += std::to_string(magnitude / static_cast<std::uint64_t>(one));
  std::uint64_t fraction = magnitude % static_cast<std::uint64_t>(one);
  if (fraction == 0) return out;
  std::string digits = std::to_string(fraction);
  digits.insert(0, static_cast<std::size_t>(places) - digits.size(), '0');
  while (digits.back() == '0') digits.pop_back();
  return out + "." + digits;
}

std::optional<std::int64_t> parse_decimal(std::string_view text, int places) {
  if (text.size() > 64) return std::nullopt;
  Scanned scanned;
  if (!scan(text, scanned)) return std::nullopt;
  if (scanned.digits == 0) return 0;
  int exponent = scanned.exponent + places;
  __int128 value = scanned.digits;
  for (; exponent > 0; --exponent) {
    value *= 10;
    if (!fits(value)) return std::nullopt;
  }
  for (; exponent < 0; ++exponent) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  if (!fits(value)) return std::nullopt;
  return static_cast<std::int64_t>(scanned.negative ? -value : value);
}

std::optional<std::int64_t> divide(__int128 value, __int128 divisor, Rounding rounding) {
  check(divisor > 0, "a fixed-point divisor must be positive");
  __int128 quotient = value / divisor;
  const __int128 rest = value % divisor;
  if (rest != 0) {
    const __int128 away = value < 0 ? -1 : 1;
    const __int128 twice = (rest < 0 ? -rest : rest) * 2;
    const bool up = rounding == Rounding::Up ||
                    (rounding == Rounding::HalfEven &&
                     (twice > divisor || (twice == divisor && quotient % 2 != 0)));
    if (up) quotient += away;
  }
  if (!fits(quotient)) return std::nullopt;
  return static_cast<std::int64_t>(quotient);
}

std::optional<Money> notional(Price price, Quantity quantity) {
  constexpr __int128 kScale = static_cast<__int128>(Price::one) * Quantity::one / Money::one;
  const auto units =
      divide(static_cast<__int128>(price.units()) * quantity.units(), kScale, Rounding::HalfEven);
  if (!units) return std::nullopt;
  return Money::from_units(*units);
}

Price average_price(Price a, Quantity qa, Price b, Quantity qb) {
  const __int128 weight = static_cast<__int128>(qa.units()) + qb.units();
  const __int128 sum =
      static_cast<__int128>(a.units()) * qa.units() + static_cast<__int128>(b.units()) * qb.units();
  const auto units = divide(sum, weight, Rounding::HalfEven);
  check(units.has_value(), "an average price lies between the prices it averages");
  return Price::from_units(*units);
}

Money share_of(Money money, Quantity numerator, Quantity denominator) {
  const auto units = divide(static_cast<__int128>(money.units()) * numerator.units(),
                            denominator.units(), Rounding::Down);
  check(units.has_value(), "a share of money does not fit");
  return Money::from_units(*units);
}

Price round_to_tick(Price price, Price tick) {
  check(tick.is_positive(), "a tick size must be positive");
  const std::int64_t half = tick.units() / 2;
  const std::int64_t shifted = price.units() + (price.is_negative() ? -half : half);
  return Price::from_units(shifted / tick.units() * tick.units());
}

}  // namespace kavach
