#include "paper/paper_exchange.h"

#include <gtest/gtest.h>

#include <set>

#include "paper_harness.h"

namespace kavach::paper {
namespace {

using test::buy;
using test::limit;
using test::price;
using test::sell;
using test::stop;
using test::with;
using trading::OrderStatus;
using trading::Product;

class ExchangeTest : public testing::Test {
 protected:
  ExchangeTest() { paper_.price("SBIN", "100", "99.95", "100.05"); }
  void TearDown() override {
    EXPECT_EQ(paper_.desk.books().dump(), paper_.desk.replayed().dump());
  }
  trading::Order order(const trading::Answer<trading::Placed>& placed) {
    EXPECT_TRUE(placed.has_value()) << (placed ? "" : placed.error().error.message);
    return placed ? paper_.desk.order(placed->order_id) : trading::Order{};
  }
  test::PaperHarness paper_;
};

TEST_F(ExchangeTest, AMarketOrderFillsInTheSameCall) {
  const auto bought = order(paper_.desk.place(buy("SBIN", 10)));
  EXPECT_EQ(bought.status, OrderStatus::Complete);
  EXPECT_EQ(bought.average_price, price("100.05"));
  EXPECT_EQ(bought.reference_price, price("100"));
  const auto books = paper_.desk.books();
  ASSERT_EQ(books.fills().size(), 1U);
  const std::string trade = books.fills()[0].trade_id;
  EXPECT_EQ(trade.size(), std::string_view{"TRADE-20270630-100000-xxxxxxxx"}.size());
  EXPECT_TRUE(trade.starts_with("TRADE-20270630-100000-"));
}

TEST_F(ExchangeTest, ALimitOrderRestsUntilTheMarketComes) {
  const auto placed = paper_.desk.place(limit(buy("SBIN", 10), "98"));
  EXPECT_EQ(order(placed).status, OrderStatus::Open);
  paper_.tick("SBIN", "98.05");
  EXPECT_EQ(order(placed).status, OrderStatus::Open);
  paper_.tick("SBIN", "97");
  EXPECT_EQ(order(placed).status, OrderStatus::Complete);
  EXPECT_EQ(order(placed).average_price, price("98"));
}

TEST_F(ExchangeTest, AStopLimitThatGapsIsReleasedAndFillsLikeALimit) {
  const auto placed = paper_.desk.place(stop(buy("SBIN", 10), "105", "106"));
  EXPECT_EQ(order(placed).status, OrderStatus::TriggerPending);
  paper_.tick("SBIN", "110");
  EXPECT_EQ(order(placed).status, OrderStatus::Open);
  paper_.tick("SBIN", "104");
  EXPECT_EQ(order(placed).status, OrderStatus::Complete);
  EXPECT_EQ(order(placed).average_price, price("106"));
}

TEST_F(ExchangeTest, AReleasedStopStaysReleasedAcrossARestart) {
  const auto placed = paper_.desk.place(stop(buy("SBIN", 10), "105", "106"));
  paper_.tick("SBIN", "110");
  paper_.desk.crash();
  paper_.tick("SBIN", "104");
  EXPECT_EQ(order(placed).status, OrderStatus::Complete);
}

TEST_F(ExchangeTest, RestingOrdersSurviveACrashAndFillOnce) {
  const auto placed = paper_.desk.place(limit(buy("SBIN", 10), "98"));
  paper_.desk.crash();
  paper_.tick("SBIN", "97");
  paper_.tick("SBIN", "96");
  paper_.desk.crash();
  paper_.tick("SBIN", "95");
  EXPECT_EQ(order(placed).filled, Quantity::whole(10));
  EXPECT_EQ(paper_.desk.books().fills().size(), 1U);
}

TEST_F(ExchangeTest, AQuoteOutsideItsOwnRangeDoesNotTrade) {
  auto quote = *paper_.market.quote(test::instrument(market::Exchange::Nse, "SBIN"));
  quote.high = price("99");
  paper_.market.set(market::Exchange::Nse, "SBIN", quote);
  const auto placed = paper_.desk.place(buy("SBIN", 10));
  EXPECT_EQ(order(placed).status, OrderStatus::Open);
  paper_.price("SBIN", "101", "100.95", "101.05");
  paper_.advance();
  EXPECT_EQ(order(placed).average_price, price("101.05"));
}

TEST_F(ExchangeTest, AChangedOrderMeetsTheMarketAtOnce) {
  const auto placed = paper_.desk.place(limit(buy("SBIN", 10), "98"));
  ASSERT_TRUE(paper_.desk.modify({placed->order_id, {}, price("101"), {}}).has_value());
  paper_.desk.settle();
  EXPECT_EQ(order(placed).status, OrderStatus::Complete);
  EXPECT_EQ(order(placed).average_price, price("100"));
}

TEST_F(ExchangeTest, ChangesAreCheckedLikeOrders) {
  const auto change = [&](const auto& placed, trading::OrderChange wanted) {
    wanted.order_id = placed->order_id;
    const auto changed = paper_.desk.modify(wanted);
    return changed ? std::string{} : changed.error().error.message;
  };
  const auto resting = paper_.desk.place(limit(buy("SBIN", 10), "98"));
  EXPECT_EQ(change(resting, {{}, {}, {}, price("97")}), "LIMIT orders do not accept a trigger_price");
  EXPECT_EQ(change(resting, {{}, Quantity::whole(100'000'000), {}, {}}).substr(0, 18), "Insufficient funds");
  const auto stopped = paper_.desk.place(stop(buy("SBIN", 10), "105"));
  EXPECT_EQ(change(stopped, {{}, {}, price("97"), {}}), "SL-M orders do not accept a price");
  EXPECT_EQ(order(resting).request.quantity, Quantity::whole(10));
}

TEST_F(ExchangeTest, ACancelledOrderNeverFills) {
  const auto placed = paper_.desk.place(limit(buy("SBIN", 10), "98"));
  ASSERT_TRUE(paper_.desk.cancel(placed->order_id).has_value());
  paper_.tick("SBIN", "90");
  EXPECT_EQ(order(placed).status, OrderStatus::Cancelled);
  EXPECT_EQ(order(placed).filled, Quantity{});
  EXPECT_EQ(paper_.desk.books().funds().available, Money::whole(10'000'000));
}

TEST_F(ExchangeTest, TheEarlierOfTwoOrdersFillsFirst) {
  const auto first = paper_.desk.place(limit(buy("SBIN", 1), "98"));
  const auto second = paper_.desk.place(limit(buy("SBIN", 2), "98"));
  paper_.tick("SBIN", "98");
  const auto books = paper_.desk.books();
  ASSERT_EQ(books.fills().size(), 2U);
  EXPECT_EQ(books.fills()[0].order_id, first->order_id);
  EXPECT_EQ(books.fills()[1].order_id, second->order_id);
}

TEST_F(ExchangeTest, ANegativeBookOfAnotherAccountIsNotTouched) {
  const auto mine = paper_.desk.place(limit(buy("SBIN", 1), "98"), "paper:7");
  const auto theirs = paper_.desk.place(limit(buy("SBIN", 1), "98"), "analyze:7");
  EXPECT_EQ(paper_.desk.cancel_all().cancelled, std::vector{mine->order_id});
  paper_.tick("SBIN", "97");
  EXPECT_EQ(paper_.desk.books("analyze:7").find_order(theirs->order_id)->status,
            OrderStatus::Complete);
}

TEST_F(ExchangeTest, R2_AnIntentThatNeverReachedTheExchangeIsSettledAsNotPlaced) {
  // The outcome cannot be recorded, then the process dies.
  ASSERT_TRUE(paper_.desk.place(buy("SBIN", 1)).has_value());
  paper_.desk.faults->fail(test::FailingDatabase::Failure::AfterUnit, 1, 1'000);
  const auto placed = paper_.desk.place(test::keyed(buy("SBIN", 10), "tv-1"));
  ASSERT_FALSE(placed.has_value());
  EXPECT_EQ(placed.error().error.code, ErrorCode::OutcomeUnknown);
  paper_.desk.crash();
  EXPECT_EQ(paper_.desk.order(placed.error().order_id).status, OrderStatus::Rejected);
  EXPECT_EQ(paper_.net("SBIN"), Quantity::whole(1));
  const auto again = paper_.desk.place(test::keyed(buy("SBIN", 10), "tv-1"));
  EXPECT_EQ(again.error().order_id, placed.error().order_id);
  EXPECT_EQ(paper_.net("SBIN"), Quantity::whole(1));
}

TEST(TradeIds, DifferForAllOrdersOfADay) {
  std::set<std::string> ids;
  for (int i = 0; i < 100'000; ++i) {
    std::string number = std::to_string(i * 997 % 100'000'000);
    number.insert(0, 8 - number.size(), '0');
    ids.insert(trade_id("270630" + number, test::trading_morning()));
  }
  EXPECT_EQ(ids.size(), 100'000U);
  EXPECT_EQ(trade_id("27063000000001", test::trading_morning()),
            trade_id("27063000000001", test::trading_morning()));
}

TEST(ExchangeHours, OutsideThemOrdersWait) {
  test::PaperHarness paper{{.hours = MarketHours::Exchange}};
  paper.price("SBIN", "100");
  paper.desk.clock.advance(std::chrono::hours{8});  // 18:00
  const auto placed = paper.desk.place(with(buy("SBIN", 1), Product::Cnc));
  EXPECT_EQ(paper.desk.order(placed->order_id).status, OrderStatus::Open);
  paper.advance();
  EXPECT_EQ(paper.desk.order(placed->order_id).status, OrderStatus::Open);
  paper.desk.clock.advance(std::chrono::hours{16});  // 10:00 the next day, a Thursday
  paper.advance();
  EXPECT_EQ(paper.desk.order(placed->order_id).status, OrderStatus::Complete);
}

}  // namespace
}  // namespace kavach::paper
