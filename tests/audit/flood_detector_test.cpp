#include "audit/flood_detector.h"

#include <gtest/gtest.h>

namespace kavach::audit {
namespace {

constexpr TimePoint kStart{std::chrono::hours{480'000}};

struct FloodDetectorTest : testing::Test {
  void second(int number, int requests, Monotonic queueing, std::uint32_t first_host = 1) {
    for (int i = 0; i < requests; ++i) {
      const auto heavy = i % 2 == 0;
      const auto host =
          heavy ? 0xC0000207U : 0x0A000000U + first_host + static_cast<std::uint32_t>(i);
      detector.observe(kStart + std::chrono::seconds{number} + Micros{i}, IpAddress::v4(host),
                       queueing);
    }
  }
  std::vector<FloodReport> reports;
  FloodDetector detector{{}, [this](const FloodReport& report) { reports.push_back(report); }};
};

TEST_F(FloodDetectorTest, AStandingQueueUnderLoadIsReportedOnceWithItsHeaviestSource) {
  for (int i = 0; i < 10; ++i) {
    second(i, 1'000, std::chrono::milliseconds{20}, static_cast<std::uint32_t>(i) * 1'000);
  }
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].requests_per_second, 1'000U);
  EXPECT_EQ(reports[0].queueing, std::chrono::milliseconds{20});
  ASSERT_FALSE(reports[0].sources.empty());
  EXPECT_EQ(reports[0].sources[0].offender.text(), "192.0.2.7");
  EXPECT_LE(reports[0].sources.size(), 10U);
}

TEST_F(FloodDetectorTest, ABusyButFastGatewayIsNotFlooded) {
  for (int i = 0; i < 10; ++i) second(i, 5'000, std::chrono::microseconds{50});
  EXPECT_TRUE(reports.empty());
}

TEST_F(FloodDetectorTest, ASlowButIdleGatewayIsNotFlooded) {
  for (int i = 0; i < 10; ++i) second(i, 3, std::chrono::milliseconds{500});
  EXPECT_TRUE(reports.empty());
}

TEST_F(FloodDetectorTest, ASingleBurstIsNotAFlood) {
  second(0, 1'000, std::chrono::milliseconds{20});
  second(1, 1'000, std::chrono::milliseconds{20});
  second(2, 1'000, std::chrono::microseconds{10});
  second(3, 1'000, std::chrono::milliseconds{20});
  second(4, 1'000, std::chrono::microseconds{10});
  EXPECT_TRUE(reports.empty());
}

}  // namespace
}  // namespace kavach::audit
