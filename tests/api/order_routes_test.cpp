#include <gtest/gtest.h>

#include "gateway.h"

namespace kavach::api {
namespace {

constexpr std::string_view kBuy =
    R"({"apikey":"authenticated","strategy":"TradingView Strategy","symbol":"ITC","action":"buy",
        "exchange":"NSE","pricetype":"MARKET","product":"MIS","quantity":"40")";

std::string buy_with(std::string_view rest) { return std::string{kBuy} + std::string{rest} + "}"; }

trading::Refusal refusal(ErrorCode code, std::string token, std::string message, std::string id = {}) {
  return {Error{code, std::move(message), "detail"}, std::move(token), std::move(id)};
}

TEST(PlaceOrder, LiveAndAnalyzeAnswerInTheirShapes) {
  Gateway gateway;
  EXPECT_EQ(gateway.post("/api/v1/placeorder", buy_with("")).body,
            R"({"orderid":"27062900000001","status":"success"})");
  EXPECT_EQ(gateway.desk.calls.back().account, "paper:7");
  EXPECT_EQ(gateway.desk.calls.back().request.quantity, Quantity::whole(40));
  EXPECT_EQ(gateway.desk.calls.back().request.strategy, "TradingView Strategy");
  EXPECT_EQ(gateway.desk.calls.back().actor.username, "asha");
  gateway.analyze();
  EXPECT_EQ(gateway.post("/api/v1/placeorder/", buy_with("")).body,
            R"({"mode":"analyze","orderid":"27062900000002","status":"success"})");
  EXPECT_EQ(gateway.desk.calls.back().account, "analyze:7");
}

TEST(PlaceOrder, TS_R5_AnUnknownOutcomeIsNeitherSuccessNorFailure) {
  Gateway gateway;
  const std::string expected =
      R"({"code":"ORDER_OUTCOME_UNKNOWN","message":"The broker did not answer in time. )"
      R"(Do not send it again: ask orderstatus with this id.","orderid":"27062900000009","status":"error"})";
  gateway.desk.answers.push_back(std::unexpected(
      refusal(ErrorCode::OutcomeUnknown, "ORDER_OUTCOME_UNKNOWN", "x", "27062900000009")));
  gateway.desk.answers.push_back(
      trading::Placed{"27062900000009", trading::OrderStatus::Unknown, false});
  for (int i = 0; i < 2; ++i) {
    const auto answer = gateway.post("/api/v1/placeorder", buy_with(""));
    EXPECT_EQ(answer.status, 504);
    EXPECT_EQ(answer.body, expected);
  }
}

TEST(PlaceOrder, RefusalsCarryCodeAndStatus) {
  Gateway gateway;
  gateway.analyze();
  struct Case {
    trading::Refusal refusal;
    int status;
    std::string_view body;
  };
  for (const auto& [refused, status, body] : {
           Case{refusal(ErrorCode::InvalidInput, "UNKNOWN_SYMBOL", "Symbol NOPE not found on NSE"), 400,
                R"({"code":"UNKNOWN_SYMBOL","message":"Symbol NOPE not found on NSE","mode":"analyze","status":"error"})"},
           Case{refusal(ErrorCode::InvalidInput, "NO_SHARES", "Cannot sell", "27062900000003"), 400,
                R"({"code":"NO_SHARES","message":"Cannot sell","mode":"analyze","orderid":"27062900000003","status":"error"})"},
           Case{refusal(ErrorCode::Conflict, "DUPLICATE", "Key used"), 409,
                R"({"code":"DUPLICATE","message":"Key used","mode":"analyze","status":"error"})"},
           Case{refusal(ErrorCode::StorageFailed, "", "Not recorded"), 503,
                R"({"message":"Not recorded","mode":"analyze","status":"error"})"},
           Case{refusal(ErrorCode::Internal, "", "secret path /x"), 500,
                R"({"message":"An unexpected error occurred","mode":"analyze","status":"error"})"},
       }) {
    gateway.desk.answers.push_back(std::unexpected(refused));
    const auto answer = gateway.post("/api/v1/placeorder", buy_with(""));
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.body, body);
  }
}

