#include "api/order_bodies.h"

#include <gtest/gtest.h>

#include <array>

namespace kavach::api {
namespace {

template <class Body>
std::string refusal(const RequestSchema<Body>& schema, std::string_view text,
                    KeyCheck key = KeyCheck::Done) {
  const auto parsed = parse_json(text);
  if (!parsed) return "not JSON";
  const auto decoded = schema.decode(parsed->as_object(), key);
  if (decoded) return "accepted";
  std::string out;
  append_python_literal(out, decoded.error());
  return out;
}

constexpr std::string_view kOrder =
    R"("strategy":"s","exchange":"NSE","symbol":"ITC","action":"BUY","quantity":"40")";

std::string order_with(std::string_view rest) {
  return "{\"apikey\":\"k\"," + std::string{kOrder} + std::string{rest} + "}";
}

TEST(PlaceOrderBody, TradingViewSendsTextsAndLowerCase) {
  const auto parsed = parse_json(R"({"apikey":"k","strategy":"TradingView Strategy","symbol":"ITC",
      "action":"buy","exchange":"NSE","pricetype":"LIMIT","product":"CNC","quantity":"40",
      "price":"431.5","trigger_price":"0","disclosed_quantity":"0"})");
  ASSERT_TRUE(parsed);
  const auto body = place_order_schema().decode(parsed->as_object(), KeyCheck::Required);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->side, trading::Side::Buy);
  EXPECT_EQ(body->quantity, Quantity::whole(40));
  EXPECT_EQ(body->price, Price::parse("431.5"));
  EXPECT_EQ(body->product, trading::Product::Cnc);
  EXPECT_EQ(body->price_type, trading::PriceType::Limit);
}

TEST(PlaceOrderBody, DefaultsAreMarketAndIntraday) {
  const auto parsed = parse_json(order_with(""));
  const auto body = place_order_schema().decode(parsed->as_object(), KeyCheck::Required);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->price_type, trading::PriceType::Market);
  EXPECT_EQ(body->product, trading::Product::Mis);
  EXPECT_TRUE(body->price.is_zero());
}

TEST(PlaceOrderBody, EmptyBodyNamesEveryRequiredFieldInTheContractsOrder) {
  std::string expected = "{";
  for (const auto* field : {"apikey", "strategy", "exchange", "symbol", "action", "quantity"}) {
    expected += std::string{expected.size() > 1 ? ", " : ""} + "'" + field +
                "': ['Missing data for required field.']";
  }
  EXPECT_EQ(refusal(place_order_schema(), "{}", KeyCheck::Required), expected + "}");
}

TEST(PlaceOrderBody, EveryRuleHasItsText) {
  struct Case {
    std::string_view rest;
    std::string_view expected;
  };
  // A repeated name replaces the one before it.
  for (const auto& [rest, expected] : std::to_array<Case>({
           {R"(,"quantity":0)", "{'quantity': ['Quantity must be a positive number.']}"},
           {R"(,"quantity":"-5")", "{'quantity': ['Quantity must be a positive number.']}"},
           {R"(,"quantity":1.5)",
            "{'quantity': ['Fractional quantity (1.5) is not allowed for non-crypto exchanges.']}"},
           {R"(,"quantity":"5.0")", "accepted"},
           {R"(,"quantity":true)", "{'quantity': ['Not a valid number.']}"},
           {R"(,"quantity":"NaN")",
            "{'quantity': ['Special numeric values (nan or infinity) are not permitted.']}"},
           {R"(,"quantity":null)", "{'quantity': ['Field may not be null.']}"},
           {R"(,"quantity":1e30)", "{'quantity': ['Number is too large.']}"},
           {R"(,"action":"Buy")", "{'action': ['Must be one of: BUY, SELL, buy, sell.']}"},
           {R"(,"action":1)", "{'action': ['Not a valid string.']}"},
           {R"(,"price":-1)", "{'price': ['Price must be a non-negative number.']}"},
           {R"(,"trigger_price":"-0.05")",
            "{'trigger_price': ['Trigger price must be a non-negative number.']}"},
           {R"(,"disclosed_quantity":-1)",
            "{'disclosed_quantity': ['Disclosed quantity must be a non-negative integer.']}"},
           {R"(,"disclosed_quantity":"5.0")", "{'disclosed_quantity': ['Not a valid integer.']}"},
           {R"(,"pricetype":"limit")", "{'pricetype': ['Must be one of: MARKET, LIMIT, SL, SL-M.']}"},
           {R"(,"product":"BO")", "{'product': ['Must be one of: MIS, NRML, CNC.']}"},
           {R"(,"exchange":"nse")",
            "{'exchange': ['Must be one of: NSE, NFO, CDS, BSE, BFO, BCD, MCX, NCDEX, NCO, NSE_INDEX, "
            "BSE_INDEX, MCX_INDEX, GLOBAL_INDEX, CRYPTO.']}"},
           {R"(,"underlying_ltp":null)", "accepted"},
           {R"(,"underlying_ltp":"x")", "{'underlying_ltp': ['Not a valid number.']}"},
           {R"(,"price_type":"LIMIT")", "{'price_type': ['Unknown field.']}"},
           {R"(,"it's":1)", "{\"it's\": ['Unknown field.']}"},
           {R"(,"symbol":5,"stoploss":1,"quantity":"")",
            "{'symbol': ['Not a valid string.'], 'quantity': ['Not a valid number.'], "
            "'stoploss': ['Unknown field.']}"},
           {R"(,"strategy":"")", "accepted"},
           {R"(,"symbol":"A\u0000B")", "{'symbol': ['Not a valid string.']}"},
       })) {
    EXPECT_EQ(refusal(place_order_schema(), order_with(rest)), expected) << rest;
  }
}

