#include "paper/placement_rules.h"

#include <gtest/gtest.h>

#include "paper_harness.h"

namespace kavach::paper {
namespace {

using market::Exchange;
using test::buy;
using test::limit;
using test::on;
using test::sell;
using test::stop;
using test::with;
using trading::OrderRequest;
using trading::Product;

class PlacementTest : public testing::Test {
 protected:
  PlacementTest() {
    paper_.price("SBIN", "100");
    paper_.market.set(Exchange::Nfo, "NIFTY28JUL27FUT", "25000");
    paper_.market.set(Exchange::Nfo, "NIFTY01JUL2725000CE", "120");
  }

  std::string refusal(OrderRequest request) {
    const auto placed = paper_.desk.place(std::move(request));
    return placed ? "" : placed.error().error.message;
  }
  Money margin(OrderRequest request) {
    trading::Books books = paper_.desk.books();
    const auto terms = paper_.exchange->examine(request, books, {});
    EXPECT_TRUE(terms.has_value()) << (terms ? "" : terms.error().error.message);
    return terms ? terms->margin : Money{};
  }
  static OrderRequest future(std::int64_t quantity) {
    return with(on(buy("NIFTY28JUL27FUT", quantity), Exchange::Nfo), Product::Nrml);
  }
  static OrderRequest call(OrderRequest request) {
    request.instrument = {Exchange::Nfo, "NIFTY01JUL2725000CE"};
    request.product = Product::Nrml;
    return request;
  }