TEST(PlaceOrder, SchemaRefusalsNeverCarryMode) {
  Gateway gateway;
  gateway.analyze();
  const auto answer = gateway.post("/api/v1/placeorder", buy_with(R"(,"quantity":0)"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body,
            R"({"message":"{'quantity': ['Quantity must be a positive number.']}","status":"error"})");
  EXPECT_TRUE(gateway.desk.calls.empty());
}

TEST(PlaceOrder, MissingKeyIsTheSchemaErrorAndAWrongOneIs403) {
  Gateway gateway;
  auto answer = gateway.without_key("/api/v1/placeorder", R"({"strategy":1})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.body.starts_with(
      R"({"message":"{'apikey': ['Missing data for required field.'], 'strategy': ['Not a valid string.'],)"))
      << answer.body;
  answer = gateway.with_wrong_key("/api/v1/placeorder", buy_with(""));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, R"({"message":"Invalid openalgo apikey","status":"error"})");
  EXPECT_EQ(gateway.with_wrong_key("/api/v1/optiongreeks", "{}").status, 401);
  EXPECT_EQ(gateway.with_wrong_key("/api/v1/optionchain", R"({"underlying":"NIFTY"})").body,
            R"({"message":"Failed to fetch LTP for NIFTY: Invalid openalgo apikey","status":"error"})");
}

TEST(PlaceOrder, TS_R4_IdempotencyKeyComesFromBodyOrHeader) {
  Gateway gateway;
  gateway.post("/api/v1/placeorder", buy_with(R"(,"client_order_id":"mine-1")"));
  EXPECT_EQ(gateway.desk.calls.back().request.client_order_id, "mine-1");
  gateway.header_name = "idempotency-key";
  gateway.header_value = "mine-2";
  gateway.post("/api/v1/placeorder", buy_with(""));
  EXPECT_EQ(gateway.desk.calls.back().request.client_order_id, "mine-2");
  EXPECT_EQ(gateway.post("/api/v1/placeorder", buy_with(R"(,"client_order_id":"mine-1")")).status, 400);
  gateway.header_value = std::string(65, 'x');
  EXPECT_EQ(gateway.post("/api/v1/placeorder", buy_with("")).status, 400);
  EXPECT_EQ(gateway.desk.calls.size(), 2U);
}

TEST(SmartOrder, AsksForTheTargetAndSaysWhenNothingIsNeeded) {
  Gateway gateway;
  gateway.post("/api/v1/placesmartorder", buy_with(R"(,"position_size":"-50.9")"));
  EXPECT_EQ(gateway.desk.calls.back().what, "place_towards");
  EXPECT_EQ(gateway.desk.calls.back().target, Quantity::whole(-50));
  const trading::Placed nothing{"", trading::OrderStatus::Complete, false};
  gateway.desk.answers = {nothing, nothing};
  EXPECT_EQ(gateway.post("/api/v1/placesmartorder", buy_with(R"(,"position_size":0)")).body,
            R"({"message":"Positions Already Matched. No Action needed.","status":"success"})");
  gateway.analyze();
  EXPECT_EQ(
      gateway.post("/api/v1/placesmartorder", buy_with(R"(,"position_size":0,"quantity":0)")).body,
      R"({"message":"No OpenPosition Found. Not placing Exit order.","mode":"analyze","status":"success"})");
}

TEST(ModifyAndCancel, EchoTheOrderId) {
  Gateway gateway;
  const std::string body = buy_with(R"(,"orderid":"27062900000005","price":"430","pricetype":"LIMIT")");
  EXPECT_EQ(gateway.post("/api/v1/modifyorder", body).body,
            R"({"orderid":"27062900000005","status":"success"})");
  EXPECT_EQ(gateway.desk.calls.back().change.price, Price::whole(430));
  EXPECT_EQ(gateway.post("/api/v1/cancelorder", R"({"strategy":"s","orderid":"27062900000005"})").body,
            R"({"orderid":"27062900000005","status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/cancelorder", R"({"strategy":"s","orderid":""})").body,
            R"({"message":"Order ID is missing","status":"error"})");
  gateway.analyze();
  EXPECT_EQ(
      gateway.post("/api/v1/cancelorder", R"({"strategy":"s","orderid":"5"})").body,
      R"({"message":"Order cancelled successfully","mode":"analyze","orderid":"5","status":"success"})");
}

TEST(CancelAll, ListsWhatWasAndWhatCouldNotBeCancelled) {
  Gateway gateway;
  gateway.desk.cancelled = {{"1", "2"}, {{"3", "gone"}}};
  EXPECT_EQ(gateway.post("/api/v1/cancelallorder", R"({"strategy":"s"})").body,
            R"({"canceled_orders":["1","2"],"failed_cancellations":["3"],)"
            R"("message":"Canceled 2 orders. Failed to cancel 1 orders.","status":"success"})");
  gateway.analyze();
  EXPECT_EQ(gateway.post("/api/v1/cancelallorder", R"({"strategy":"s"})").body,
            R"({"canceled_orders":["1","2"],"failed_cancellations":[{"message":"gone","orderid":"3"}],)"
            R"("message":"Canceled 2 orders. Failed to cancel 1 orders.","mode":"analyze","status":"success"})");
  gateway.desk.cancelled = {};
  EXPECT_EQ(gateway.post("/api/v1/cancelallorder", R"({"strategy":"s"})").body,
            R"({"canceled_orders":[],"failed_cancellations":[],"message":"No open orders to cancel",)"
            R"("mode":"analyze","status":"success"})");
}

TEST(ClosePosition, R11TheDeskIsToldOfAKeyThatMayOnlyReduce) {
  Gateway gateway;
  gateway.post("/api/v1/closeposition", R"({"strategy":"s"})");
  gateway.scopes = identity::scopes_of(identity::KeyScope::SquareOff);
  gateway.post("/api/v1/closeposition", R"({"strategy":"s"})");
  gateway.scopes = identity::scopes_of(identity::KeyScope::Read);  // what no route should let through
  gateway.post("/api/v1/placeorder", R"({"strategy":"s","exchange":"NSE","symbol":"ITC","action":"BUY","quantity":1})");
  ASSERT_EQ(gateway.desk.calls.size(), 3U);
  EXPECT_FALSE(gateway.desk.calls[0].actor.only_reduces);
  EXPECT_TRUE(gateway.desk.calls[1].actor.only_reduces);
  EXPECT_TRUE(gateway.desk.calls[2].actor.only_reduces);
}

TEST(ClosePosition, NeverCallsAnOpenPositionSquaredOff) {
  Gateway gateway;
  EXPECT_EQ(gateway.post("/api/v1/closeposition", R"({"strategy":"s"})").body,
            R"({"message":"All Open Positions Squared Off","status":"success"})");
  const trading::FailedClosure left{{market::Exchange::Nse, "SBIN"},
                                    trading::Product::Mis,
                                    {{ErrorCode::InvalidInput, "No price.", {}}, "NO_PRICE", {}}};
  gateway.desk.closed = {.closed = 2, .failures = {left}};
  const auto answer = gateway.post("/api/v1/closeposition", R"({"strategy":"s"})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.body, R"({"closed_positions":2,"failed_closures":1,"failures":[{"code":"NO_PRICE","exchange":"NSE",)"
                         R"("message":"No price.","product":"MIS","symbol":"SBIN"}],"code":"POSITIONS_LEFT_OPEN",)"
                         R"~("message":"Closed 2 positions (Failed to close 1 positions). SBIN: No price.",)~"
                         R"("status":"error"})");
  gateway.desk.closed = {.closed = 1, .pending = 1};
  const auto waiting = gateway.post("/api/v1/closeposition", R"({"strategy":"s"})");
  EXPECT_EQ(waiting.status, 200);
  EXPECT_EQ(waiting.body, R"({"closed_positions":1,"failed_closures":0,"pending_closures":1,)"
                          R"~("message":"Closed 1 positions (1 more have closing orders that are not filled yet)",)~"
                          R"("status":"success"})");
  gateway.desk.closed = {.closed = 2, .failures = {left}};
  gateway.analyze();
  EXPECT_EQ(gateway.post("/api/v1/closeposition", R"({"strategy":"s"})").body,
            R"({"closed_positions":2,"failed_closures":1,"failures":[{"code":"NO_PRICE","exchange":"NSE",)"
            R"("message":"No price.","product":"MIS","symbol":"SBIN"}],)"
            R"~("message":"Closed 2 positions (Failed to close 1 positions)","mode":"analyze","status":"success"})~");
  gateway.desk.closed = {.nothing_open = true};
  EXPECT_EQ(gateway.post("/api/v1/closeposition", R"({"strategy":"s"})").body,
            R"({"message":"No open positions to close","mode":"analyze","status":"success"})");
}

TEST(Basket, BuysFirstAndOneFailureStopsNothing) {
  Gateway gateway;
  gateway.desk.answers.push_back(trading::Placed{"1", trading::OrderStatus::Complete, false});
  gateway.desk.answers.push_back(
      std::unexpected(refusal(ErrorCode::InvalidInput, "INSUFFICIENT_FUNDS", "Insufficient funds")));
  const auto answer = gateway.post(
      "/api/v1/basketorder",
      R"({"strategy":"s","client_order_id":"b","orders":[
          {"symbol":"SBIN","exchange":"NSE","action":"SELL","quantity":1},
          {"symbol":"ITC","exchange":"NSE","action":"BUY","quantity":"2"}]})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body,
            R"({"results":[{"exchange":"NSE","product":"MIS","symbol":"ITC","orderid":"1","status":"success"},)"
            R"({"symbol":"SBIN","code":"INSUFFICIENT_FUNDS","message":"Insufficient funds","status":"error"}],)"
            R"("status":"success"})");
  EXPECT_EQ(gateway.desk.calls[0].request.client_order_id, "b#1");
  EXPECT_EQ(gateway.desk.calls[1].request.client_order_id, "b#2");
  EXPECT_EQ(gateway.post("/api/v1/basketorder", R"({"strategy":"s","orders":[]})").body,
            R"({"results":[],"status":"success"})");
}

// What was placed, as the account's books keep it.
void keep_in_books(Gateway& gateway) {
  trading::Books& books = gateway.desk.books["paper:7"];
  for (const auto& call : gateway.desk.calls) {
    trading::Order order;
    order.id = "2706290000000" + std::to_string(books.orders().size());
    order.request = call.request;
    books.apply({{}, "paper:7", order.id, trading::OrderIntended{order, {}, {}, {}}});
  }
  gateway.desk.calls.clear();
}

constexpr std::string_view kBasketOfOne =
    R"({"strategy":"s","client_order_id":"b","orders":[{"symbol":"ITC","exchange":"NSE","action":"BUY","quantity":"2"}]})";

TEST(Basket, TS_R4_ItsKeyStandsForTheWholeRequest) {
  Gateway gateway;
  gateway.post("/api/v1/basketorder", std::string{kBasketOfOne});
  keep_in_books(gateway);
  // The same again asks the desk, which knows the part's key; field order and the key's place do not matter.
  EXPECT_EQ(gateway.post("/api/v1/basketorder", R"({"orders":[{"exchange":"NSE","symbol":"ITC","quantity":"2","action":"BUY"}],
                                                    "client_order_id":"b","strategy":"s"})").status, 200);
  ASSERT_EQ(gateway.desk.calls.size(), 1U);
  EXPECT_EQ(gateway.desk.calls[0].request, gateway.desk.books["paper:7"].orders().front().request);
  gateway.desk.calls.clear();
  // A longer basket and an order of another kind are other requests: nothing is added to the first.
  const auto longer = gateway.post("/api/v1/basketorder",
      R"({"strategy":"s","client_order_id":"b","orders":[
          {"symbol":"ITC","exchange":"NSE","action":"BUY","quantity":"2"},
          {"symbol":"SBIN","exchange":"NSE","action":"BUY","quantity":"2"}]})");
  EXPECT_EQ(longer.status, 409);
  EXPECT_EQ(longer.body, R"({"code":"CLIENT_ORDER_ID_REUSED","message":"This client order id was used for another request.",)"
                         R"("orderid":"27062900000000","status":"error"})");
  EXPECT_EQ(gateway.post("/api/v1/splitorder", buy_with(R"(,"quantity":10,"splitsize":5,"client_order_id":"b")")).status, 409);
  EXPECT_TRUE(gateway.desk.calls.empty());
}

