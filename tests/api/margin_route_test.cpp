#include <gtest/gtest.h>

#include "gateway.h"
#include "paper/paper_exchange.h"

namespace kavach::api {
namespace {

std::string basket(std::string_view position) {
  return R"({"positions":[)" + std::string{position} + "]}";
}

constexpr std::string_view kPosition =
    R"({"symbol":"ITC","exchange":"NSE","action":"BUY","product":"CNC","pricetype":"MARKET")";

std::string position(std::string_view rest) { return std::string{kPosition} + std::string{rest} + "}"; }

TEST(Margin, IsWhatTheVenueWouldBlock) {
  Gateway gateway;
  const paper::PaperExchange exchange{gateway.instruments, gateway.quotes, gateway.calendar, gateway.clock};
  gateway.services.margin_of = [&exchange](const trading::OrderRequest& request) {
    return exchange.margin_of(request);
  };
  const auto answer = gateway.post("/api/v1/margin", basket(position(R"(,"quantity":"10")")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body,
            R"({"data":{"exposure_margin":0,"span_margin":0,"total_margin_required":4312.0},"status":"success"})");
  const auto unknown = gateway.post(
      "/api/v1/margin",
      R"({"positions":[{"symbol":"NOPE","exchange":"NSE","action":"BUY","product":"MIS","pricetype":"MARKET","quantity":1}]})");
  EXPECT_EQ(unknown.status, 400) << unknown.body;
}

TEST(Margin, NamesThePositionThatIsWrong) {
  Gateway gateway;
  const auto message = [&gateway](std::string_view rest) {
    return gateway.post("/api/v1/margin", basket(position(R"(,"quantity":"1")") + "," + position(rest))).body;
  };
  EXPECT_EQ(message(R"(,"quantity":"0")"),
            R"({"message":"Position 2: Quantity must be a positive number","status":"error"})");
  EXPECT_EQ(message(R"(,"quantity":"1.5")"),
            R"({"message":"Position 2: Invalid quantity format","status":"error"})");
  EXPECT_EQ(message(R"(,"quantity":2,"price":"-1")"),
            R"({"message":"Position 2: Price cannot be negative","status":"error"})");
  EXPECT_EQ(message(R"(,"quantity":2,"price":"x")"),
            R"({"message":"Position 2: Invalid price format","status":"error"})");
  EXPECT_EQ(gateway.post("/api/v1/margin", R"({"positions":[]})").body,
            R"~({"message":"{'positions': ['Positions must contain 1 to 50 items.']}","status":"error"})~");
  EXPECT_EQ(gateway.post("/api/v1/margin", basket(position(R"(,"quantity":"1")"))).body,
            R"({"message":"Margin calculation not supported for broker: paper","status":"error"})");
}

}  // namespace
}  // namespace kavach::api
