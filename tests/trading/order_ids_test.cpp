#include "trading/order_ids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "core/civil_time.h"
#include "support/matchers.h"

namespace kavach::trading {
namespace {

TimePoint at(int hour, int minute, int milli = 0) {
  return from_ist(Date{std::chrono::year{2027}, std::chrono::June, std::chrono::day{29}},
                  std::chrono::hours{hour} + std::chrono::minutes{minute}) +
         std::chrono::milliseconds{milli};
}

TEST(OrderIds, R3_FourteenDigitsStartingWithTheIndianDate) {
  OrderIds ids;
  const auto id = ids.next(at(0, 0, 1));
  ASSERT_OK(id);
  EXPECT_EQ(*id, "27062900000001");
  // Half past midnight in Mumbai is still yesterday in London.
  EXPECT_EQ(ids.next(at(0, 30))->substr(0, 6), "270629");
}

TEST(OrderIds, R3_NeverRepeatAndAlwaysRiseUnderThreads) {
  OrderIds ids;
  std::vector<std::vector<std::string>> drawn(4);
  {
    std::vector<std::jthread> threads;
    for (auto& own : drawn) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50'000; ++i) own.push_back(*ids.next(at(10, 0)));
      });
    }
  }
  std::set<std::string> all;
  for (const auto& own : drawn) {
    EXPECT_TRUE(std::ranges::is_sorted(own));
    all.insert(own.begin(), own.end());
  }
  EXPECT_EQ(all.size(), 200'000U);
}

TEST(OrderIds, R3_ARestartInTheSameMillisecondDoesNotRepeat) {
  OrderIds before;
  std::string last;
  for (int i = 0; i < 100; ++i) last = *before.next(at(10, 0));
  OrderIds after;
  after.seen(last);
  EXPECT_GT(*after.next(at(10, 0)), last);
}

TEST(OrderIds, R3_AClockSetBackDoesNotRepeat) {
  OrderIds ids;
  const std::string late = *ids.next(at(15, 0));
  EXPECT_GT(*ids.next(at(9, 0)), late);
}

TEST(OrderIds, ANewDayStartsAtItsOwnDate) {
  OrderIds ids;
  ASSERT_OK(ids.next(at(23, 59)));
  EXPECT_EQ(ids.next(at(23, 59) + std::chrono::hours{1})->substr(0, 6), "270630");
}

TEST(OrderIds, ADayThatIsUsedUpIsRefusedAndDoesNotRunIntoTheDate) {
  OrderIds ids;
  ids.seen("27062999999999");
  const auto id = ids.next(at(10, 0));
  ASSERT_FALSE(id.has_value());
  EXPECT_EQ(id.error().code, ErrorCode::Busy);
}

TEST(OrderIds, JunkInTheJournalIsIgnored) {
  OrderIds ids;
  ids.seen("");
  ids.seen("GTT-270629-aabbccdd");
  EXPECT_EQ(*ids.next(at(0, 0, 7)), "27062900000007");
}

}  // namespace
}  // namespace kavach::trading
