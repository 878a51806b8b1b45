#pragma once

// Money is integer. Price, Quantity and Money are distinct fixed-point types over int64; arithmetic
// is checked, and every division names its rounding. Floating point exists only at the JSON boundary
// (`to_double`) and in analytics.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/check.h"

namespace kavach {

enum class Rounding { Down, Up, HalfEven };  ///< Down and Up are towards and away from zero

/// The text of `units` / 10^places without trailing zeros (`1511.4`, `25000`, `-0.05`).
[[nodiscard]] std::string decimal_text(std::int64_t units, int places);
/// Plain decimal notation, optional sign and exponent (`1e2`); nothing on junk, more precision than
/// `places` (other than trailing zeros), or overflow.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view text, int places);
/// value / divisor under the named rounding; divisor > 0. Nothing when it does not fit int64.
[[nodiscard]] std::optional<std::int64_t> divide(__int128 value, __int128 divisor, Rounding rounding);
[[nodiscard]] constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t value = 1;
  while (exponent-- > 0) value *= 10;
  return value;
}

template <class Tag, int kPlaces>
class Fixed {
 public:
  static constexpr int places = kPlaces;
  static constexpr std::int64_t one = power_of_ten(kPlaces);

  constexpr Fixed() = default;
  static constexpr Fixed from_units(std::int64_t units) { return Fixed{units}; }
  /// A whole number of rupees or shares.
  static constexpr Fixed whole(std::int64_t value) { return Fixed{value * one}; }
  static std::optional<Fixed> parse(std::string_view text) {
    const auto units = parse_decimal(text, kPlaces);
    if (!units) return std::nullopt;
    return Fixed{*units};
  }
  /// Nearest representable value; nothing for NaN, infinity or overflow. For the JSON boundary.
  static std::optional<Fixed> from_double(double value) {
    const double scaled = value * static_cast<double>(one);
    if (!(scaled > -9.2e18 && scaled < 9.2e18)) return std::nullopt;
    return Fixed{static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5))};
  }

  [[nodiscard]] constexpr std::int64_t units() const { return units_; }
  [[nodiscard]] double to_double() const {
    return static_cast<double>(units_) / static_cast<double>(one);
  }
  [[nodiscard]] std::string text() const { return decimal_text(units_, kPlaces); }
  [[nodiscard]] constexpr bool is_whole() const { return units_ % one == 0; }
  [[nodiscard]] constexpr std::int64_t whole_part() const { return units_ / one; }
  [[nodiscard]] constexpr bool is_zero() const { return units_ == 0; }
  [[nodiscard]] constexpr bool is_positive() const { return units_ > 0; }
  [[nodiscard]] constexpr bool is_negative() const { return units_ < 0; }
  [[nodiscard]] constexpr Fixed magnitude() const { return Fixed{units_ < 0 ? -units_ : units_}; }

  friend constexpr auto operator<=>(const Fixed&, const Fixed&) = default;
  constexpr Fixed operator-() const { return Fixed{-units_}; }
  friend constexpr Fixed operator+(Fixed a, Fixed b) {
    std::int64_t sum = 0;
    check(!__builtin_add_overflow(a.units_, b.units_, &sum), "fixed-point addition overflowed");
    return Fixed{sum};
  }
  friend constexpr Fixed operator-(Fixed a, Fixed b) {
    std::int64_t difference = 0;
    check(!__builtin_sub_overflow(a.units_, b.units_, &difference),
          "fixed-point subtraction overflowed");
    return Fixed{difference};
  }
  constexpr Fixed& operator+=(Fixed other) { return *this = *this + other; }
  constexpr Fixed& operator-=(Fixed other) { return *this = *this - other; }

 private:
  constexpr explicit Fixed(std::int64_t units) : units_{units} {}
  std::int64_t units_{0};
};

/// Rupees (or quote currency) per unit; six places cover currency derivatives and most crypto.
using Price = Fixed<struct PriceTag, 6>;
/// Shares, lots times lot size, or coins; signed where it is a position.
using Quantity = Fixed<struct QuantityTag, 8>;
/// Rupees; four places keep currency-derivative P&L exact to a hundredth of a paisa.
using Money = Fixed<struct MoneyTag, 4>;

/// price x quantity; nothing when it exceeds Money's range. Rounds half to even.
[[nodiscard]] std::optional<Money> notional(Price price, Quantity quantity);
/// Volume-weighted average of two fills; both quantities non-negative, not both zero.
[[nodiscard]] Price average_price(Price a, Quantity qa, Price b, Quantity qb);
/// money x numerator / denominator, rounded down towards zero; denominator > 0.
[[nodiscard]] Money share_of(Money money, Quantity numerator, Quantity denominator);
/// The nearest multiple of `tick` (> 0), half away from zero.
[[nodiscard]] Price round_to_tick(Price price, Price tick);

}  // namespace kavach
