#include <gtest/gtest.h>

#include "gateway.h"
#include "trading/journal_event.h"

namespace kavach::api {
namespace {

using namespace trading;

Order order(std::string id, TimePoint at, std::string symbol = "ITC") {
  Order out;
  out.id = std::move(id);
  out.request.instrument = {market::Exchange::Nse, std::move(symbol)};
  out.request.quantity = Quantity::whole(40);
  out.request.strategy = "s";
  out.reference_price = test::price("431.5");
  out.placed_at = at;
  return out;
}

void apply(Books& books, TimePoint at, const std::string& id, auto what) {
  books.apply({.at = at, .account = "paper:7", .order_id = id, .what = std::move(what)});
}

// Yesterday's filled order, today's filled one and an open limit order.
void trade(Books& books, TimePoint now) {
  apply(books, now, "", AccountOpened{Money::whole(10'000'000)});
  const TimePoint yesterday = now - std::chrono::hours{24};
  apply(books, yesterday, "27062400000001", OrderIntended{.order = order("27062400000001", yesterday, "SBIN"),
                                                          .towards = {}, .actor = {}, .verdict = {}});
  apply(books, now, "27062500000001",
        OrderIntended{.order = order("27062500000001", now), .towards = {}, .actor = {}, .verdict = {}});
  apply(books, now, "27062500000001", OrderAccepted{"b1"});
  OrderFilled filled{};
  filled.trade_id = "TRADE-1";
  filled.quantity = Quantity::whole(40);
  filled.price = test::price("430.2");
  filled.position_quantity = Quantity::whole(40);
  filled.position_average = test::price("430.2");
  filled.position_cost = *Money::parse("17208");
  apply(books, now, "27062500000001", filled);
  Order resting = order("27062500000002", now);
  resting.request.price_type = PriceType::Limit;
  resting.request.price = test::price("400");
  apply(books, now, "27062500000002",
        OrderIntended{.order = resting, .towards = {}, .actor = {}, .verdict = {}});
  apply(books, now, "27062500000002", OrderAccepted{"b2"});
}

TEST(OrderBook, ShowsTodayNewestFirst) {
  Gateway gateway;
  trade(gateway.books(), gateway.clock.now());
  EXPECT_EQ(
      gateway.post("/api/v1/orderbook", "{}").body,
      R"({"data":{"orders":[{"action":"BUY","average_price":0.0,"exchange":"NSE","filled_quantity":0,)"
      R"("order_status":"open","orderid":"27062500000002","pending_quantity":40,"price":400.0,)"
      R"("pricetype":"LIMIT","product":"MIS","quantity":40,"rejection_reason":"","strategy":"s",)"
      R"("symbol":"ITC","timestamp":"2027-06-25 11:00:00","trigger_price":0.0},)"
      R"({"action":"BUY","average_price":430.2,"exchange":"NSE","filled_quantity":40,)"
      R"("order_status":"complete","orderid":"27062500000001","pending_quantity":0,"price":0.0,)"
      R"("pricetype":"MARKET","product":"MIS","quantity":40,"rejection_reason":"","strategy":"s",)"
      R"("symbol":"ITC","timestamp":"2027-06-25 11:00:00","trigger_price":0.0}],)"
      R"("statistics":{"total_buy_orders":2,"total_completed_orders":1,"total_open_orders":1,)"
      R"("total_rejected_orders":0,"total_sell_orders":0}},"status":"success"})");
}

TEST(OrderBook, AnalyzeShowsTheReferencePriceAndMode) {
  Gateway gateway;
  gateway.analyze();
  trade(gateway.books(), gateway.clock.now());
  const std::string body = gateway.post("/api/v1/orderbook", "{}").body;
  EXPECT_NE(body.find(R"("price":431.5,"pricetype":"MARKET")"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("total_trigger_pending_orders":0}},"mode":"analyze","status":"success"})"),
            std::string::npos);
}

TEST(OrderBook, AFailedReadIsAFailureAndNotAnEmptyBook) {
  Gateway gateway;
  gateway.desk.read_failure = Error{ErrorCode::Unavailable, "The books are being rebuilt.", ""};
  for (const char* path : {"orderbook", "tradebook", "positionbook", "holdings", "funds"}) {
    const auto answer = gateway.post("/api/v1/" + std::string{path}, "{}");
    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_EQ(answer.body, R"({"message":"The books are being rebuilt.","status":"error"})") << path;
  }
}

