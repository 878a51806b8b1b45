#include "market/option_pricing.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kavach::market {
namespace {

constexpr double kSecondsPerYear = 365.0 * 86'400.0;
constexpr double kYearsMin = 0.0001;
constexpr double kVolatilityMin = 0.0001;
constexpr double kVolatilityMax = 10.0;
constexpr int kIterationsMax = 100;
constexpr double kPriceTolerance = 1e-9;  // of the forward

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double normal_pdf(double x) {
  return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi);
}

struct Moments {
  double d1, d2, root, discount;
};

Moments moments(const OptionTerms& terms, double volatility) {
  const double root = std::sqrt(terms.years);
  const double spread = volatility * root;
  const double d1 = (std::log(terms.forward / terms.strike) + 0.5 * spread * spread) / spread;
  return {d1, d1 - spread, root, std::exp(-terms.rate * terms.years)};
}

double price_of(const OptionTerms& terms, const Moments& m) {
  const double sign = terms.call ? 1.0 : -1.0;
  return sign * m.discount *
         (terms.forward * normal_cdf(sign * m.d1) - terms.strike * normal_cdf(sign * m.d2));
}

}  // namespace

double years_to(TimePoint expiry, TimePoint now) {
  const std::chrono::duration<double> left = expiry - now;
  return std::max(left.count() / kSecondsPerYear, kYearsMin);
}

double black76_price(const OptionTerms& terms, double volatility) {
  return price_of(terms, moments(terms, volatility));
}

Greeks black76_greeks(const OptionTerms& terms, double volatility) {
  const Moments m = moments(terms, volatility);
  const double density = normal_pdf(m.d1);
  const double price = price_of(terms, m);
  Greeks out;
  out.delta = m.discount * (terms.call ? normal_cdf(m.d1) : normal_cdf(m.d1) - 1.0);
  out.gamma = m.discount * density / (terms.forward * volatility * m.root);
  out.vega = m.discount * terms.forward * density * m.root / 100.0;
  const double decay = -m.discount * terms.forward * density * volatility / (2.0 * m.root);
  out.theta = (decay + terms.rate * price) / 365.0;
  out.rho = -terms.years * price / 100.0;
  return out;
}

double intrinsic_value(const OptionTerms& terms) {
  const double difference = terms.call ? terms.forward - terms.strike : terms.strike - terms.forward;
  return std::exp(-terms.rate * terms.years) * std::max(difference, 0.0);
}

// Newton's steps on vega, kept inside a bracket that bisection halves where vega is too flat to trust.
std::optional<double> implied_volatility(const OptionTerms& terms, double price) {
  if (!(price > intrinsic_value(terms)) || !(terms.forward > 0) || !(terms.strike > 0)) {
    return std::nullopt;
  }
  double low = kVolatilityMin;
  double high = kVolatilityMax;
  if (price < black76_price(terms, low) || price > black76_price(terms, high)) return std::nullopt;
  double volatility = 0.3;
  const double tolerance = terms.forward * kPriceTolerance;
  for (int i = 0; i < kIterationsMax; ++i) {
    const double error = black76_price(terms, volatility) - price;
    if (std::abs(error) < tolerance && high - low < 1.0) break;
    (error > 0 ? high : low) = volatility;
    if (high - low < 1e-10) break;
    const Moments m = moments(terms, volatility);
    const double slope = m.discount * terms.forward * normal_pdf(m.d1) * m.root;
    const double next = volatility - error / slope;
    volatility = slope > 0 && next > low && next < high ? next : 0.5 * (low + high);
  }
  return volatility;
}

}  // namespace kavach::market