TEST(Split, TS_R4_APartUnderAForeignKeyStopsTheRest) {
  Gateway gateway;
  gateway.desk.answers.push_back(std::unexpected(refusal(ErrorCode::Conflict, "CLIENT_ORDER_ID_REUSED", "Used.")));
  gateway.post("/api/v1/splitorder", buy_with(R"(,"quantity":100,"splitsize":5,"client_order_id":"b")"));
  EXPECT_EQ(gateway.desk.calls.size(), 1U);
}

TEST(OptionsOrder, TS_R4_ARepeatedRequestMeansTheContractsOfTheFirst) {
  const std::string single =
      R"({"strategy":"s","underlying":"NIFTY","exchange":"NSE_INDEX","expiry_date":"29JUN27","client_order_id":"o",
          "offset":"ATM","option_type":"CE","action":"BUY","quantity":75)";
  const std::string legs =
      R"({"strategy":"s","underlying":"NIFTY","exchange":"NSE_INDEX","expiry_date":"29JUN27","client_order_id":"o",
          "legs":[{"offset":"ATM","option_type":"CE","action":"BUY","quantity":75}]})";
  for (const auto& [path, body] : {std::pair{"/api/v1/optionsorder", single + "}"},
                                   std::pair{"/api/v1/optionsorder", single + R"(,"splitsize":75})"},
                                   std::pair{"/api/v1/optionsmultiorder", legs}}) {
    Gateway gateway;
    gateway.post(path, body);
    keep_in_books(gateway);
    gateway.quotes.set(market::Exchange::NseIndex, "NIFTY", "26540");
    EXPECT_EQ(gateway.post(path, body).status, 200);
    ASSERT_EQ(gateway.desk.calls.size(), 1U) << path;
    EXPECT_EQ(gateway.desk.calls[0].request, gateway.desk.books["paper:7"].orders().front().request) << path;
    EXPECT_EQ(gateway.desk.calls[0].request.instrument.symbol, "NIFTY29JUN2726500CE");
  }
}

