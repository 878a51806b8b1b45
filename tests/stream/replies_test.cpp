#include "stream/replies.h"

#include <gtest/gtest.h>

#include "support/scripted_market.h"

namespace kavach::stream {
namespace {

using test::price;

market::Tick tick() {
  market::Tick tick;
  tick.key = {market::Exchange::Nse, "INFY"};
  tick.received = TimePoint{std::chrono::milliseconds{1'767'000'000'050}};
  auto& quote = tick.depth.quote;
  quote.at = TimePoint{std::chrono::milliseconds{1'767'000'000'000}};
  quote.last = price("1511.4");
  quote.open = price("1500");
  quote.high = price("1520");
  quote.low = price("1499.05");
  quote.close_previous = price("1505");
  quote.volume = 12'345;
  quote.last_quantity = 7;
  quote.average = price("1508.25");
  quote.bid = price("1511.3");
  quote.ask = price("1511.4");
  quote.bid_quantity = 50;
  quote.ask_quantity = 20;
  tick.depth.bids[0] = {price("1511.3"), 50, 3};
  tick.depth.asks[0] = {price("1511.4"), 20, 1};
  return tick;
}

TEST(Replies, ALastPriceCarriesItsInstrumentInsideDataToo) {
  EXPECT_EQ(market_data(tick(), Mode::Ltp, "zerodha"),
            R"({"type":"market_data","symbol":"INFY","exchange":"NSE","mode":1,"broker":"zerodha",)"
            R"("data":{"symbol":"INFY","exchange":"NSE","mode":1,"ltp":1511.4,"ltt":1767000000000,)"
            R"("timestamp":1767000000050}})");
}

TEST(Replies, AQuoteHasTheFieldNamesOfEveryClientLibrary) {
  const std::string text = market_data(tick(), Mode::Quote, "zerodha");
  for (const char* field :
       {R"("open":1500.0)", R"("high":1520.0)", R"("low":1499.05)", R"("close":1505.0)", R"("volume":12345)",
        R"("last_trade_quantity":7)", R"("last_quantity":7)", R"("avg_trade_price":1508.25)",
        R"("average_price":1508.25)", R"("change":6.4)", R"("change_percent":0.43)", R"("bid_price":1511.3)",
        R"("ask_price":1511.4)", R"("bid_size":50)", R"("ask_size":20)", R"("oi":0)"}) {
    EXPECT_NE(text.find(field), std::string::npos) << field << " in " << text;
  }
  EXPECT_EQ(text.find("depth"), std::string::npos);
}

TEST(Replies, DepthIsPaddedToFiveLevelsOnEachSide) {
  const std::string text = market_data(tick(), Mode::Depth, "zerodha");
  const std::string empty = R"({"price":0.0,"quantity":0,"orders":0})";
  const std::string four = empty + "," + empty + "," + empty + "," + empty;
  EXPECT_NE(text.find(R"("depth":{"buy":[{"price":1511.3,"quantity":50,"orders":3},)" + four +
                      R"(],"sell":[{"price":1511.4,"quantity":20,"orders":1},)" + four + "]}"),
            std::string::npos)
      << text;
}

TEST(Replies, AStalePriceSaysSo) {
  market::Tick late = tick();
  late.depth.quote.stale = true;
  EXPECT_NE(market_data(late, Mode::Ltp, "zerodha").find(R"("stale":true)"), std::string::npos);
}

TEST(Replies, AnOrderUpdateHasAllEighteenKeys) {
  trading::OrderUpdate update{"analyze:7", {}};
  auto& order = update.order;
  order.id = "26112312345678";
  order.request.instrument = {market::Exchange::Nse, "INFY"};
  order.request.quantity = *Quantity::parse("10");
  order.request.price_type = trading::PriceType::Limit;
  order.request.price = price("1512");
  order.status = trading::OrderStatus::Complete;
  order.filled = order.request.quantity;
  order.average_price = price("1510.9");
  EXPECT_EQ(order_update(update, "alice", "sandbox", true),
            R"({"type":"order_update","user_id":"alice","mode":"analyze","broker":"sandbox",)"
            R"("orderid":"26112312345678","symbol":"INFY","exchange":"NSE","action":"BUY","quantity":10,)"
            R"("price":1510.9,"trigger_price":0.0,"pricetype":"LIMIT","product":"MIS",)"
            R"("order_status":"complete","filled_quantity":10,"pending_quantity":0,)"
            R"("average_price":1510.9,"rejection_reason":""})");
}

TEST(Replies, UnsubscribingNamesWhatFailed) {
  EXPECT_EQ(unsubscribed_reply({}, "paper", {}),
            R"({"type":"unsubscribe","status":"success","message":"Unsubscription processing complete",)"
            R"("successful":[],"failed":[],"broker":"paper"})");
  EXPECT_EQ(unsubscribed_reply({{"INFY", "NSE", Mode::Quote, {}}, {"TCS", "NSE", Mode::Quote, "no"}}, "paper", "17"),
            R"({"type":"unsubscribe","status":"partial","message":"Unsubscription processing complete",)"
            R"("successful":[{"symbol":"INFY","exchange":"NSE","status":"success","broker":"paper"}],)"
            R"("failed":[{"symbol":"TCS","exchange":"NSE","status":"error","message":"no","broker":"paper"}],)"
            R"("broker":"paper","request_id":17})");
  EXPECT_NE(unsubscribed_reply({{"TCS", "NSE", Mode::Quote, "no"}}, "paper", {}).find(R"("status":"error","message":"Unsub)"),
            std::string::npos);
}

TEST(Replies, APongEchoesWhatWasSent) {
  EXPECT_EQ(pong_reply({"1767000000000", R"("abc")"}, 1'767'000'000'012),
            R"({"type":"pong","status":"success","server_timestamp":1767000000012,)"
            R"("client_timestamp":1767000000000,"_pingId":"abc"})");
  EXPECT_EQ(pong_reply({}, 12), R"({"type":"pong","status":"success","server_timestamp":12})");
}

TEST(Replies, BrokersAreListedAndCounted) {
  EXPECT_EQ(supported_brokers_reply({"paper"}),
            R"({"type":"supported_brokers","status":"success","brokers":["paper"],"count":1})");
  EXPECT_EQ(orders_reply(true, R"("o1")"),
            R"({"type":"subscribe_orders","status":"success","message":"Subscribed to order updates","request_id":"o1"})");
}

}  // namespace
}  // namespace kavach::stream
