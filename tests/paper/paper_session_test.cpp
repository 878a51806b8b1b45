#include "paper/paper_session.h"

#include <gtest/gtest.h>

#include "paper_harness.h"

namespace kavach::paper {
namespace {

using namespace std::chrono_literals;
using market::Exchange;
using test::buy;
using test::limit;
using test::on;
using test::price;
using test::sell;
using test::with;
using trading::OrderStatus;
using trading::Product;

class SessionTest : public testing::Test {
 protected:
  explicit SessionTest(MarketHours hours = MarketHours::Exchange) : paper_{{.hours = hours}} {
    paper_.price("SBIN", "100");
  }
  void TearDown() override {
    const auto books = paper_.desk.books();
    EXPECT_EQ(books.dump(), paper_.desk.replayed().dump());
    Money holdings;
    for (const auto& [key, holding] : books.holdings()) holdings += holding.cost;
    EXPECT_EQ(books.funds().available + books.funds().used_margin + holdings,
              books.funds().capital + books.funds().realised_total);
  }
  void place(trading::OrderRequest request) {
    const auto placed = paper_.desk.place(std::move(request));
    ASSERT_TRUE(placed.has_value()) << placed.error().error.message;
  }
  test::PaperHarness paper_;
};

TEST_F(SessionTest, IntradayPositionsAndOrdersEndAtSquareOff) {
  place(buy("SBIN", 10));
  place(limit(buy("SBIN", 10), "90"));
  place(with(limit(buy("SBIN", 10), "90"), Product::Cnc));
  paper_.pass_until(15, 14);
  EXPECT_EQ(paper_.net("SBIN"), Quantity::whole(10));
  paper_.pass_until(15, 15);
  EXPECT_EQ(paper_.net("SBIN"), Quantity{});
  const auto books = paper_.desk.books();
  EXPECT_EQ(books.orders().back().request.strategy, "AUTO_SQUARE_OFF");
  int cancelled = 0;
  for (const trading::Order& order : books.orders()) {
    cancelled += order.status == OrderStatus::Cancelled ? 1 : 0;
    if (order.status == OrderStatus::Cancelled) {
      EXPECT_EQ(order.request.product, Product::Mis);
    }
  }
  EXPECT_EQ(cancelled, 1);
}

TEST_F(SessionTest, ASquareOffWithoutAPriceIsOneOrderThatWaits) {
  place(buy("SBIN", 10));
  auto quote = *paper_.market.quote(test::instrument(Exchange::Nse, "SBIN"));
  quote.high = price("99");  // outside its range: not to be traded on
  paper_.market.set(Exchange::Nse, "SBIN", quote);
  paper_.pass_until(15, 15);
  for (int minute = 0; minute < 5; ++minute) paper_.pass(1min);
  EXPECT_EQ(paper_.desk.books().orders().size(), 2U);
  paper_.tick("SBIN", "101");
  EXPECT_EQ(paper_.net("SBIN"), Quantity{});
}

TEST_F(SessionTest, R6_APositionAboveTheFreezeQuantityIsSquaredOffInSlices) {
  paper_.market.set(Exchange::Nfo, "NIFTY28JUL27FUT", "100");
  for (int i = 0; i < 3; ++i) place(on(buy("NIFTY28JUL27FUT", 1800), Exchange::Nfo));
  paper_.pass_until(15, 25);
  for (const auto& [key, position] : paper_.desk.books().positions()) {
    EXPECT_TRUE(position.quantity.is_zero()) << position.quantity.text();
  }
}

TEST_F(SessionTest, R20_ASquareOffThatFailsIsToldOnce) {
  place(buy("SBIN", 10));
  paper_.desk.clock.advance(5h + 20min);  // 15:20
  paper_.desk.set_state(trading::TradingState::Halted);
  PaperSession session{*paper_.desk,     paper_.desk.instruments, paper_.market,         paper_.desk.clock,
                       paper_.desk.audit(), Logger::silent(),     {.hours = MarketHours::Exchange}};
  const auto told = [&] {
    return paper_.desk.database.number("SELECT COUNT(*) FROM audit_events WHERE kind = 'squareoff.failed' AND body LIKE "
                                       "'%TRADING_HALTED%' AND body LIKE '%SBIN%'");
  };
  for (int minute = 0; minute < 3; ++minute) {
    paper_.desk.clock.advance(1min);
    session.tick();
    paper_.desk.settle();
  }
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(paper_.net("SBIN"), Quantity::whole(10));
  paper_.desk.set_state(trading::TradingState::Active);
  paper_.desk.clock.advance(1min);
  session.tick();
  paper_.desk.settle();
  EXPECT_EQ(paper_.net("SBIN"), Quantity{});
  EXPECT_EQ(told(), 1);
}

TEST_F(SessionTest, R12_ClosingWhileTheMarketIsClosedSellsNothingTwiceAtTheOpen) {
  place(with(buy("SBIN", 75), Product::Cnc));
  paper_.pass_until(16, 0);
  for (int i = 0; i < 3; ++i) {
    const auto closed = paper_.desk.close_all();
    EXPECT_EQ(closed.closed, 0);
    EXPECT_EQ(closed.pending, 1);
  }
  EXPECT_EQ(paper_.desk.books().orders().size(), 2U);
  paper_.desk.clock.advance(17h + 30min);  // 09:30
  paper_.tick("SBIN", "101");
  EXPECT_EQ(paper_.net("SBIN", Product::Cnc), Quantity{});
}

TEST_F(SessionTest, R12_AStopOverTheWholePositionNeitherBlocksTheExitNorOutlivesIt) {
  paper_.price("SBIN", "800");
  place(buy("SBIN", 60'000));
  place(test::stop(sell("SBIN", 60'000), "700"));
  const auto closed = paper_.desk.close_all();
  EXPECT_EQ(closed.closed, 1) << (closed.failures.empty() ? "" : closed.failures[0].why.error.message);
  EXPECT_EQ(paper_.net("SBIN"), Quantity{});
  paper_.tick("SBIN", "650");
  EXPECT_EQ(paper_.net("SBIN"), Quantity{});
  EXPECT_EQ(paper_.desk.books().funds().used_margin, Money{});
}

TEST_F(SessionTest, ASquareOffMissedOvernightHappensAtTheNextStart) {
  place(buy("SBIN", 10));
  paper_.desk.clock.advance(23h + 30min);  // 09:30 the next day
  paper_.pass(1min);
  EXPECT_EQ(paper_.net("SBIN"), Quantity{});
}

TEST_F(SessionTest, BoughtSharesBecomeHoldingsAtMidnight) {
  place(with(buy("SBIN", 10), Product::Cnc));
  paper_.pass_until(23, 59);
  EXPECT_TRUE(paper_.desk.books().holdings().empty());
  paper_.pass_until(0, 1);
  const auto books = paper_.desk.books();
  ASSERT_EQ(books.holdings().size(), 1U);
  const auto& holding = books.holdings().begin()->second;
  EXPECT_EQ(holding.quantity, Quantity::whole(10));
  EXPECT_EQ(holding.average_price, price("100"));
  EXPECT_EQ(date_text(holding.settled_on), "2027-07-01");
  EXPECT_EQ(books.funds().used_margin, Money{});
  EXPECT_EQ(books.funds().available, Money::whole(9'999'000));
  EXPECT_EQ(paper_.net("SBIN", Product::Cnc), Quantity{});
}

TEST_F(SessionTest, SoldHoldingsShowAsANegativePositionUntilTheySettle) {
  place(with(buy("SBIN", 10), Product::Cnc));
  paper_.pass_until(0, 1);
  paper_.desk.clock.advance(10h);
  paper_.price("SBIN", "120");
  place(with(sell("SBIN", 4), Product::Cnc));
  EXPECT_EQ(paper_.net("SBIN", Product::Cnc), Quantity::whole(-4));
  EXPECT_EQ(paper_.desk.books().holdings().begin()->second.quantity, Quantity::whole(10));
  EXPECT_EQ(paper_.desk.books().funds().available, Money::whole(9'999'000));
  const auto too_many = paper_.desk.place(with(sell("SBIN", 7), Product::Cnc));
  EXPECT_EQ(too_many.error().error.message,
            "Cannot sell 7 shares of SBIN in CNC. Only 6 shares available (Position: -4, Holdings: 10)");
  paper_.pass_until(0, 1);
  EXPECT_EQ(paper_.desk.books().holdings().begin()->second.quantity, Quantity::whole(6));
  EXPECT_EQ(paper_.desk.books().funds().available, Money::whole(9'999'480));
  EXPECT_EQ(paper_.desk.books().funds().realised_total, Money::whole(80));
}

TEST_F(SessionTest, ANewSessionStartsTodaysFiguresFromZero) {
  place(buy("SBIN", 10));
  paper_.price("SBIN", "110");
  place(sell("SBIN", 10));
  paper_.pass(1min);
  EXPECT_EQ(paper_.desk.books().funds().realised_today, Money::whole(100));
  paper_.pass_until(2, 59);
  EXPECT_EQ(paper_.desk.books().funds().realised_today, Money::whole(100));
  paper_.pass_until(3, 0);
  EXPECT_EQ(paper_.desk.books().funds().realised_today, Money{});
  EXPECT_EQ(paper_.desk.books().funds().realised_total, Money::whole(100));
  const auto rows = paper_.desk.database.number("SELECT COUNT(*) FROM journal");
  paper_.pass(1h);
  EXPECT_EQ(paper_.desk.database.number("SELECT COUNT(*) FROM journal"), rows);
}

TEST_F(SessionTest, ExpiredContractsAreSettledAndTheirOrdersCancelled) {
  paper_.market.set(Exchange::Nfo, "NIFTY01JUL2725000CE", "120");
  auto call = with(on(buy("NIFTY01JUL2725000CE", 75), Exchange::Nfo), Product::Nrml);
  place(call);
  place(limit(call, "100"));
  paper_.desk.clock.advance(24h);  // expiry day
  paper_.market.set(Exchange::Nfo, "NIFTY01JUL2725000CE", "150");
  paper_.pass_until(15, 39);
  EXPECT_EQ(paper_.desk.books().positions().begin()->second.quantity, Quantity::whole(75));
  paper_.pass_until(15, 40);
  const auto books = paper_.desk.books();
  EXPECT_TRUE(books.positions().begin()->second.quantity.is_zero());
  EXPECT_EQ(books.funds().realised_total, Money::whole(75 * 30));
  EXPECT_EQ(books.funds().used_margin, Money{});
  EXPECT_EQ(books.orders().back().status, OrderStatus::Cancelled);
}

TEST_F(SessionTest, FinishedOrdersAreKnownForADayAndThenLeaveTheBooks) {
  const auto bought = paper_.desk.place(test::keyed(buy("SBIN", 10), "tv-1"));
  place(sell("SBIN", 10));
  const auto resting = paper_.desk.place(with(limit(buy("SBIN", 1), "50"), Product::Cnc));
  paper_.pass(24h);
  EXPECT_EQ(paper_.desk.place(test::keyed(buy("SBIN", 10), "tv-1"))->order_id, bought->order_id);
  EXPECT_EQ(paper_.desk.books().fills().size(), 2U);
  paper_.pass(24h);
  const auto books = paper_.desk.books();
  EXPECT_EQ(books.orders().size(), 1U);
  EXPECT_NE(books.find_order(resting->order_id), nullptr);
  EXPECT_TRUE(books.fills().empty());
}

class RoundTheClockTest : public SessionTest {
 protected:
  RoundTheClockTest() : SessionTest{MarketHours::Always} {}
};

TEST_F(RoundTheClockTest, IntradayEndsOnlyWithTheSession) {
  place(buy("SBIN", 10));
  paper_.pass_until(15, 20);
  paper_.pass_until(23, 50);
  EXPECT_EQ(paper_.net("SBIN"), Quantity::whole(10));
  paper_.pass_until(2, 59);
  EXPECT_EQ(paper_.net("SBIN"), Quantity::whole(10));
  paper_.pass_until(3, 0);
  EXPECT_EQ(paper_.net("SBIN"), Quantity{});
  place(buy("SBIN", 10));
  paper_.pass(1h);
  EXPECT_EQ(paper_.net("SBIN"), Quantity::whole(10));
}

TEST_F(RoundTheClockTest, AnExpiredContractTradesNoMore) {
  paper_.market.set(Exchange::Nfo, "NIFTY01JUL2725000CE", "120");
  const auto call = with(on(buy("NIFTY01JUL2725000CE", 75), Exchange::Nfo), Product::Nrml);
  const auto resting = paper_.desk.place(limit(call, "100"));
  paper_.desk.clock.advance(24h + 5h + 39min);  // 15:39 on expiry day
  paper_.pass(0min);
  paper_.desk.clock.advance(1min);
  paper_.market.set(Exchange::Nfo, "NIFTY01JUL2725000CE", "90");
  paper_.advance();
  EXPECT_EQ(paper_.desk.order(resting->order_id).status, OrderStatus::Open);
  const auto late = paper_.desk.place(call);
  EXPECT_TRUE(!late || paper_.desk.order(late->order_id).status == OrderStatus::Open);
  paper_.pass(1min);
  EXPECT_EQ(paper_.desk.order(resting->order_id).status, OrderStatus::Cancelled);
}

}  // namespace
}  // namespace kavach::paper
