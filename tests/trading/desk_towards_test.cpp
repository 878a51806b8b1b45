// Smart orders and closing: what is on its way counts, what works against it ends first, and nobody is told "closed"
// for what is not.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>

#include "support/desk_harness.h"
#include "support/scripted_broker.h"

namespace kavach::trading {
namespace {

using namespace std::chrono_literals;
using test::buy;
using test::DeskHarness;
using test::kAccount;
using test::keyed;
using test::limit;
using test::ScriptedBroker;
using test::sell;
using Place = ScriptedBroker::Place;

const InstrumentKey kSbin{market::Exchange::Nse, "SBIN"};
const InstrumentKey kFuture{market::Exchange::Nfo, "NIFTY28JUL27FUT"};  ///< lot 75, freeze quantity 1,800

OrderRequest stop_loss(OrderRequest request, std::int64_t trigger) {
  request.price_type = PriceType::StopMarket;
  request.trigger_price = Price::whole(trigger);
  return request;
}

OrderRequest future(OrderRequest request) {
  request.instrument = kFuture;
  return request;
}

class TowardsTest : public testing::Test {
 protected:
  explicit TowardsTest(RiskLimits limits = RiskLimits::simulated(), Money capital = Money::whole(10'000'000))
      : desk_{broker_, limits, capital} {}
  void TearDown() override {
    desk_.settle();
    EXPECT_EQ(desk_.books().dump(), desk_.replayed().dump());
  }
  void hold(OrderRequest request) {
    broker_.next(Place::AcceptAndFill);
    const auto held = desk_.place(std::move(request));
    ASSERT_TRUE(held.has_value()) << held.error().error.message;
  }
  void fill(const std::string& order_id) {
    const Order order = desk_.order(order_id);
    broker_.emit(kAccount, order_id, Filled{"F" + order_id, order.pending(), Price::whole(100)});
    desk_.settle();
  }
  Quantity net(const InstrumentKey& key = kSbin) { return desk_.books().net_quantity(key, Product::Mis); }
  Quantity working_quantity(Side side) {
    const auto working = desk_.books().working({kSbin, Product::Mis});
    return side == Side::Sell ? working.selling : working.buying;
  }

