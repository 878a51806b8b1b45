#include "market/option_pricing.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kavach::market {
namespace {

using namespace std::chrono_literals;

TEST(OptionPricing, GivesTheWireContractsCheckValues) {
  const OptionTerms terms{.forward = 25966.05, .strike = 26000, .years = 28.5071 / 365, .rate = 0, .call = true};
  const auto volatility = implied_volatility(terms, 435);
  ASSERT_TRUE(volatility);
  EXPECT_NEAR(*volatility * 100, 15.6, 0.005);
  const Greeks greeks = black76_greeks(terms, *volatility);
  EXPECT_NEAR(greeks.delta, 0.4967, 0.00005);
  EXPECT_NEAR(greeks.gamma, 0.000352, 0.0000005);
  EXPECT_NEAR(greeks.theta, -7.919, 0.0005);
  EXPECT_NEAR(greeks.vega, 28.9489, 0.00005);
  EXPECT_NEAR(greeks.rho, -0.339742, 0.0000005);
}

TEST(OptionPricing, RecoversTheVolatilityThatMadeThePrice) {
  for (const bool call : {true, false}) {
    for (const double strike : {60.0, 90.0, 100.0, 110.0, 160.0}) {
      for (const double volatility : {0.05, 0.2, 0.8, 3.0}) {
        for (const double years : {0.003, 0.1, 2.0}) {
          const OptionTerms terms{100, strike, years, 0.06, call};
          const double price = black76_price(terms, volatility);
          if (price - intrinsic_value(terms) < 1e-6) continue;
          const auto found = implied_volatility(terms, price);
          ASSERT_TRUE(found) << strike << ' ' << volatility << ' ' << years;
          EXPECT_NEAR(black76_price(terms, *found), price, 1e-6);
        }
      }
    }
  }
}

TEST(OptionPricing, PutCallParityHolds) {
  OptionTerms terms{26483.4, 26500, 0.05, 0.065, true};
  const double call = black76_price(terms, 0.14);
  terms.call = false;
  const double put = black76_price(terms, 0.14);
  EXPECT_NEAR(call - put, std::exp(-0.065 * 0.05) * (26483.4 - 26500), 1e-9);
}

TEST(OptionPricing, APriceWithoutTimeValueOrBeyondReasonHasNoVolatility) {
  const OptionTerms terms{110, 100, 0.1, 0, true};
  EXPECT_FALSE(implied_volatility(terms, 10));
  EXPECT_FALSE(implied_volatility(terms, 9));
  EXPECT_FALSE(implied_volatility(terms, 111));
  EXPECT_FALSE(implied_volatility(terms, std::nan("")));
  EXPECT_FALSE(implied_volatility({0, 100, 0.1, 0, true}, 5));
}

TEST(OptionPricing, TimeToExpiryHasAFloor) {
  const TimePoint now{1'814'000'000s};
  EXPECT_DOUBLE_EQ(years_to(now + 24h, now), 1.0 / 365);
  EXPECT_DOUBLE_EQ(years_to(now - 1h, now), 0.0001);
}

}  // namespace
}  // namespace kavach::market
