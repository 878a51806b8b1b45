#include "market/symbol.h"

#include <gtest/gtest.h>

#include <chrono>

namespace kavach::market {
namespace {

using namespace std::chrono_literals;

constexpr Date kExpiry = 2027y / 6 / 29;

TEST(Symbol, FormatsAsTheContractSays) {
  EXPECT_EQ(future_symbol("CRUDEOIL", 2027y / 6 / 18), "CRUDEOIL18JUN27FUT");
  EXPECT_EQ(option_symbol("NIFTY", kExpiry, Price::whole(26500), InstrumentType::Call),
            "NIFTY29JUN2726500CE");
  EXPECT_EQ(option_symbol("VEDL", 2027y / 6 / 24, *Price::parse("482.50"), InstrumentType::Put),
            "VEDL24JUN27482.5PE");
}

TEST(Symbol, ParsesOptionsWhoseBaseHasDigitsAmpersandOrHyphen) {
  for (const char* base : {"NIFTY", "NIFTYNXT50", "M&M", "BAJAJ-AUTO", "360ONE", "CENTRALBK-BE"}) {
    const Contract option{.base = base, .expiry = kExpiry, .strike = *Price::parse("482.5"),
                          .type = InstrumentType::Put};
    EXPECT_EQ(parse_contract(symbol_of(option)), option) << base;
    const Contract future{.base = base, .expiry = kExpiry};
    EXPECT_EQ(parse_contract(symbol_of(future)), future) << base;
  }
}

TEST(Symbol, AFutureWithoutExpiryIsPerpetual) {
  const auto perpetual = parse_contract("ETHUSDFUT");
  ASSERT_TRUE(perpetual);
  EXPECT_EQ(perpetual->type, InstrumentType::PerpetualFuture);
  EXPECT_EQ(perpetual->base, "ETHUSD");
  EXPECT_EQ(perpetual->expiry, std::nullopt);
}

TEST(Symbol, RefusesWhatIsNotACanonicalContract) {
  for (const char* text :
       {"RELIANCE", "FORCE", "CE", "PE", "FUT", "", "29JUN2726500CE", "NIFTY31FEB2726500CE",
        "NIFTY29JUN27026500CE", "NIFTY29JUN2726500.0CE", "NIFTY29JUN2726500.CE", "NIFTY29JUN27.5CE",
        "NIFTY29JUN27CE", "NIFTY29JUN270CE", "NIFTY29JUN27-5CE", "nifty29jun2726500ce",
        "NIFTY29JUN2799999999999999999999CE", "NIF TY29JUN2726500CE", "NIFTY29JUN2726500CE ", "-FUT"}) {
    EXPECT_EQ(parse_contract(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_contract(std::string(100'000, 'A') + "FUT"), std::nullopt);
}

TEST(Symbol, SplitsAnEmbeddedExpiryOffAnUnderlying) {
  EXPECT_EQ(parse_underlying("nifty").base, "NIFTY");
  EXPECT_EQ(parse_underlying("nifty").expiry, std::nullopt);
  EXPECT_EQ(parse_underlying("NIFTY29JUN27").base, "NIFTY");
  EXPECT_EQ(parse_underlying("NIFTY29JUN27FUT").expiry, kExpiry);
  EXPECT_EQ(parse_underlying("M&M29JUN27FUT").base, "M&M");
  EXPECT_EQ(parse_underlying("29JUN27").base, "29JUN27");
}

}  // namespace
}  // namespace kavach::market