TEST(OrderStatus, KnowsOldOrdersToo) {
  Gateway gateway;
  trade(gateway.books(), gateway.clock.now());
  const auto found = gateway.post("/api/v1/orderstatus", R"({"strategy":"s","orderid":"27062500000001"})");
  EXPECT_NE(found.body.find(R"("average_price":430.2)"), std::string::npos) << found.body;
  EXPECT_NE(gateway.post("/api/v1/orderstatus", R"({"strategy":"s","orderid":"27062400000001"})").body.find("SBIN"),
            std::string::npos);
  const auto missing = gateway.post("/api/v1/orderstatus", R"({"strategy":"s","orderid":"x"})");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, R"({"message":"Order x not found","status":"error"})");
}

TEST(Books, TradesPositionsAndFunds) {
  Gateway gateway;
  trade(gateway.books(), gateway.clock.now());
  EXPECT_EQ(gateway.post("/api/v1/tradebook", "{}").body,
            R"({"data":[{"action":"BUY","average_price":430.2,"exchange":"NSE","orderid":"27062500000001",)"
            R"("product":"MIS","quantity":40,"symbol":"ITC","timestamp":"2027-06-25 11:00:00",)"
            R"("trade_value":17208.0}],"status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/positionbook", "{}").body,
            R"({"data":[{"average_price":430.2,"exchange":"NSE","ltp":431.2,"pnl":40.0,"product":"MIS",)"
            R"("quantity":40,"symbol":"ITC"}],"status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/funds", "{}").body,
            R"({"data":{"availablecash":"10000000.00","collateral":"0.00","m2mrealized":"0.00",)"
            R"("m2munrealized":"40.00","utiliseddebits":"0.00"},"status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/openposition",
                         R"({"strategy":"s","symbol":"ITC","exchange":"NSE","product":"MIS"})")
                .body,
            R"({"quantity":40,"status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/openposition",
                         R"({"strategy":"s","symbol":"ITC","exchange":"NYSE","product":"MIS"})")
                .body,
            R"({"quantity":0,"status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/holdings", "{}").body,
            R"({"data":{"holdings":[],"statistics":{"totalholdingvalue":0.0,"totalinvvalue":0.0,)"
            R"("totalpnlpercentage":0.0,"totalprofitandloss":0.0}},"status":"success"})");
}

TEST(Books, AnalyzePositionsCarryTotals) {
  Gateway gateway;
  gateway.analyze();
  trade(gateway.books(), gateway.clock.now());
  EXPECT_EQ(
      gateway.post("/api/v1/positionbook", "{}").body,
      R"({"data":[{"average_price":430.2,"exchange":"NSE","lot_size":1.0,"ltp":431.2,"pnl":40.0,)"
      R"("pnlpercent":0.23,"product":"MIS","quantity":40,"symbol":"ITC","today_realized_pnl":0.0,)"
      R"("total_pnl_today":40.0,"unrealized_pnl":40.0}],"mode":"analyze","status":"success",)"
      R"("total_pnl":40.0,"total_pnl_today":40.0,"total_today_realized_pnl":0.0,"total_unrealized_pnl":40.0})");
  const auto funds = gateway.post("/api/v1/funds", "{}").body;
  EXPECT_TRUE(funds.starts_with(R"({"data":{"availablecash":10000000.0,"collateral":0.0,)")) << funds;
}

TEST(PnlOfSymbols, IsForTheSimulatorOnly) {
  Gateway gateway;
  EXPECT_EQ(gateway.post("/api/v1/pnl/symbols", "{}").body,
            R"({"message":"This endpoint is only available in sandbox/analyzer mode","status":"error"})");
  gateway.analyze();
  EXPECT_EQ(gateway.post("/api/v1/pnl/symbols", "{}").status, 200);
}

TEST(ClosePosition, AProductClosesOnlyItsOwn) {
  Gateway gateway;
  gateway.post("/api/v1/closeposition", R"({"strategy":"s","product":"MIS"})");
  gateway.post("/api/v1/closeposition", R"({"strategy":"s"})");
  ASSERT_EQ(gateway.desk.calls.size(), 2U);
  EXPECT_EQ(gateway.desk.calls[0].what, "close_all");
  EXPECT_EQ(gateway.desk.calls[0].scope.product, trading::Product::Mis);
  EXPECT_EQ(gateway.desk.calls[0].scope.strategy, "s");
  EXPECT_FALSE(gateway.desk.calls[1].scope.product.has_value());
}

}  // namespace
}  // namespace kavach::api
