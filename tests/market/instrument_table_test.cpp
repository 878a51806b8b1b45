#include "market/instrument_table.h"

#include <gtest/gtest.h>

#include <chrono>

namespace kavach::market {
namespace {

using namespace std::chrono_literals;

Instrument equity(std::string symbol, std::string name = "", Exchange exchange = Exchange::Nse) {
  Instrument out;
  out.symbol = symbol;
  out.broker_symbol = std::move(symbol);
  out.name = std::move(name);
  out.exchange = exchange;
  return out;
}

Instrument option(std::string name, Date expiry, std::int64_t strike, InstrumentType type) {
  Instrument out;
  out.symbol = name + expiry_code(expiry) + std::to_string(strike) + std::string{name_of(type)};
  out.broker_symbol = out.symbol;
  out.name = std::move(name);
  out.exchange = Exchange::Nfo;
  out.expiry = expiry;
  out.strike = Price::whole(strike);
  out.type = type;
  return out;
}

Instrument future(std::string name, Date expiry, Exchange exchange = Exchange::Mcx) {
  Instrument out = equity(name + expiry_code(expiry) + "FUT", name, exchange);
  out.expiry = expiry;
  out.type = InstrumentType::Future;
  return out;
}

std::vector<std::string> symbols(const std::vector<const Instrument*>& rows) {
  std::vector<std::string> out;
  for (const Instrument* row : rows) out.push_back(row->symbol);
  return out;
}

constexpr Date kNear = 2027y / 6 / 29;
constexpr Date kFar = 2027y / 7 / 6;

TEST(InstrumentTable, FindsExactlyAndCaseSensitively) {
  const InstrumentTable table{{equity("SBIN"), equity("SBIN", "", Exchange::Bse), equity("M&M")}};
  ASSERT_NE(table.find(Exchange::Bse, "SBIN"), nullptr);
  EXPECT_EQ(table.find(Exchange::Bse, "SBIN")->exchange, Exchange::Bse);
  EXPECT_NE(table.find(Exchange::Nse, "M&M"), nullptr);
  EXPECT_EQ(table.find(Exchange::Nse, "sbin"), nullptr);
  EXPECT_EQ(table.find(Exchange::Nfo, "SBIN"), nullptr);
  EXPECT_EQ(InstrumentTable{}.find(Exchange::Nse, "SBIN"), nullptr);
}

TEST(InstrumentTable, OfTwoRowsWithOneKeyTheFirstStandsAndIdsAreDense) {
  const InstrumentTable table{
      {equity("A", "first"), equity("A", "second"), equity("B"), equity("A", "third"), equity("C")}};
  ASSERT_EQ(table.all().size(), 3U);
  EXPECT_EQ(table.find(Exchange::Nse, "A")->name, "first");
  for (std::int64_t id = 1; id <= 3; ++id) EXPECT_EQ(table.find_id(id)->id, id);
  EXPECT_EQ(table.find_id(0), nullptr);
  EXPECT_EQ(table.find_id(4), nullptr);
  EXPECT_EQ(table.find(Exchange::Nse, "C")->id, 3);
}

TEST(InstrumentTable, SearchRanksEqualThenPrefixThenSymbolThenTheRest) {
  const InstrumentTable table{{equity("XTCS"), equity("OTHER", "TCS HOLDINGS"), equity("TCSLONG"),
                               equity("TCSB"), equity("TCSA"), equity("TCS"), equity("NOPE")}};
  EXPECT_EQ(symbols(table.search("tcs", std::nullopt)),
            (std::vector<std::string>{"TCS", "TCSA", "TCSB", "TCSLONG", "XTCS", "OTHER"}));
}

TEST(InstrumentTable, SearchNeedsEveryTermAndComparesStrikesAsNumbers) {
  const InstrumentTable table{{option("NIFTY", kNear, 26500, InstrumentType::Call),
                               option("NIFTY", kNear, 26500, InstrumentType::Put),
                               option("NIFTY", kNear, 26550, InstrumentType::Call)}};
  EXPECT_EQ(symbols(table.search("nifty 26500.00 ce", std::nullopt)),
            std::vector<std::string>{"NIFTY29JUN2726500CE"});
  EXPECT_TRUE(table.search("nifty bank", std::nullopt).empty());
  EXPECT_TRUE(table.search("   ", std::nullopt).empty());
}

TEST(InstrumentTable, SearchHonoursExchangeAndLimit) {
  std::vector<Instrument> rows;
  for (int i = 0; i < 600; ++i) rows.push_back(equity("S" + std::to_string(i)));
  rows.push_back(equity("S1", "", Exchange::Bse));
  const InstrumentTable table{std::move(rows)};
  EXPECT_EQ(table.search("s", std::nullopt).size(), 500U);
  EXPECT_EQ(table.search("s", Exchange::Bse).size(), 1U);
  EXPECT_EQ(table.search("s", std::nullopt, 3).size(), 3U);
}

TEST(InstrumentTable, ExpiriesMatchTheWholeBaseAndDropThePast) {
  const InstrumentTable table{{future("GOLD", kFar), future("GOLD", kNear), future("GOLDM", 2027y / 5 / 5),
                               option("NIFTY", kNear, 26500, InstrumentType::Call),
                               option("NIFTY", kFar, 26500, InstrumentType::Put),
                               option("NIFTY", kNear, 26500, InstrumentType::Put)}};
  EXPECT_EQ(table.expiries("GOLD", Exchange::Mcx, false, 2027y / 1 / 1), (std::vector<Date>{kNear, kFar}));
  EXPECT_EQ(table.expiries("GOLD", Exchange::Mcx, false, kFar), std::vector<Date>{kFar});
  EXPECT_EQ(table.expiries("NIFTY", Exchange::Nfo, true, kNear), (std::vector<Date>{kNear, kFar}));
  EXPECT_TRUE(table.expiries("NIFTY", Exchange::Nfo, false, kNear).empty());
  EXPECT_TRUE(table.expiries("GOL", Exchange::Mcx, false, kNear).empty());
  ASSERT_EQ(table.futures("GOLD", Exchange::Mcx, kNear).size(), 2U);
  EXPECT_EQ(table.futures("GOLD", Exchange::Mcx, kNear)[0]->expiry, kNear);
}

TEST(InstrumentTable, OptionSeriesAscendsByStrike) {
  const InstrumentTable table{{option("NIFTY", kNear, 26600, InstrumentType::Call),
                               option("NIFTY", kNear, 9000, InstrumentType::Call),
                               option("NIFTY", kNear, 26500, InstrumentType::Put),
                               option("NIFTY", kFar, 26400, InstrumentType::Call),
                               option("NIFTYNXT50", kNear, 1, InstrumentType::Call)}};
  EXPECT_EQ(symbols(table.option_series("NIFTY", Exchange::Nfo, kNear, InstrumentType::Call)),
            (std::vector<std::string>{"NIFTY29JUN279000CE", "NIFTY29JUN2726600CE"}));
}

TEST(Exchange, NamesRoundTripAndAreExact) {
  for (int i = 0; i < kExchangeCount; ++i) {
    const auto exchange = static_cast<Exchange>(i);
    EXPECT_EQ(parse_exchange(name_of(exchange)), exchange);
  }
  EXPECT_EQ(parse_exchange("nse"), std::nullopt);
  EXPECT_EQ(parse_exchange(""), std::nullopt);
  EXPECT_TRUE(is_derivative_exchange(Exchange::Nco));
  EXPECT_FALSE(is_derivative_exchange(Exchange::Bse));
  EXPECT_TRUE(is_index_exchange(Exchange::McxIndex));
}

}  // namespace
}  // namespace kavach::market