  test::PaperHarness paper_;
};

TEST_F(PlacementTest, RefusesInTheContractsOrderAndWords) {
  EXPECT_EQ(refusal(buy("", 0)), "Missing required field: symbol");
  EXPECT_EQ(refusal(with(buy("NOPE", 0), Product::Nrml)),
            "NRML product not allowed for NSE equity segment. Use CNC for delivery or MIS for intraday.");
  EXPECT_EQ(refusal(with(future(10), Product::Cnc)),
            "CNC product not allowed for NFO derivatives segment. Use NRML for carryforward or MIS for "
            "intraday.");
  EXPECT_EQ(refusal(buy("NOPE", 0)), "Quantity must be positive");
  EXPECT_EQ(refusal(limit(buy("NOPE", 1), "0")), "LIMIT orders require price");
  EXPECT_EQ(refusal(stop(buy("NOPE", 1), "0", "0")), "SL orders require price");
  EXPECT_EQ(refusal(stop(buy("NOPE", 1), "0", "5")), "SL orders require trigger_price");
  EXPECT_EQ(refusal(stop(buy("NOPE", 1), "0")), "SL-M orders require trigger_price");
  EXPECT_EQ(refusal(buy("NOPE", 1)), "Symbol NOPE not found on NSE");
  EXPECT_EQ(refusal(future(76)), "Quantity must be in multiples of lot size 75");
  EXPECT_EQ(refusal(buy("ITC", 1)),
            "Cannot place MARKET order for ITC - unable to fetch current price. Please try again later or "
            "use LIMIT order with a specific price.");
  EXPECT_EQ(refusal(on(buy("NIFTY", 1), Exchange::NseIndex)),
            "NIFTY on NSE_INDEX is an index and cannot be traded");
  EXPECT_EQ(refusal(with(buy("SBIN", 200'000), Product::Cnc)),
            "Insufficient funds. Required: ₹20000000.00, Available: ₹10000000.00, Shortage: ₹10000000.00");
  EXPECT_TRUE(paper_.desk.books().orders().empty());
}

// They fill at the market, so a far-off price of their own must not buy a fortune on credit.
TEST_F(PlacementTest, StopPurchasesAndLimitSalesAreMarginedAtTheMarket) {
  EXPECT_EQ(margin(with(stop(buy("SBIN", 100), "0.05"), Product::Cnc)), Money::whole(10'000));
  EXPECT_EQ(margin(with(stop(buy("SBIN", 100), "0.05", "1000"), Product::Cnc)), Money::whole(10'000));
  EXPECT_EQ(margin(limit(sell("SBIN", 100), "95")), margin(sell("SBIN", 100)));
  EXPECT_EQ(refusal(with(stop(buy("SBIN", 1'000'000'000), "0.05"), Product::Cnc)),
            "Insufficient funds. Required: ₹100000000000.00, Available: ₹10000000.00, Shortage: ₹99990000000.00");
  EXPECT_EQ(refusal(stop(buy("ITC", 1), "5")),
            "Cannot place SL-M order for ITC - unable to fetch current price. Please try again later or "
            "use LIMIT order with a specific price.");
}

TEST_F(PlacementTest, AFractionOfAShareDoesNotExist) {
  auto half = buy("SBIN", 1);
  half.quantity = Quantity::parse("0.5").value();
  EXPECT_EQ(refusal(half), "Invalid quantity");
}

TEST_F(PlacementTest, ADeliverySaleWithoutSharesLeavesARejectedOrder) {
  const auto placed = paper_.desk.place(with(sell("SBIN", 5), Product::Cnc));
  ASSERT_FALSE(placed.has_value());
  EXPECT_EQ(placed.error().error.message,
            "Cannot sell SBIN in CNC. No positions or holdings available. CNC (delivery) requires existing "
            "shares. Use MIS for intraday short selling.");
  const auto order = paper_.desk.order(placed.error().order_id);
  EXPECT_EQ(order.status, trading::OrderStatus::Rejected);
  EXPECT_EQ(order.rejection_reason, placed.error().error.message);
  EXPECT_EQ(order.reference_price, test::price("100"));
  EXPECT_EQ(paper_.desk.books().funds().used_margin, Money{});
}

TEST_F(PlacementTest, OpenSalesCountAgainstTheShares) {
  ASSERT_EQ(refusal(with(buy("SBIN", 10), Product::Cnc)), "");
  ASSERT_EQ(refusal(with(limit(sell("SBIN", 6), "105"), Product::Cnc)), "");
  EXPECT_EQ(refusal(with(limit(sell("SBIN", 5), "105"), Product::Cnc)),
            "Cannot sell 5 shares of SBIN in CNC. Only 4 shares available (Position: 10, Holdings: 0)");
  EXPECT_EQ(refusal(with(sell("SBIN", 4), Product::Cnc)), "");
}

TEST_F(PlacementTest, MarginFollowsTheLeverageTable) {
  EXPECT_EQ(margin(buy("SBIN", 10)), Money::whole(200));
  EXPECT_EQ(margin(with(buy("SBIN", 10), Product::Cnc)), Money::whole(1000));
  EXPECT_EQ(margin(with(sell("SBIN", 10), Product::Mis)), Money::whole(200));
  EXPECT_EQ(margin(limit(buy("SBIN", 10), "95")), Money::whole(190));
  EXPECT_EQ(margin(stop(buy("SBIN", 10), "105")), Money::whole(210));
  EXPECT_EQ(margin(stop(buy("SBIN", 10), "105", "106")), Money::whole(210));
  EXPECT_EQ(margin(future(75)), Money::whole(187'500));
  EXPECT_EQ(margin(with(future(75), Product::Mis)), Money::whole(187'500));
  EXPECT_EQ(margin(call(buy("", 75))), Money::whole(9'000));
  EXPECT_EQ(margin(call(sell("", 75))), Money::whole(9'000));
}

TEST_F(PlacementTest, MarginCanBeAskedForWithoutHavingTheMoney) {
  EXPECT_EQ(paper_.exchange->margin_of(with(buy("SBIN", 1'000'000), Product::Cnc)).value(),
            Money::whole(100'000'000));
  EXPECT_EQ(paper_.exchange->margin_of(buy("NOPE", 1)).error().code, "UNKNOWN_SYMBOL");
}

TEST_F(PlacementTest, ClosingNeedsNoMarginAndReversingOnlyForTheExcess) {
  ASSERT_EQ(refusal(buy("SBIN", 10)), "");
  EXPECT_EQ(margin(sell("SBIN", 10)), Money{});
  EXPECT_EQ(margin(sell("SBIN", 15)), Money::whole(100));
  // Part of the position is about to be closed by another order.
  ASSERT_EQ(refusal(limit(sell("SBIN", 8), "105")), "");
  EXPECT_EQ(margin(sell("SBIN", 10)), Money::whole(160));
}

TEST(IntradayWindow, ClosesWithSquareOffAndLetsOnlyReductionsThrough) {
  test::PaperHarness paper{{.hours = MarketHours::Exchange}};
  paper.price("SBIN", "100");
  ASSERT_TRUE(paper.desk.place(buy("SBIN", 10)).has_value());
  paper.desk.clock.advance(std::chrono::hours{5} + std::chrono::minutes{15});
  const std::string closed =
      "MIS orders cannot be placed after square-off time (15:15 IST). Trading resumes at 09:00 AM IST.";
  EXPECT_EQ(paper.desk.place(buy("SBIN", 1)).error().error.message, closed);
  // A reversal would slip through if only the side were looked at.
  EXPECT_EQ(paper.desk.place(sell("SBIN", 11)).error().error.message, closed);
  EXPECT_TRUE(paper.desk.place(sell("SBIN", 10)).has_value());
  EXPECT_TRUE(paper.desk.place(with(buy("SBIN", 1), Product::Cnc)).has_value());
}

TEST(IntradayWindow, IsOpenRoundTheClockByDefault) {
  test::PaperHarness paper;
  paper.price("SBIN", "100");
  for (int hour = 0; hour < 24; ++hour) {
    paper.desk.clock.advance(std::chrono::hours{1});
    EXPECT_TRUE(paper.desk.place(buy("SBIN", 1)).has_value());
  }
}

}  // namespace
}  // namespace kavach::paper
