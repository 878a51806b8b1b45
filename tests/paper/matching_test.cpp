#include "paper/matching.h"

#include <gtest/gtest.h>

#include "support/scripted_market.h"

namespace kavach::paper {
namespace {

using test::price;
using trading::OrderRequest;
using trading::PriceType;
using trading::Side;

OrderRequest order(Side side, PriceType type, std::string_view limit = "0",
                   std::string_view trigger = "0") {
  OrderRequest request;
  request.side = side;
  request.price_type = type;
  request.price = price(limit);
  request.trigger_price = price(trigger);
  return request;
}

market::Quote quote(std::string_view last, std::string_view bid = "0", std::string_view ask = "0") {
  market::Quote made;
  made.last = price(last);
  made.bid = price(bid);
  made.ask = price(ask);
  return made;
}

std::optional<Price> fill(const OrderRequest& request, Stage stage, const market::Quote& at,
                          bool waits = true) {
  return match(request, waits, stage, at).fill;
}

TEST(Matching, MarketOrdersPayTheSpreadOrTheLastPrice) {
  EXPECT_EQ(fill(order(Side::Buy, PriceType::Market), Stage::Arriving, quote("100", "99", "101")),
            price("101"));
  EXPECT_EQ(fill(order(Side::Sell, PriceType::Market), Stage::Arriving, quote("100", "99", "101")),
            price("99"));
  EXPECT_EQ(fill(order(Side::Buy, PriceType::Market), Stage::Arriving, quote("100")), price("100"));
}

TEST(Matching, AMarketableLimitGetsTheLastPriceAndARestingOneItsOwn) {
  const auto buying = order(Side::Buy, PriceType::Limit, "100");
  EXPECT_EQ(fill(buying, Stage::Arriving, quote("98")), price("98"));
  EXPECT_EQ(fill(buying, Stage::Resting, quote("98")), price("100"));
  EXPECT_EQ(fill(buying, Stage::Arriving, quote("100")), price("100"));
  EXPECT_EQ(fill(buying, Stage::Arriving, quote("100.05")), std::nullopt);
  const auto selling = order(Side::Sell, PriceType::Limit, "100");
  EXPECT_EQ(fill(selling, Stage::Resting, quote("103")), price("100"));
  EXPECT_EQ(fill(selling, Stage::Arriving, quote("99.95")), std::nullopt);
}

TEST(Matching, StopMarketTradesAtTheLastPriceOnceTouched) {
  const auto buying = order(Side::Buy, PriceType::StopMarket, "0", "105");
  EXPECT_EQ(fill(buying, Stage::Resting, quote("104.95")), std::nullopt);
  EXPECT_EQ(fill(buying, Stage::Resting, quote("105")), price("105"));
  EXPECT_EQ(fill(buying, Stage::Resting, quote("107")), price("107"));
  const auto selling = order(Side::Sell, PriceType::StopMarket, "0", "95");
  EXPECT_EQ(fill(selling, Stage::Resting, quote("95.05")), std::nullopt);
  EXPECT_EQ(fill(selling, Stage::Resting, quote("94")), price("94"));
}

TEST(Matching, AStopLimitBecomesALimitOrderOnceTouched) {
  const auto buying = order(Side::Buy, PriceType::StopLimit, "106", "105");
  EXPECT_FALSE(match(buying, true, Stage::Resting, quote("104")).triggered);
  EXPECT_EQ(fill(buying, Stage::Resting, quote("105.5")), price("105.5"));
  const Match gapped = match(buying, true, Stage::Resting, quote("110"));
  EXPECT_TRUE(gapped.triggered);
  EXPECT_EQ(gapped.fill, std::nullopt);
  // Released: the trigger need not hold again.
  EXPECT_EQ(fill(buying, Stage::Resting, quote("104"), false), price("106"));
}

TEST(Matching, OnlyLivePricesInsideTheDaysRangeAreTradedOn) {
  EXPECT_TRUE(is_tradable(quote("100")));
  EXPECT_FALSE(is_tradable(quote("0")));
  auto ranged = quote("100");
  ranged.low = price("99");
  ranged.high = price("99.95");
  EXPECT_FALSE(is_tradable(ranged));
  ranged.high = price("100");
  EXPECT_TRUE(is_tradable(ranged));
  ranged.stale = true;
  EXPECT_FALSE(is_tradable(ranged));
}

}  // namespace
}  // namespace kavach::paper
