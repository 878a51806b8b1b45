#include "trading/risk.h"

#include <gtest/gtest.h>

#include "trading/rate_governor.h"

namespace kavach::trading {
namespace {

class RiskTest : public testing::Test {
 protected:
  RiskTest() {
    instrument_.symbol = "SBIN";
    instrument_.tick_size = Price::parse("0.05").value();
    request_.instrument = instrument_.key();
    request_.quantity = Quantity::whole(10);
    at_market(Price::whole(100));
    books_.apply({{}, "paper:7", {}, AccountOpened{Money::whole(1'000'000)}});
  }

  std::optional<Refusal> judged(TradingState state = TradingState::Active) {
    const RiskContext context{request_, &instrument_, books_, limits_, state, nullptr, &terms_, {}, only_reduces_};
    if (auto refused = refuse_before_venue(context)) return refused;
    return refuse_after_venue(context);
  }
  std::string code(TradingState state = TradingState::Active) {
    const auto refused = judged(state);
    return refused ? refused->code : std::string{};
  }
  std::string message() {
    const auto refused = judged();
    return refused ? refused->error.message : std::string{};
  }

  // A working order that the books already know.
  void work(Side side, std::int64_t quantity, bool unknown = false) {
    Order order;
    order.id = "2706301000000" + std::to_string(books_.orders().size());
    order.request = request_;
    order.request.side = side;
    order.request.quantity = Quantity::whole(quantity);
    books_.apply({{}, "paper:7", order.id, OrderIntended{order, {}, {}, {}}});
    if (unknown) books_.apply({{}, "paper:7", order.id, OrderLost{}});
  }
  void hold(std::int64_t quantity, Money realised = {}) {
    work(quantity > 0 ? Side::Buy : Side::Sell, std::abs(quantity));
    OrderFilled fill{};
    fill.trade_id = "T";
    fill.quantity = Quantity::whole(std::abs(quantity));
    fill.position_quantity = Quantity::whole(quantity);
    fill.realised = realised;
    books_.apply({{}, "paper:7", books_.orders().back().id, fill});
  }

  void at_market(Price last) { terms_.reference_price = terms_.known_price = last; }
  void limit(Side side, std::string_view price) {
    request_.side = side;
    request_.price_type = PriceType::Limit;
    request_.price = Price::parse(price).value();
  }

