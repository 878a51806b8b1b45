#include "audit/repeat_counter.h"

#include <gtest/gtest.h>

namespace kavach::audit {
namespace {

constexpr TimePoint kNow{std::chrono::hours{480'000}};

TEST(RepeatCounter, R32_AFewOfAPairAreRowsTheRestOneSummary) {
  RepeatCounter repeats{{.repeats_max = 3}};
  ASSERT_TRUE(repeats.is_over(kNow));
  EXPECT_TRUE(repeats.close(kNow).empty());
  int rows = 0;
  for (int i = 0; i < 10; ++i)
    rows += repeats.admits("login.failed", "192.0.2.1", kNow + Micros{i});
  rows += repeats.admits("login.failed", "192.0.2.2", kNow);
  EXPECT_EQ(rows, 4);
  const auto summaries = repeats.close(kNow + std::chrono::minutes{1});
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].offender, "192.0.2.1");
  EXPECT_EQ(summaries[0].count, 7U);
  EXPECT_EQ(summaries[0].first, kNow + Micros{3});
  EXPECT_EQ(summaries[0].last, kNow + Micros{9});
}

TEST(RepeatCounter, R32_TenThousandOffendersCostBoundedRowsAndMemory) {
  RepeatCounter repeats{{.repeats_max = 5, .rows_max = 100, .distinct_max = 50}};
  static_cast<void>(repeats.close(kNow));
  std::uint64_t rows = 0;
  for (int i = 0; i < 10'000; ++i)
    rows += repeats.admits("apikey.invalid", std::to_string(i), kNow);
  EXPECT_LE(rows, 100U);
  const auto summaries = repeats.close(kNow);
  EXPECT_LE(summaries.size(), 51U);
  std::uint64_t counted = 0;
  for (const auto& summary : summaries) counted += summary.count;
  EXPECT_EQ(rows + counted, 10'000U) << "nothing is lost, only summed up";
}

TEST(RepeatCounter, AClockSetBackEndsTheWindow) {
  RepeatCounter repeats{{}};
  static_cast<void>(repeats.close(kNow));
  EXPECT_FALSE(repeats.is_over(kNow + std::chrono::seconds{59}));
  EXPECT_TRUE(repeats.is_over(kNow + std::chrono::seconds{60}));
  EXPECT_TRUE(repeats.is_over(kNow - Micros{1}));
}

}  // namespace
}  // namespace kavach::audit
