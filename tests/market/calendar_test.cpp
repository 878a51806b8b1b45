#include "market/calendar.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kavach::market {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> names(const std::vector<Session>& sessions) {
  std::vector<std::string> out;
  for (const Session& session : sessions) out.emplace_back(name_of(session.exchange));
  return out;
}

TEST(Calendar, TimingsOfANormalDayAreInTheContractsOrderAndHours) {
  const Calendar calendar;
  const auto day = calendar.timings(2027y / 6 / 29);
  EXPECT_EQ(names(day), (std::vector<std::string>{"NSE", "BSE", "NFO", "BFO", "MCX", "BCD", "CDS", "NCO",
                                                  "CRYPTO"}));
  EXPECT_EQ(epoch_millis(day[0].open), 1814240700000);
  EXPECT_EQ(epoch_millis(day[0].close), 1814263200000);
  EXPECT_EQ(day[2].close, from_ist(2027y / 6 / 29, 15h + 40min));
  EXPECT_EQ(day[4].close, from_ist(2027y / 6 / 29, 23h + 55min));
}

TEST(Calendar, OnWeekendsOnlyCryptoTrades) {
  EXPECT_EQ(names(Calendar{}.timings(2027y / 6 / 27)), std::vector<std::string>{"CRYPTO"});
}

TEST(Calendar, OnAHolidayOnlyTheListedSessionsTrade) {
  const Calendar calendar;
  const auto all = calendar.holidays(2027);
  const auto day = std::ranges::find(all, Date{2027y / 1 / 26}, &Holiday::date);
  ASSERT_NE(day, all.end());
  EXPECT_EQ(day->description, "Republic Day");
  EXPECT_EQ(name_of(day->type), "TRADING_HOLIDAY");
  EXPECT_EQ(day->closed, (std::vector<Exchange>{Exchange::Nse, Exchange::Bse, Exchange::Nfo, Exchange::Bfo,
                                                Exchange::Cds, Exchange::Bcd}));
  ASSERT_FALSE(day->open.empty());
  EXPECT_EQ(day->open[0].exchange, Exchange::Mcx);
  EXPECT_EQ(epoch_millis(day->open[0].open), 1800963000000);
  EXPECT_EQ(epoch_millis(day->open[0].close), 1800987900000);
  EXPECT_FALSE(calendar.is_open(Exchange::Nse, from_ist(day->date, 11h)));
  EXPECT_FALSE(calendar.is_open(Exchange::Mcx, from_ist(day->date, 11h)));
  EXPECT_TRUE(calendar.is_open(Exchange::Mcx, from_ist(day->date, 18h)));
}

TEST(Calendar, HolidaysAscendAndAYearWithoutDataIsEmpty) {
  const Calendar calendar;
  for (const int year : {2025, 2026, 2027}) {
    const auto days = calendar.holidays(year);
    EXPECT_GE(days.size(), 10U);
    EXPECT_TRUE(std::ranges::is_sorted(days, {}, &Holiday::date));
  }
  EXPECT_TRUE(calendar.holidays(2031).empty());
}

TEST(Calendar, SpecialSessionsOpenAWeekendAndSettlementHolidaysTradeAsUsual) {
  const Calendar calendar;
  EXPECT_TRUE(calendar.is_open(Exchange::Nse, from_ist(2026y / 2 / 1, 10h)));
  EXPECT_FALSE(calendar.is_open(Exchange::Cds, from_ist(2026y / 2 / 1, 10h)));
  EXPECT_TRUE(calendar.is_open(Exchange::NseIndex, from_ist(2025y / 10 / 21, 14h)));
  EXPECT_FALSE(calendar.is_open(Exchange::Nse, from_ist(2025y / 10 / 21, 10h)));
  EXPECT_TRUE(calendar.is_open(Exchange::Nse, from_ist(2026y / 2 / 19, 10h)));
}

TEST(Calendar, ASessionIncludesItsOpeningAndExcludesItsClose) {
  const Calendar calendar;
  const Date day = 2027y / 6 / 29;
  EXPECT_FALSE(calendar.is_open(Exchange::Nse, from_ist(day, 9h + 15min) - 1us));
  EXPECT_TRUE(calendar.is_open(Exchange::Nse, from_ist(day, 9h + 15min)));
  EXPECT_FALSE(calendar.is_open(Exchange::Nse, from_ist(day, 15h + 30min)));
}

TEST(Calendar, TheLatestSessionReachesBackOverClosedDays) {
  const Calendar calendar;
  const auto session = calendar.latest_session(Exchange::Nse, from_ist(2027y / 6 / 28, 8h));
  EXPECT_EQ(session.open, from_ist(2027y / 6 / 25, 9h + 15min));
}

TEST(Calendar, ExpiriesMoveBeforeHolidays) {
  const Calendar calendar;
  EXPECT_EQ(calendar.trading_day_on_or_before(Exchange::Nfo, 2026y / 3 / 3), Date{2026y / 3 / 2});
  EXPECT_EQ(calendar.trading_day_on_or_before(Exchange::Nfo, 2026y / 3 / 10), Date{2026y / 3 / 10});
  EXPECT_EQ(calendar.trading_day_before(Exchange::Nfo, 2026y / 3 / 9), Date{2026y / 3 / 6});
}

TEST(Calendar, ExpiryAndSettlementMomentsDifferByExchange) {
  const Date day = 2027y / 6 / 29;
  EXPECT_EQ(epoch_seconds(expiry_moment(Exchange::Nfo, day)), 1814263200);
  EXPECT_EQ(expiry_moment(Exchange::Mcx, day), from_ist(day, 23h + 30min));
  EXPECT_EQ(expiry_moment(Exchange::Cds, day), from_ist(day, 12h + 30min));
  EXPECT_EQ(settlement_moment(Exchange::Nfo, day), from_ist(day, 15h + 40min));
  EXPECT_EQ(square_off_time(Exchange::Nfo), TimeOfDay{15 * 60 + 15});
  EXPECT_EQ(square_off_time(Exchange::Mcx), TimeOfDay{23 * 60 + 30});
}

}  // namespace
}  // namespace kavach::market