  market::Instrument instrument_;
  OrderRequest request_;
  Books books_;
  RiskLimits limits_;
  VenueTerms terms_;
  bool only_reduces_{false};
};

TEST_F(RiskTest, AnOrdinaryOrderPasses) { EXPECT_EQ(code(), ""); }

TEST_F(RiskTest, R12_HaltedAndReconcilingStopEverything) {
  hold(10);
  request_.side = Side::Sell;
  EXPECT_EQ(code(TradingState::Halted), "TRADING_HALTED");
  EXPECT_EQ(code(TradingState::Reconciling), "RECONCILING");
}

TEST_F(RiskTest, R12_ReducingLetsThroughOnlyWhatReduces) {
  EXPECT_EQ(code(TradingState::Reducing), "REDUCE_ONLY");
  hold(10);
  request_.side = Side::Sell;
  EXPECT_EQ(code(TradingState::Reducing), "");
  request_.quantity = Quantity::whole(11);
  EXPECT_EQ(code(TradingState::Reducing), "REDUCE_ONLY");
}

TEST_F(RiskTest, R12_ReducingIsJudgedOnTheWorstCase) {
  hold(10);
  request_.side = Side::Sell;
  work(Side::Sell, 5);
  EXPECT_EQ(code(TradingState::Reducing), "REDUCE_ONLY");
  request_.quantity = Quantity::whole(5);
  EXPECT_EQ(code(TradingState::Reducing), "");
}

TEST_F(RiskTest, R11_WhoMayOnlyReduceIsJudgedAsIfEverybodyMightOnly) {
  only_reduces_ = true;
  EXPECT_EQ(code(), "REDUCE_ONLY");
  hold(10);
  EXPECT_EQ(code(), "REDUCE_ONLY");
  request_.side = Side::Sell;
  EXPECT_EQ(code(), "");
  request_.quantity = Quantity::whole(11);
  EXPECT_EQ(code(), "REDUCE_ONLY");
  request_.quantity = Quantity::whole(10);
  work(Side::Sell, 5);
  EXPECT_EQ(code(), "REDUCE_ONLY") << "filled with the other one it would open a short position";
  EXPECT_EQ(message(), "This API key may only reduce positions.");
}

TEST_F(RiskTest, R5_AnUnresolvedOrderBlocksMoreExposureInItsSymbol) {
  hold(10);
  work(Side::Buy, 1, true);
  EXPECT_EQ(code(), "UNRESOLVED_ORDER");
  request_.side = Side::Sell;
  EXPECT_EQ(code(), "");
  request_.side = Side::Buy;
  request_.instrument.symbol = "ITC";
  EXPECT_EQ(code(), "");
}

TEST_F(RiskTest, R6_QuantityLotsValueAndFreezeAtTheirEdges) {
  limits_.order_quantity_max = Quantity::whole(10);
  EXPECT_EQ(code(), "");
  request_.quantity = Quantity::whole(11);
  EXPECT_EQ(code(), "ORDER_QUANTITY");
  EXPECT_EQ(message(), "Order quantity 11 is above the limit of 10.");

  limits_ = {};
  instrument_.lot_size = 5;
  limits_.order_lots_max = 2;
  request_.quantity = Quantity::whole(10);
  EXPECT_EQ(code(), "");
  request_.quantity = Quantity::whole(15);
  EXPECT_EQ(code(), "ORDER_LOTS");

  limits_ = {};
  instrument_.freeze_quantity = 14;
  EXPECT_EQ(code(), "FREEZE_QUANTITY");
  request_.quantity = Quantity::whole(14);
  EXPECT_EQ(code(), "");
  instrument_.freeze_quantity = 1;
  request_.quantity = Quantity::whole(1'000'000);
  EXPECT_EQ(code(), "");
}

TEST_F(RiskTest, R6_ValueIsMeasuredAtTheReferenceForMarketAndAtTheLimitElse) {
  limits_.order_value_max = Money::whole(1'000);
  EXPECT_EQ(code(), "");
  at_market(Price::parse("100.000001").value());
  request_.quantity = Quantity::whole(10'000);
  EXPECT_EQ(code(), "ORDER_VALUE");
  request_.quantity = Quantity::whole(10);
  limit(Side::Buy, "100.05");
  EXPECT_EQ(code(), "ORDER_VALUE");
  limit(Side::Buy, "100");
  EXPECT_EQ(code(), "");
}

TEST_F(RiskTest, R6_AValueThatDoesNotFitIsRefusedAndDoesNotWrap) {
  request_.quantity = Quantity::from_units(INT64_MAX);
  at_market(Price::from_units(INT64_MAX));
  EXPECT_EQ(code(), "ORDER_VALUE");
}

TEST_F(RiskTest, R6_WhatFillsAtTheMarketIsValuedAtTheMarket) {
  limits_.order_value_max = Money::whole(1'000);
  request_.quantity = Quantity::whole(11);
  limits_.collar_percent.reset();
  limit(Side::Sell, "1");
  EXPECT_EQ(code(), "ORDER_VALUE");
  request_.side = Side::Buy;
  request_.trigger_price = Price::whole(1);
  request_.price_type = PriceType::StopMarket;
  EXPECT_EQ(code(), "ORDER_VALUE");
  request_.price_type = PriceType::StopLimit;
  request_.price = Price::whole(1'000);
  EXPECT_EQ(code(), "ORDER_VALUE");
  // What cannot cost more than its own price is valued at that.
  request_.price = Price::whole(2);
  EXPECT_EQ(code(), "");
  limit(Side::Buy, "1");
  EXPECT_EQ(code(), "");
}

TEST_F(RiskTest, R6_NoSumOfOpenOrdersAndPositionsCanLeaveItsRange) {
  request_.quantity = Quantity::whole(100'000'000);
  EXPECT_EQ(code(), "");
  request_.quantity = Quantity::whole(100'000'001);
  EXPECT_EQ(code(), "ORDER_VALUE");
  at_market(Price::parse("0.05").value());
  request_.quantity = Quantity::whole(1'000'000'000);
  for (int order = 0; order < 10; ++order) {
    EXPECT_EQ(code(), "");
    work(Side::Buy, 1'000'000'000);
  }
  EXPECT_EQ(code(), "");
  work(Side::Buy, 1'000'000'000);
  EXPECT_EQ(code(), "POSITION_LIMIT");
}

TEST_F(RiskTest, R7_PricesMustBeOnTheTick) {
  limit(Side::Buy, "99.99");
  EXPECT_EQ(code(), "TICK_SIZE");
  limit(Side::Buy, "99.95");
  EXPECT_EQ(code(), "");
  request_.price_type = PriceType::StopLimit;
  request_.trigger_price = Price::parse("99.97").value();
  EXPECT_EQ(code(), "TICK_SIZE");
}

TEST_F(RiskTest, R7_TheCollarStopsBadPricesOnTheAggressiveSideOnly) {
  limit(Side::Buy, "110");
  EXPECT_EQ(code(), "");
  limit(Side::Buy, "110.05");
  EXPECT_EQ(code(), "PRICE_COLLAR");
  limit(Side::Buy, "1");
  EXPECT_EQ(code(), "");
  limit(Side::Sell, "90");
  EXPECT_EQ(code(), "");
  limit(Side::Sell, "89.95");
  EXPECT_EQ(code(), "PRICE_COLLAR");
  limit(Side::Sell, "500");
  EXPECT_EQ(code(), "");
  instrument_.type = market::InstrumentType::Call;
  limit(Side::Buy, "140");
  EXPECT_EQ(code(), "");
  limit(Side::Buy, "140.05");
  EXPECT_EQ(code(), "PRICE_COLLAR");
}

TEST_F(RiskTest, R7_AStopsLimitIsMeasuredFromItsTrigger) {
  limit(Side::Buy, "131");
  request_.price_type = PriceType::StopLimit;
  request_.trigger_price = Price::whole(120);
  EXPECT_EQ(code(), "");
  request_.price = Price::parse("132.05").value();
  EXPECT_EQ(code(), "PRICE_COLLAR");
}

TEST_F(RiskTest, R8_OrdersInFlightCountTowardsThePosition) {
  limits_.position_quantity_max = Quantity::whole(50);
  hold(20);
  work(Side::Buy, 20);
  EXPECT_EQ(code(), "");
  request_.quantity = Quantity::whole(11);
  EXPECT_EQ(code(), "POSITION_LIMIT");
  // Selling 70 would end 50 short.
  request_.side = Side::Sell;
  request_.quantity = Quantity::whole(70);
  EXPECT_EQ(code(), "");
  request_.quantity = Quantity::whole(71);
  EXPECT_EQ(code(), "POSITION_LIMIT");
}

TEST_F(RiskTest, R10_ARealisedLossLeavesOnlyReductions) {
  limits_.loss_today_max = Money::whole(500);
  hold(10, Money::whole(-499));
  EXPECT_EQ(code(), "");
  hold(10, Money::whole(-1));
  EXPECT_EQ(code(), "LOSS_LIMIT");
  request_.side = Side::Sell;
  EXPECT_EQ(code(), "");
}

TEST_F(RiskTest, TheNumberOfOrdersIsBounded) {
  limits_.open_orders_max = 2;
  work(Side::Buy, 1);
  EXPECT_EQ(code(), "");
  work(Side::Buy, 1);
  EXPECT_EQ(code(), "OPEN_ORDERS");
  limits_ = {};
  limits_.orders_kept_max = 2;
  EXPECT_EQ(code(), "ORDER_BOOK_FULL");
}

TEST(RateGovernor, R9_NeverMoreThanTheLimitInAnySecond) {
  RateGovernor governor;
  RiskLimits limits;
  std::vector<Monotonic> passed;
  for (int millisecond = 0; millisecond < 5'000; millisecond += 7) {
    const Monotonic now = std::chrono::milliseconds{millisecond};
    if (governor.admit(limits, market::Exchange::Nse, true, now)) passed.push_back(now);
  }
  for (std::size_t i = 8; i < passed.size(); ++i) {
    EXPECT_GE(passed[i] - passed[i - 8], std::chrono::seconds{1});
  }
  EXPECT_GE(passed.size(), 35U);
}

TEST(RateGovernor, R9_ReductionsFindRoomWhenEntriesHaveUsedTheirs) {
  RateGovernor governor;
  const RiskLimits limits;
  const Monotonic now{1};
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(governor.admit(limits, market::Exchange::Nse, true, now));
  EXPECT_FALSE(governor.admit(limits, market::Exchange::Nse, true, now));
  EXPECT_TRUE(governor.admit(limits, market::Exchange::Nse, false, now));
  EXPECT_TRUE(governor.admit(limits, market::Exchange::Nse, false, now));
  EXPECT_FALSE(governor.admit(limits, market::Exchange::Nse, false, now));
  EXPECT_TRUE(governor.admit(limits, market::Exchange::Mcx, true, now));
}

TEST(RateGovernor, R9_AMinuteHasItsOwnLimit) {
  RateGovernor governor;
  const RiskLimits limits;
  int passed = 0;
  for (int i = 0; i < 59 * 8; ++i) {
    passed += governor.admit(limits, market::Exchange::Nse, true, std::chrono::milliseconds{i * 125});
  }
  EXPECT_EQ(passed, 180);
}

}  // namespace
}  // namespace kavach::trading