TEST(PlaceOrderBody, CryptoMayBeFractional) {
  EXPECT_EQ(refusal(place_order_schema(), order_with(R"(,"exchange":"CRYPTO","quantity":"0.025")")),
            "accepted");
}

TEST(PlaceOrderBody, KeyIsCheckedOnlyWhereAsked) {
  EXPECT_EQ(refusal(place_order_schema(), "{" + std::string{kOrder} + "}"), "accepted");
  EXPECT_EQ(refusal(place_order_schema(), R"({"apikey":"",)" + std::string{kOrder} + "}",
                    KeyCheck::Required),
            "{'apikey': ['Length must be between 1 and 256.']}");
  EXPECT_EQ(refusal(place_order_schema(), R"({"apikey":7,)" + std::string{kOrder} + "}",
                    KeyCheck::Required),
            "{'apikey': ['Not a valid string.']}");
}

TEST(PlaceOrderBody, ManyUnknownFieldsDoNotSwellTheReply) {
  std::string body = "{" + std::string{kOrder};
  for (int i = 0; i < 3000; ++i) body += ",\"f" + std::to_string(i) + "\":0";
  EXPECT_LT(refusal(place_order_schema(), body + "}").size(), 1000U);
}

TEST(SmartOrderBody, ZeroQuantityIsAnExit) {
  EXPECT_EQ(refusal(smart_order_schema(), order_with(R"(,"quantity":"0","position_size":"0")")),
            "accepted");
  EXPECT_EQ(refusal(smart_order_schema(), order_with(R"(,"quantity":"-1","position_size":"-40")")),
            "{'quantity': ['Quantity must be a non-negative number.']}");
  EXPECT_EQ(refusal(smart_order_schema(), order_with("")),
            "{'position_size': ['Missing data for required field.']}");
}

TEST(ModifyOrderBody, NodeClientLeavesTwoFieldsOut) {
  EXPECT_EQ(refusal(modify_order_schema(),
                    order_with(R"(,"orderid":"1","product":"MIS","pricetype":"LIMIT","price":"1")")),
            "accepted");
  EXPECT_EQ(refusal(modify_order_schema(), order_with(R"(,"orderid":1)")),
            "{'orderid': ['Not a valid string.'], 'product': ['Missing data for required field.'], "
            "'pricetype': ['Missing data for required field.'], "
            "'price': ['Missing data for required field.']}");
}

TEST(ClosePositionBody, AGroupThatCannotBeHonouredIsRefused) {
  EXPECT_EQ(refusal(close_position_schema(), R"({"strategy":"s","product":"MIS"})"), "accepted");
  EXPECT_EQ(refusal(close_position_schema(), R"({"strategy":"s","symbolgroup":""})"), "accepted");
  EXPECT_EQ(refusal(close_position_schema(), R"({"strategy":"s","symbolgroup":"banks"})"),
            "{'symbolgroup': ['Unknown field.']}");
}

TEST(BasketBody, ErrorsNameTheItem) {
  EXPECT_EQ(refusal(basket_schema(), R"({"strategy":"s","orders":[]})"), "accepted");
  EXPECT_EQ(refusal(basket_schema(), R"({"strategy":"s","orders":{}})"),
            "{'orders': ['Not a valid list.']}");
  EXPECT_EQ(
      refusal(basket_schema(),
              R"({"strategy":"s","orders":[{"symbol":"A","exchange":"NSE","action":"BUY","quantity":1},
                  {"symbol":"A","exchange":"NSE","action":"BUY","quantity":-1,"foo":1}, 7,
                  {"symbol":"A","exchange":"NSE","action":"BUY","quantity":1,"apikey":"k"}]})"),
      "{'orders': {1: {'quantity': ['Quantity must be a positive number.'], 'foo': ['Unknown field.']}, "
      "2: {'_schema': ['Invalid input type.']}, 3: {'apikey': ['Unknown field.']}}}");
}

TEST(SplitOrderBody, HasItsOwnTexts) {
  EXPECT_EQ(refusal(split_order_schema(), order_with(R"(,"quantity":0,"splitsize":"0")")),
            "{'quantity': ['Total quantity must be a positive number.'], "
            "'splitsize': ['Split size must be a positive integer.']}");
}

}  // namespace
}  // namespace kavach::api
