#include "market/builtin_universe.h"

#include <gtest/gtest.h>

#include <chrono>

#include "market/instrument_table.h"
#include "market/symbol.h"

namespace kavach::market {
namespace {

using namespace std::chrono_literals;

InstrumentTable universe(Date today) { return InstrumentTable{builtin_universe(Calendar{}, today)}; }

TEST(BuiltinUniverse, EverySymbolIsUniqueCanonicalAndUnexpired) {
  const Date today = 2026y / 11 / 25;
  const auto rows = builtin_universe(Calendar{}, today);
  const InstrumentTable table{rows};
  EXPECT_EQ(table.all().size(), rows.size());
  EXPECT_GT(rows.size(), 5'000U);
  EXPECT_LT(rows.size(), 9'000U);
  for (const Instrument& row : table.all()) {
    EXPECT_TRUE(row.tick_size.is_positive() && row.lot_size > 0 && row.reference_price.is_positive())
        << row.symbol;
    EXPECT_EQ(row.expiry.has_value(), is_derivative_exchange(row.exchange)) << row.symbol;
    if (!row.expiry) continue;
    EXPECT_GE(*row.expiry, today) << row.symbol;
    const auto contract = parse_contract(row.symbol);
    ASSERT_TRUE(contract) << row.symbol;
    EXPECT_EQ(contract->base, row.name);
    EXPECT_EQ(contract->expiry, row.expiry);
    EXPECT_EQ(contract->strike, row.strike);
    EXPECT_EQ(contract->type, row.type);
  }
}

TEST(BuiltinUniverse, HasTheSymbolsTheManualUses) {
  const InstrumentTable table = universe(2026y / 11 / 25);
  for (const char* symbol : {"RELIANCE", "INFY", "TCS", "SBIN", "ITC", "ONGC", "YESBANK", "TATAMOTORS", "HDFCBANK",
                             "ICICIBANK", "ASIANPAINT", "TITAN", "VEDL", "ZOMATO", "ETERNAL", "IDEA", "M&M"}) {
    EXPECT_NE(table.find(Exchange::Nse, symbol), nullptr) << symbol;
    EXPECT_NE(table.find(Exchange::Bse, symbol), nullptr) << symbol;
  }
  for (const char* symbol : {"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50", "INDIAVIX"}) {
    EXPECT_NE(table.find(Exchange::NseIndex, symbol), nullptr) << symbol;
  }
  for (const char* symbol : {"SENSEX", "BANKEX", "SENSEX50"}) {
    EXPECT_NE(table.find(Exchange::BseIndex, symbol), nullptr) << symbol;
  }
}

TEST(BuiltinUniverse, ContractsExpireOnTheExchangesDays) {
  const InstrumentTable table = universe(2027y / 6 / 21);
  const auto nifty = table.expiries("NIFTY", Exchange::Nfo, true, 2027y / 6 / 21);
  ASSERT_GE(nifty.size(), 5U);
  EXPECT_EQ(nifty[0], Date{2027y / 6 / 22});
  EXPECT_EQ(nifty[1], Date{2027y / 6 / 29});
  EXPECT_EQ(nifty[2], Date{2027y / 7 / 6});
  EXPECT_EQ(table.expiries("BANKNIFTY", Exchange::Nfo, true, 2027y / 6 / 21)[0], Date{2027y / 6 / 29});
  EXPECT_EQ(table.expiries("SENSEX", Exchange::Bfo, true, 2027y / 6 / 21)[0], Date{2027y / 6 / 24});
  EXPECT_EQ(table.expiries("RELIANCE", Exchange::Nfo, false, 2027y / 6 / 21).size(), 3U);
  EXPECT_EQ(table.expiries("CRUDEOIL", Exchange::Mcx, false, 2027y / 6 / 21)[0], Date{2027y / 7 / 19});
  EXPECT_EQ(table.expiries("USDINR", Exchange::Cds, false, 2027y / 6 / 21)[0], Date{2027y / 6 / 28});
}

TEST(BuiltinUniverse, AnExpiryOnAHolidayMovesToTheDayBefore) {
  const InstrumentTable table = universe(2026y / 3 / 1);
  EXPECT_EQ(table.expiries("NIFTY", Exchange::Nfo, true, 2026y / 3 / 1)[0], Date{2026y / 3 / 2});
}

TEST(BuiltinUniverse, AnExpiryDayStaysListedAndRollsTheDayAfter) {
  const Date tuesday = 2027y / 6 / 29;
  EXPECT_EQ(universe(tuesday).expiries("NIFTY", Exchange::Nfo, false, tuesday)[0], tuesday);
  const Date wednesday = 2027y / 6 / 30;
  EXPECT_EQ(universe(wednesday).expiries("NIFTY", Exchange::Nfo, false, wednesday)[0], Date{2027y / 7 / 27});
}

TEST(BuiltinUniverse, BuildsOnEveryDayOfThreeYears) {
  const Calendar calendar;
  for (std::chrono::sys_days day = 2025y / 1 / 1; day < std::chrono::sys_days{2028y / 1 / 1};
       day += std::chrono::days{13}) {
    EXPECT_GT(builtin_universe(calendar, Date{day}).size(), 5'000U);
  }
}

TEST(BuiltinUniverse, StrikesSurroundTheReferencePrice) {
  const InstrumentTable table = universe(2027y / 6 / 21);
  const auto series = table.option_series("NIFTY", Exchange::Nfo, 2027y / 6 / 29, InstrumentType::Call);
  ASSERT_EQ(series.size(), 101U);
  EXPECT_EQ(series[50]->strike, Price::whole(26500));
  EXPECT_EQ(series[50]->lot_size, 75);
  EXPECT_EQ(series[50]->freeze_quantity, 1800);
  EXPECT_EQ(series[51]->strike - series[50]->strike, Price::whole(50));
}

}  // namespace
}  // namespace kavach::market
