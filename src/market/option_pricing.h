#pragma once

// Black's 1976 model of an option on a forward, in floating point: this is analytics, no order or book
// depends on it. Pure functions. Units are the wire contract's: volatility as a fraction here (0.156),
// theta per calendar day, vega per percentage point of volatility, rho per percentage point of rate.

#include <optional>

#include "core/clock.h"
#include "market/instrument.h"

namespace kavach::market {

struct OptionTerms {
  double forward{0};  ///< > 0
  double strike{0};   ///< > 0
  double years{0};    ///< > 0; see `years_to`
  double rate{0};     ///< continuously compounded, a fraction
  bool call{true};
};

struct Greeks {
  double delta{0}, gamma{0}, theta{0}, vega{0}, rho{0};
};

/// Seconds to expiry over 365 x 86,400, at least 0.0001.
[[nodiscard]] double years_to(TimePoint expiry, TimePoint now);
[[nodiscard]] double black76_price(const OptionTerms& terms, double volatility);
[[nodiscard]] Greeks black76_greeks(const OptionTerms& terms, double volatility);
/// The volatility that gives `price`, between 0.0001 and 10; nothing when the price has no time value or
/// lies outside what any such volatility gives.
[[nodiscard]] std::optional<double> implied_volatility(const OptionTerms& terms, double price);
/// Discounted.
[[nodiscard]] double intrinsic_value(const OptionTerms& terms);

}  // namespace kavach::market
