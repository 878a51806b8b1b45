#include "app/request_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/civil_time.h"

namespace kavach::app {
namespace {

class RequestLogTest : public testing::Test {
 protected:
  guard::RequestRecord record(int status, std::string_view refusal = {}, std::uint32_t address = 0xC0A80001) {
    guard::RequestRecord made;
    made.client = IpAddress::v4(address);
    made.method = "POST";
    made.route = "/api/v1/placeorder";
    made.request_id = "00aa";
    made.username = "ada";
    made.status = status;
    made.refusal = refusal;
    return made;
  }
  int lines_with(std::string_view text) {
    return static_cast<int>(std::ranges::count_if(lines_, [&](const auto& line) { return line.contains(text); }));
  }

  std::vector<std::string> lines_;
  ManualClock clock_{TimePoint{Micros{1'800'000'000'000'000}}};
  Logger log_{clock_, Logger::Format::Text, LogLevel::Debug,
              [this](LogLevel, std::string_view line) { lines_.emplace_back(line); }};
  RequestLog requests_{clock_, log_};
};

TEST_F(RequestLogTest, AnOrdersLineHasTheRequestIdAndTheOrderId) {
  auto answered = record(200);
  const std::vector<guard::PlacedOrder> orders{{.order_id = "27063000000001", .status = "open", .stages = {}}};
  answered.orders = orders;
  requests_.answered(answered, Monotonic{});
  EXPECT_EQ(lines_with("info order.answered request_id=\"00aa\" order=\"27063000000001\""), 1);
  EXPECT_EQ(lines_with("debug request.answered"), 1);
}

TEST_F(RequestLogTest, WhatAnAttackerCausesIsCountedBeyondAFewLines) {
  for (int i = 0; i < 1'000; ++i) requests_.answered(record(403, "invalid_api_key"), Monotonic{});
  EXPECT_EQ(lines_with("request.refused"), 5);
  for (std::uint32_t i = 0; i < 5'000; ++i) requests_.answered(record(404, "not_found", 0x0A000000 + i), Monotonic{});
  EXPECT_LE(lines_.size(), 300U);
  lines_.clear();
  clock_.advance(std::chrono::minutes{1});
  requests_.tick();
  EXPECT_EQ(lines_with("reason=\"invalid_api_key\" address=\"192.168.0.1\" repeated=995"), 1);
  EXPECT_LE(lines_.size(), 1'025U);
}

TEST_F(RequestLogTest, AFailureOfOursIsAWarning) {
  requests_.answered(record(500, "internal"), Monotonic{});
  EXPECT_EQ(lines_with("warning request.failed request_id=\"00aa\" reason=\"internal\""), 1);
}

}  // namespace
}  // namespace kavach::app
