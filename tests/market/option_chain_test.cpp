#include "market/option_chain.h"

#include <gtest/gtest.h>

#include <chrono>

#include "market/symbol.h"
#include "support/matchers.h"
#include "support/scripted_market.h"

namespace kavach::market {
namespace {

using namespace std::chrono_literals;
using test::price;

constexpr Date kExpiry = 2027y / 6 / 29;

InstrumentTable chain_table() {
  std::vector<Instrument> rows;
  for (std::int64_t strike = 26000; strike <= 27000; strike += 50) {
    for (const InstrumentType type : {InstrumentType::Call, InstrumentType::Put}) {
      if (strike == 26050 && type == InstrumentType::Put) continue;
      Instrument row;
      row.symbol = option_symbol("NIFTY", kExpiry, Price::whole(strike), type);
      row.name = "NIFTY";
      row.exchange = Exchange::Nfo;
      row.expiry = kExpiry;
      row.strike = Price::whole(strike);
      row.type = type;
      rows.push_back(row);
    }
  }
  return InstrumentTable{std::move(rows)};
}

OptionQuestion question(std::string_view offset, InstrumentType type) {
  return {.base = "NIFTY", .exchange = Exchange::Nfo, .expiry = kExpiry,
          .offset = *parse_strike_offset(offset), .type = type, .strike_step = std::nullopt};
}

std::string resolved(std::string_view offset, InstrumentType type, std::string_view last,
                     std::optional<std::int64_t> step = std::nullopt) {
  static const InstrumentTable table = chain_table();
  OptionQuestion asked = question(offset, type);
  asked.strike_step = step;
  const auto found = resolve_option(table, asked, price(last));
  return found ? (*found)->symbol : found.error().message;
}

TEST(OptionChain, ParsesOffsetsInAnyCaseAndNothingElse) {
  EXPECT_EQ(parse_strike_offset("atm")->steps, 0);
  EXPECT_EQ(parse_strike_offset("ITM50")->steps, -50);
  EXPECT_EQ(parse_strike_offset("Otm1")->steps, 1);
  for (const char* text : {"", "XYZ", "ITM", "ITM0", "ITM51", "OTM-1", "OTM1.5", "OTM01", "ITMx", "ATM1"}) {
    EXPECT_FALSE(parse_strike_offset(text)) << text;
  }
}

TEST(OptionChain, TheMoneyIsTheNearestStrikeAndTheLowerOfTwo) {
  EXPECT_EQ(resolved("ATM", InstrumentType::Call, "26483.4"), "NIFTY29JUN2726500CE");
  EXPECT_EQ(resolved("ATM", InstrumentType::Call, "26475"), "NIFTY29JUN2726450CE");
  EXPECT_EQ(resolved("ATM", InstrumentType::Put, "1"), "NIFTY29JUN2726000PE");
  EXPECT_EQ(resolved("ATM", InstrumentType::Put, "99999"), "NIFTY29JUN2727000PE");
}

TEST(OptionChain, OffsetsStepThroughTheListAndMirrorForPuts) {
  EXPECT_EQ(resolved("OTM2", InstrumentType::Call, "26483.4"), "NIFTY29JUN2726600CE");
  EXPECT_EQ(resolved("ITM2", InstrumentType::Call, "26483.4"), "NIFTY29JUN2726400CE");
  EXPECT_EQ(resolved("OTM2", InstrumentType::Put, "26483.4"), "NIFTY29JUN2726400PE");
  EXPECT_EQ(resolved("ITM2", InstrumentType::Put, "26483.4"), "NIFTY29JUN2726600PE");
  EXPECT_EQ(resolved("OTM50", InstrumentType::Call, "26483.4"),
            "Offset OTM50 is out of range for available strikes. Please use a smaller offset.");
}

TEST(OptionChain, AStrikeStepComputesTheStrikeHalfToEven) {
  EXPECT_EQ(resolved("ATM", InstrumentType::Call, "26450", 100), "NIFTY29JUN2726400CE");
  EXPECT_EQ(resolved("ATM", InstrumentType::Call, "26550", 100), "NIFTY29JUN2726600CE");
  EXPECT_EQ(resolved("OTM3", InstrumentType::Put, "26483.4", 100), "NIFTY29JUN2726200PE");
  EXPECT_NE(resolved("OTM30", InstrumentType::Call, "26483.4", 100).find("not found"), std::string::npos);
  EXPECT_NE(resolved("ATM", InstrumentType::Call, "26483.4", INT64_MAX).find("No strikes found"),
            std::string::npos);
}

TEST(OptionChain, AnUnknownSeriesIsNotFound) {
  OptionQuestion asked = question("ATM", InstrumentType::Call);
  asked.expiry = 2027y / 7 / 6;
  const auto found = resolve_option(chain_table(), asked, price("26500"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::NotFound);
  EXPECT_EQ(found.error().message,
            "No strikes found for NIFTY expiring 06JUL27. Please check expiry date or update master contract.");
}

TEST(OptionChain, ListsBothSidesOfTheMoneyWithLabels) {
  const InstrumentTable table = chain_table();
  const auto chain = option_chain(table, "NIFTY", Exchange::Nfo, kExpiry, price("26483.4"), 1);
  ASSERT_OK(chain);
  EXPECT_EQ(chain->at_the_money, price("26500"));
  ASSERT_EQ(chain->rows.size(), 3U);
  EXPECT_EQ(chain_label(chain->rows[0].steps, InstrumentType::Call), "ITM1");
  EXPECT_EQ(chain_label(chain->rows[0].steps, InstrumentType::Put), "OTM1");
  EXPECT_EQ(chain_label(chain->rows[1].steps, InstrumentType::Put), "ATM");
  EXPECT_EQ(chain_label(chain->rows[2].steps, InstrumentType::Call), "OTM1");
  const auto all = option_chain(table, "NIFTY", Exchange::Nfo, kExpiry, price("26483.4"), std::nullopt);
  ASSERT_OK(all);
  EXPECT_EQ(all->rows.size(), 21U);
  EXPECT_EQ(all->rows[1].put, nullptr);
}

TEST(OptionChain, ASyntheticFutureIsStrikePlusCallMinusPut) {
  const InstrumentTable table = chain_table();
  test::ScriptedMarket market;
  market.set(Exchange::Nfo, "NIFTY29JUN2726500CE", "158.4");
  auto future = synthetic_future(table, market, "NIFTY", Exchange::Nfo, kExpiry, price("26483.4"));
  ASSERT_FALSE(future);
  EXPECT_NE(future.error().message.find("Put option"), std::string::npos);
  market.set(Exchange::Nfo, "NIFTY29JUN2726500PE", "145.55");
  future = synthetic_future(table, market, "NIFTY", Exchange::Nfo, kExpiry, price("26483.4"));
  ASSERT_OK(future);
  EXPECT_EQ(future->price, price("26512.85"));
}

TEST(OptionChain, UnderlyingsAreQuotedWhereTheContractSays) {
  EXPECT_EQ(quoted_underlying("NIFTY29JUN27FUT", Exchange::Nfo), (InstrumentKey{Exchange::NseIndex, "NIFTY"}));
  EXPECT_EQ(quoted_underlying("SENSEX", Exchange::Bfo), (InstrumentKey{Exchange::BseIndex, "SENSEX"}));
  EXPECT_EQ(quoted_underlying("SBIN", Exchange::Nfo), (InstrumentKey{Exchange::Nse, "SBIN"}));
  EXPECT_EQ(quoted_underlying("CRUDEOIL18JUN27FUT", Exchange::Mcx),
            (InstrumentKey{Exchange::Mcx, "CRUDEOIL18JUN27FUT"}));
  EXPECT_EQ(quoted_underlying("NIFTY29JUN27", Exchange::NseIndex), (InstrumentKey{Exchange::NseIndex, "NIFTY"}));
  EXPECT_EQ(option_exchange(Exchange::BseIndex), Exchange::Bfo);
  EXPECT_EQ(option_exchange(Exchange::Nse), Exchange::Nfo);
  EXPECT_EQ(option_exchange(Exchange::Mcx), Exchange::Mcx);
}

}  // namespace
}  // namespace kavach::market