TEST(Split, SlicesAndLimits) {
  Gateway gateway;
  EXPECT_EQ(gateway.post("/api/v1/splitorder", buy_with(R"(,"quantity":130,"splitsize":"50")")).body,
            R"({"results":[{"order_num":1,"quantity":50,"orderid":"27062900000001","status":"success"},)"
            R"({"order_num":2,"quantity":50,"orderid":"27062900000002","status":"success"},)"
            R"({"order_num":3,"quantity":30,"orderid":"27062900000003","status":"success"}],)"
            R"("split_size":50,"status":"success","total_quantity":130})");
  const auto answer = gateway.post("/api/v1/splitorder", buy_with(R"(,"quantity":101,"splitsize":1)"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body,
            R"({"message":"Total number of orders would exceed maximum limit of 100","status":"error"})");
  EXPECT_EQ(gateway.desk.calls.size(), 3U);
}

TEST(OptionsOrder, ResolvesTheOffsetAndPlaces) {
  Gateway gateway;
  EXPECT_EQ(
      gateway.post("/api/v1/optionsorder",
                   R"({"strategy":"s","underlying":"NIFTY","exchange":"NSE_INDEX","expiry_date":"29JUN27",
                       "offset":"OTM1","option_type":"ce","action":"BUY","quantity":"75","splitsize":null})")
          .body,
      R"({"exchange":"NFO","offset":"OTM1","option_type":"CE","orderid":"27062900000001","status":"success",)"
      R"("symbol":"NIFTY29JUN2726550CE","underlying":"NIFTY","underlying_ltp":26483.4})");
  EXPECT_EQ(gateway.desk.calls.back().request.instrument.symbol, "NIFTY29JUN2726550CE");
  EXPECT_EQ(
      gateway.post("/api/v1/optionsmultiorder",
                   R"({"strategy":"s","underlying":"NIFTY","exchange":"NSE_INDEX","expiry_date":"29JUN27",
                       "legs":[{"offset":"ATM","option_type":"CE","action":"SELL","quantity":75},
                               {"offset":"OTM40","option_type":"PE","action":"BUY","quantity":75}]})")
          .body,
      R"({"results":[{"action":"SELL","exchange":"NFO","leg":1,"mode":"live","offset":"ATM",)"
      R"("option_type":"CE","product":"MIS","symbol":"NIFTY29JUN2726500CE","orderid":"27062900000002",)"
      R"("status":"success"},{"action":"BUY","leg":2,"offset":"OTM40","option_type":"PE",)"
      R"("message":"Offset OTM40 is out of range for available strikes. Please use a smaller offset.",)"
      R"("status":"error"}],"status":"success","underlying":"NIFTY","underlying_ltp":26483.4})");
}

}  // namespace
}  // namespace kavach::api
