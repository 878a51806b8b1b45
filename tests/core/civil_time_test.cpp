#include "core/civil_time.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace kavach {
namespace {

using namespace std::chrono_literals;

TEST(CivilTime, PrintsAndReadsIst) {
  const TimePoint at = from_ist(*parse_date("2027-06-29"), 10h + 20min + 11s);
  EXPECT_EQ(ist_text(at), "2027-06-29 10:20:11");
  EXPECT_EQ(utc_text(at), "2027-06-29T04:50:11.000000Z");
  EXPECT_EQ(expiry_code(ist(at).date), "29JUN27");
  EXPECT_EQ(parse_expiry_code("29JUN27"), ist(at).date);
  for (const char* bad : {"31JUN27", "29jun27", "2JUN27", "29JUNX7", ""}) EXPECT_FALSE(parse_expiry_code(bad));
  for (const char* bad : {"2027-02-29", "2027-6-29", "2027/06/29", "20270629xx"}) EXPECT_FALSE(parse_date(bad));
}

TEST(CivilTime, NextOccurrenceIsStrictlyAfter) {
  const auto zone = TimeZone::find("Asia/Kolkata");
  ASSERT_OK(zone);
  const TimePoint at_cut = from_ist(*parse_date("2027-06-29"), 3h + 30min);
  EXPECT_EQ(zone->next(at_cut - 1us, TimeOfDay{210}), at_cut);
  EXPECT_EQ(zone->next(at_cut, TimeOfDay{210}), at_cut + 24h);
}

TEST(CivilTime, DaylightSavingGapAndOverlapHaveOneAnswer) {
  const auto zone = TimeZone::find("America/New_York");
  ASSERT_OK(zone);
  // 02:30 does not exist on 14 March 2027; the gap ends at 03:00 EDT = 07:00 UTC.
  const TimePoint before = TimePoint{std::chrono::sys_days{*parse_date("2027-03-14")}} + 5h;
  EXPECT_EQ(utc_text(zone->next(before, TimeOfDay{150})), "2027-03-14T07:00:00.000000Z");
  // 01:30 occurs twice on 7 November 2027; the first is EDT = 05:30 UTC.
  const TimePoint autumn = TimePoint{std::chrono::sys_days{*parse_date("2027-11-07")}} + 4h;
  EXPECT_EQ(utc_text(zone->next(autumn, TimeOfDay{90})), "2027-11-07T05:30:00.000000Z");
}

}  // namespace
}  // namespace kavach