  ScriptedBroker broker_;
  DeskHarness desk_;
};

// A broker that accepts before it fills, asked three times.
TEST_F(TowardsTest, R12_ClosingAgainBeforeTheFillSellsNothingTwice) {
  hold(buy("SBIN", 75));
  for (int i = 0; i < 3; ++i) {
    const auto closed = desk_.close_all();
    EXPECT_EQ(closed.closed, 0);
    EXPECT_EQ(closed.pending, 1);
    EXPECT_TRUE(closed.failures.empty());
  }
  EXPECT_EQ(broker_.place_calls(), 2);
  fill(broker_.arrived().back().id);
  EXPECT_EQ(net(), Quantity{});
  EXPECT_TRUE(desk_.close_all().nothing_open);
}

TEST_F(TowardsTest, R12_ASmartOrderThatIsOnItsWayIsTheAnswerToItsRepetition) {
  const auto first = desk_.towards(buy("SBIN", 1), 50);
  const auto again = desk_.towards(buy("SBIN", 1), 50);
  EXPECT_EQ(again->order_id, first->order_id);
  EXPECT_EQ(broker_.place_calls(), 1);
  broker_.emit(kAccount, first->order_id, Filled{"T1", Quantity::whole(20), Price::whole(100)});
  desk_.settle();
  EXPECT_EQ(desk_.towards(buy("SBIN", 1), 50)->order_id, first->order_id);
  // A larger target takes only what is missing.
  ASSERT_TRUE(desk_.towards(buy("SBIN", 1), 80).has_value());
  EXPECT_EQ(broker_.arrived().back().request.quantity, Quantity::whole(30));
}

TEST_F(TowardsTest, R12_AMarketOrderOfAnyOriginCountsAndARestingOneDoesNot) {
  hold(buy("SBIN", 75));
  ASSERT_TRUE(desk_.place(sell("SBIN", 25)).has_value());
  EXPECT_EQ(desk_.close_all().pending, 1);
  EXPECT_EQ(broker_.arrived().back().request.quantity, Quantity::whole(50));
  ASSERT_TRUE(desk_.place(limit(buy("ITC", 10), "90")).has_value());
  ASSERT_TRUE(desk_.towards(buy("ITC", 1), 10).has_value());
  EXPECT_EQ(broker_.arrived().back().request.quantity, Quantity::whole(10));
}

TEST_F(TowardsTest, R12_ANewTargetTakesThePlaceOfAnEarlierOne) {
  const auto up = desk_.towards(buy("SBIN", 1), 50);
  // Nothing has been filled: what is on its way up is called back, and that is all.
  EXPECT_TRUE(desk_.towards(sell("SBIN", 50), 0)->order_id.empty());
  EXPECT_EQ(desk_.order(up->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(broker_.place_calls(), 1);
  hold(buy("SBIN", 50));
  const auto exit = desk_.towards(limit(sell("SBIN", 1), "110"), 0);
  const auto moved = desk_.towards(limit(sell("SBIN", 1), "105"), 0);
  EXPECT_EQ(desk_.order(exit->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(working_quantity(Side::Sell), Quantity::whole(50));
  // Too much for a target half way.
  ASSERT_TRUE(desk_.towards(limit(sell("SBIN", 1), "105"), 25).has_value());
  EXPECT_EQ(desk_.order(moved->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(working_quantity(Side::Sell), Quantity::whole(25));
}

TEST_F(TowardsTest, R12_ClosingEndsTheStopAndTheProfitTargetFirst) {
  hold(buy("SBIN", 75));
  const auto stop = desk_.place(stop_loss(sell("SBIN", 75), 90));
  const auto profit = desk_.place(limit(sell("SBIN", 75), "109"));
  const auto entry = desk_.place(limit(buy("SBIN", 10), "95"));
  broker_.next(Place::AcceptAndFill);
  EXPECT_EQ(desk_.close_all().closed, 1);
  EXPECT_EQ(desk_.order(stop->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(desk_.order(profit->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(desk_.order(entry->order_id).status, OrderStatus::Open);
  EXPECT_EQ(net(), Quantity{});
  EXPECT_EQ(working_quantity(Side::Sell), Quantity{});
}

TEST_F(TowardsTest, R12_AnExitThatWaitsForItsPriceLeavesTheStop) {
  hold(buy("SBIN", 75));
  const auto stop = desk_.place(stop_loss(sell("SBIN", 75), 90));
  ASSERT_TRUE(desk_.towards(limit(sell("SBIN", 1), "109"), 0).has_value());
  EXPECT_EQ(desk_.order(stop->order_id).status, OrderStatus::TriggerPending);
}

TEST_F(TowardsTest, R12_WhileReducingAStopDoesNotBlockTheExit) {
  hold(buy("SBIN", 75));
  ASSERT_TRUE(desk_.place(stop_loss(sell("SBIN", 75), 90)).has_value());
  desk_.set_state(TradingState::Reducing);
  broker_.next(Place::AcceptAndFill);
  EXPECT_EQ(desk_.close_all().closed, 1);
  EXPECT_EQ(net(), Quantity{});
}

TEST_F(TowardsTest, R12_APositionThatCannotBeClosedKeepsItsStop) {
  hold(buy("SBIN", 75));
  const auto stop = desk_.place(stop_loss(sell("SBIN", 75), 90));
  broker_.refuse_exams("NO_PRICE");
  const auto closed = desk_.close_all();
  ASSERT_EQ(closed.failures.size(), 1U);
  EXPECT_EQ(closed.failures[0].why.code, "NO_PRICE");
  EXPECT_EQ(closed.failures[0].instrument, kSbin);
  EXPECT_EQ(desk_.order(stop->order_id).status, OrderStatus::TriggerPending);
  EXPECT_TRUE(broker_.cancels().empty());
}

TEST_F(TowardsTest, R12_WhatCannotBeCancelledKeepsThePositionAndIsNamed) {
  hold(buy("SBIN", 75));
  const auto stop = desk_.place(stop_loss(sell("SBIN", 75), 90));
  broker_.next_change(OutcomeUnknown{"timeout"});
  const auto closed = desk_.close_all();
  ASSERT_EQ(closed.failures.size(), 1U);
  EXPECT_EQ(closed.failures[0].why.code, "NOT_CANCELLED");
  EXPECT_EQ(closed.failures[0].why.order_id, stop->order_id);
  EXPECT_EQ(broker_.place_calls(), 2);
  desk_.advance(500ms);  // the cancel is repeated
  EXPECT_EQ(desk_.order(stop->order_id).status, OrderStatus::Cancelled);
  broker_.next(Place::AcceptAndFill);
  EXPECT_EQ(desk_.close_all().closed, 1);
}

TEST_F(TowardsTest, R12_AStopThatTradesInsteadOfBeingCancelledIsTheExit) {
  hold(buy("SBIN", 75));
  const auto stop = desk_.place(stop_loss(sell("SBIN", 75), 90));
  broker_.hold_changes(true);
  std::promise<ClosedPositions> answer;
  desk_->close_all(test::kTrader, kAccount, {}, [&](Answer<ClosedPositions> closed) { answer.set_value(*closed); });
  desk_.settle();
  fill(stop->order_id);
  broker_.release_changes(Declined{"too late"});
  EXPECT_EQ(answer.get_future().get().closed, 1);
  EXPECT_EQ(broker_.place_calls(), 2);
  EXPECT_EQ(net(), Quantity{});
}

// Killed between the cancel and the close: the closing order was never decided, and nobody was told that it was.
TEST_F(TowardsTest, R2_ACrashBetweenTheCancelAndTheCloseSellsNothingTwice) {
  hold(buy("SBIN", 75));
  const auto stop = desk_.place(stop_loss(sell("SBIN", 75), 90));
  broker_.hold_changes(true);
  std::atomic<bool> answered{false};
  desk_->close_all(test::kTrader, kAccount, {}, [&](const auto&) { answered = true; });
  desk_.settle();
  broker_.hold_changes(false);
  desk_.crash();
  EXPECT_FALSE(answered);
  EXPECT_EQ(desk_.order(stop->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(broker_.place_calls(), 2);
  EXPECT_EQ(net(), Quantity::whole(75));
  broker_.next(Place::AcceptAndFill);
  EXPECT_EQ(desk_.close_all().closed, 1);
}

TEST_F(TowardsTest, R12_ARefusedCloseIsNotCounted) {
  hold(buy("SBIN", 75));
  broker_.next(Place::Decline);
  const auto declined = desk_.close_all();
  ASSERT_EQ(declined.failures.size(), 1U);
  EXPECT_EQ(declined.failures[0].why.error.message, "refused by the broker");
  broker_.next(Place::LostAfterPlacing);
  const auto lost = desk_.close_all();
  ASSERT_EQ(lost.failures.size(), 1U);
  EXPECT_EQ(lost.failures[0].why.code, "ORDER_OUTCOME_UNKNOWN");
  // It may be live: it counts.
  EXPECT_EQ(desk_.close_all().failures.at(0).why.code, "ORDER_OUTCOME_UNKNOWN");
  EXPECT_EQ(broker_.place_calls(), 3);
  desk_.advance(500ms);
  EXPECT_EQ(desk_.close_all().pending, 1);
  EXPECT_EQ(broker_.place_calls(), 3);
}

TEST_F(TowardsTest, R6_APositionAboveTheFreezeQuantityIsClosedInSlices) {
  for (int i = 0; i < 3; ++i) hold(future(buy("", 1800)));
  hold(future(buy("", 75)));
  broker_.otherwise(Place::AcceptAndFill);
  EXPECT_EQ(desk_.close_all().closed, 1);
  EXPECT_EQ(net(kFuture), Quantity{});
  const auto arrived = broker_.arrived();
  ASSERT_EQ(arrived.size(), 8U);
  for (std::size_t i = 4; i < 8; ++i) {
    EXPECT_EQ(arrived[i].request.side, Side::Sell);
    EXPECT_EQ(arrived[i].request.quantity, Quantity::whole(i < 7 ? 1800 : 75));
  }
}

TEST_F(TowardsTest, R6_SlicesThatRestAreOnTheirWay) {
  for (int i = 0; i < 3; ++i) hold(future(buy("", 1800)));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(desk_.close_all().pending, 1);
  EXPECT_EQ(broker_.place_calls(), 6);
  EXPECT_EQ(desk_.books().working({kFuture, Product::Mis}).selling, Quantity::whole(5400));
}

TEST_F(TowardsTest, R4_AnInterruptedRowOfSlicesGoesOnWhenItIsRepeated) {
  for (int i = 0; i < 3; ++i) hold(future(buy("", 1800)));
  broker_.next(Place::AcceptAndFill);
  broker_.next(Place::Decline);
  const auto exit = keyed(future(sell("", 1)), "exit-1");
  const auto refused = desk_.towards(exit, 0);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().error.message.find("Placed before that: 1 of its orders."), std::string::npos);
  EXPECT_EQ(net(kFuture), Quantity::whole(3600));
  broker_.otherwise(Place::AcceptAndFill);
  const auto done = desk_.towards(exit, 0);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(net(kFuture), Quantity{});
  const int calls = broker_.place_calls();
  EXPECT_EQ(desk_.towards(exit, 0)->order_id, done->order_id);
  EXPECT_EQ(broker_.place_calls(), calls);
}

TEST_F(TowardsTest, R6_ABrokerThatTakesSlicesAndDropsThemIsNotAskedForEver) {
  for (int i = 0; i < 2; ++i) hold(future(buy("", 1800)));
  broker_.otherwise(Place::AcceptAndCancel);
  const auto closed = desk_.close_all();
  ASSERT_EQ(closed.failures.size(), 1U);
  EXPECT_EQ(closed.failures[0].why.code, "NOT_CLOSED");
  EXPECT_EQ(broker_.place_calls(), 4);
}

TEST_F(TowardsTest, AScopeClosesOnlyWhatItNames) {
  hold(buy("SBIN", 10));
  hold(buy("ITC", 10));
  OrderRequest delivery = buy("SBIN", 5);
  delivery.product = Product::Cnc;
  hold(delivery);
  broker_.otherwise(Place::AcceptAndFill);
  EXPECT_EQ(desk_.close_all({.product = Product::Mis, .instrument = kSbin, .strategy = "one"}).closed, 1);
  EXPECT_EQ(broker_.arrived().back().request.strategy, "one");
  EXPECT_EQ(net(), Quantity{});
  EXPECT_EQ(desk_.close_all({.product = Product::Mis}).closed, 1);
  EXPECT_EQ(desk_.books().net_quantity(kSbin, Product::Cnc), Quantity::whole(5));
}

// No money left, a small cap on what may be opened, and no room in the book.
RiskLimits tight() {
  RiskLimits limits = RiskLimits::simulated();
  limits.order_quantity_max = Quantity::whole(10);
  limits.order_lots_max = 10;
  limits.order_value_max = Money::whole(1'000);
  limits.open_orders_max = 10;
  limits.orders_kept_max = 20;
  return limits;
}

class TightTowardsTest : public TowardsTest {
 protected:
  TightTowardsTest() : TowardsTest{tight(), Money::whole(6'000)} {}
};

TEST_F(TightTowardsTest, R6_LimitsAgainstOpeningTooMuchKeepNobodyInAPosition) {
  for (int i = 0; i < 6; ++i) hold(buy("SBIN", 10));
  ASSERT_TRUE(desk_.place(stop_loss(sell("SBIN", 60), 90)).has_value());
  for (int i = 0; i < 9; ++i) (void)desk_.place(limit(sell("SBIN", 1), "100"));
  EXPECT_EQ(desk_.place(buy("SBIN", 11)).error().code, "INSUFFICIENT_FUNDS");
  broker_.next(Place::AcceptAndFill);
  const auto closed = desk_.close_all();
  EXPECT_EQ(closed.closed, 1) << (closed.failures.empty() ? "" : closed.failures[0].why.error.message);
  EXPECT_EQ(net(), Quantity{});
  EXPECT_EQ(desk_.place(buy("SBIN", 11)).error().code, "ORDER_QUANTITY");
}

TEST_F(TightTowardsTest, R6_AFullBookTakesReductionsUpToATenthMore) {
  for (int i = 0; i < 2; ++i) hold(buy("SBIN", 1));
  while (desk_.books().orders().size() < 20) {
    const auto resting = desk_.place(limit(buy("SBIN", 1), "90"));
    ASSERT_TRUE(resting.has_value()) << resting.error().code;
    ASSERT_TRUE(desk_.cancel(resting->order_id).has_value());
  }
  EXPECT_EQ(desk_.place(buy("SBIN", 1)).error().code, "ORDER_BOOK_FULL");
  broker_.otherwise(Place::AcceptAndFill);
  EXPECT_TRUE(desk_.place(sell("SBIN", 1)).has_value());
  EXPECT_EQ(desk_.close_all().closed, 1);
  EXPECT_EQ(desk_.place(sell("SBIN", 1)).error().code, "ORDER_BOOK_FULL");
}

}  // namespace
}  // namespace kavach::trading
