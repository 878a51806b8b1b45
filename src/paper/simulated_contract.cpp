#include "paper/simulated_contract.h"

#include <algorithm>
#include <cmath>

#include "market/option_pricing.h"
#include "paper/simulated_noise.h"

namespace kavach::paper {
namespace {

constexpr std::uint64_t kVolatilityStream = 300;
constexpr double kVolatilityDrift = 0.08;          // how far implied volatility wanders, as a fraction
constexpr double kStepsPerDrift = 4.0 * 3'600 * 7; // a new level about every seven hours
constexpr double kSmile = 0.03;
constexpr double kSkew = -0.02;
constexpr double kMoneynessMax = 4.0;

}  // namespace

double SimulatedContract::option_price(double forward, double years, Step step) const {
  const double drift =
      value_noise(mix(key_, kVolatilityStream), static_cast<double>(step) / kStepsPerDrift);
  const double level = terms_.volatility * (1.0 + kVolatilityDrift * drift);
  const double moneyness = std::clamp(std::log(terms_.strike / forward) / (level * std::sqrt(years)),
                                      -kMoneynessMax, kMoneynessMax);
  const double volatility = level * (1.0 + kSkew * moneyness + kSmile * moneyness * moneyness);
  // No discounting: call minus put is then exactly forward minus strike, as clients compute it at rate 0.
  return market::black76_price({.forward = forward, .strike = terms_.strike, .years = years, .rate = 0,
                                .call = terms_.type == market::InstrumentType::Call},
                               volatility);
}

std::int64_t SimulatedContract::ticks(double underlying, Step step) const {
  double price = underlying;
  switch (terms_.type) {
    case market::InstrumentType::Equity:
    case market::InstrumentType::Index:
    case market::InstrumentType::Spot:
    case market::InstrumentType::PerpetualFuture: break;
    case market::InstrumentType::Future:
    case market::InstrumentType::Call:
    case market::InstrumentType::Put: {
      const double years = market::years_to(terms_.expiry, time_of(step));
      const double forward = underlying * std::exp(terms_.carry * years);
      price = terms_.type == market::InstrumentType::Future ? forward : option_price(forward, years, step);
      break;
    }
  }
  return std::max<std::int64_t>(1, std::llround(price / terms_.tick));
}

}  // namespace kavach::paper
