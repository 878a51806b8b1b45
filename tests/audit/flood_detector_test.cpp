#include "audit/flood_detector.h"

#include <gtest/gtest.h>

#include <algorithm>

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

TEST_F(FloodDetectorTest, WhoComesLateIsNotAccusedOfWhatOthersSent) {
  const IpAddress owner = *IpAddress::parse("198.51.100.7");
  for (int number = 0; number < 10; ++number) {
    for (std::uint32_t i = 0; i < 2'000; ++i) {
      const TimePoint at = kStart + std::chrono::seconds{number} + Micros{i};
      // Five heavy ones among ever new addresses, and the owner at the end, when all places are taken.
      const std::uint32_t host = i % 2 == 0 ? 0xC0000201U + i / 2 % 5 : 0x0A000000U + i;
      detector.observe(at, IpAddress::v4(host), std::chrono::milliseconds{20});
    }
    for (int i = 0; i < 2; ++i) {
      detector.observe(kStart + std::chrono::seconds{number} + Micros{5'000 + i}, owner, std::chrono::milliseconds{20});
    }
  }
  ASSERT_EQ(reports.size(), 1U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(reports[0].sources[i].offender.text().starts_with("192.0.2.")) << reports[0].sources[i].offender.text();
  }
  for (const FloodReport::Source& source : reports[0].sources) {
    if (source.offender.contains(owner)) {
      EXPECT_LE(source.requests, 20U);
    }
  }
}

TEST_F(FloodDetectorTest, TheOwnerIsNamedOnlyWhenItIsHimWhoFloods) {
  const IpAddress owner = *IpAddress::parse("198.51.100.7");
  const auto flood = [&](int first, int of_owner) {
    for (int number = first; number < first + 10; ++number) {
      for (int i = 0; i < 1'000; ++i) {
        const bool is_owner = i < of_owner;
        const IpAddress source = is_owner ? owner : IpAddress::v4(0xC0000200U + static_cast<std::uint32_t>(i % 50));
        detector.observe(kStart + std::chrono::seconds{number} + Micros{i}, source, std::chrono::milliseconds{20}, is_owner);
      }
    }
  };
  const auto names_owner = [&](const FloodReport& report) {
    return std::ranges::any_of(report.sources, [&](const auto& source) { return source.offender.contains(owner); });
  };
  flood(0, 100);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_FALSE(names_owner(reports[0])) << "he is the busiest, but the others are the flood";
  flood(1'000, 900);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_TRUE(names_owner(reports[1])) << "a strategy gone wild";
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
