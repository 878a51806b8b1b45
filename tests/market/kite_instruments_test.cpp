#include "market/kite_instruments.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "market/instrument_table.h"
#include "support/matchers.h"

namespace kavach::market {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHeader =
    "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,"
    "instrument_type,segment,exchange\n";

std::string fixture() {
  std::ifstream file{"tests/fixtures/gokiteconnect-mocks/instruments_all.csv", std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

Result<KiteDump> load(std::string_view rows) {
  return load_kite_instruments(std::string{kHeader} + std::string{rows});
}

TEST(KiteInstruments, LoadsThePublishedDumpInPiecesOfAnySize) {
  const std::string csv = fixture();
  const auto dump = load_kite_instruments(csv);
  ASSERT_OK(dump);
  EXPECT_EQ(dump->rows, 99U);
  EXPECT_EQ(dump->skipped, 0U);

  KiteInstrumentLoader loader;
  for (std::size_t at = 0; at < csv.size(); at += 17) {
    ASSERT_OK(loader.feed(std::string_view{csv}.substr(at, 17)));
  }
  const auto pieces = loader.finish();
  ASSERT_OK(pieces);
  ASSERT_EQ(pieces->instruments.size(), dump->instruments.size());
  for (std::size_t i = 0; i < dump->instruments.size(); ++i) {
    EXPECT_EQ(pieces->instruments[i].symbol, dump->instruments[i].symbol);
  }
}

TEST(KiteInstruments, MapsThePublishedDumpToCanonicalSymbols) {
  const auto dump = load_kite_instruments(fixture());
  ASSERT_OK(dump);
  const InstrumentTable table{dump->instruments};

  const Instrument* option = table.find(Exchange::Nfo, "BANKNIFTY25JAN1823500CE");
  ASSERT_NE(option, nullptr);
  EXPECT_EQ(option->broker_symbol, "BANKNIFTY18JAN23500CE");
  EXPECT_EQ(option->name, "BANKNIFTY");
  EXPECT_EQ(option->token, "12073986::::47164");
  EXPECT_EQ(option->strike, Price::whole(23500));
  EXPECT_EQ(option->lot_size, 40);
  EXPECT_EQ(option->tick_size, *Price::parse("0.05"));
  EXPECT_EQ(option->expiry, 2018y / 1 / 25);

  const Instrument* equity = table.find(Exchange::Nse, "ADANIPORTS");
  ASSERT_NE(equity, nullptr);
  EXPECT_EQ(equity->name, "ADANI PORT & SEZ");
  EXPECT_NE(table.find(Exchange::Bse, "COX&KINGS"), nullptr);
  EXPECT_EQ(table.search("23500 banknifty", Exchange::Nfo).size(), 2U);
}

TEST(KiteInstruments, RenamesIndicesAndRebuildsContractsOfEverySegment) {
  const auto dump = load(
      "256265,1001,NIFTY 50,NIFTY 50,26483.4,,0,0,0,EQ,INDICES,NSE\n"
      "260105,1016,NIFTY BANK,NIFTY BANK,0,,0,0,0,EQ,INDICES,NSE\n"
      "1,2,NIFTY MIDCAP 100,NIFTY MIDCAP 100,0,,0,0,0,EQ,INDICES,NSE\n"
      "265,1,SENSEX,SENSEX,0,,0,0,0,EQ,INDICES,BSE\n"
      "3,4,CRUDEOIL27JUNFUT,CRUDEOIL,0,2027-06-18,0,1,100,FUT,MCX-FUT,MCX\n"
      "5,6,USDINR27MAY86.25CE,USDINR,0,2027-05-28,86.25,0.0025,1,CE,CDS-OPT,CDS\n"
      "7,8,NIFTY2770626500PE,NIFTY,0,2027-07-06,26500,0.05,75,PE,NFO-OPT,NFO\n"
      "9,10,SENSEX27JUNFUT,SENSEX,0,2027-06-24,0,0.05,20,FUT,BFO-FUT,BFO\n");
  ASSERT_OK(dump);
  EXPECT_EQ(dump->skipped, 0U);
  const InstrumentTable table{dump->instruments};
  ASSERT_NE(table.find(Exchange::NseIndex, "NIFTY"), nullptr);
  EXPECT_EQ(table.find(Exchange::NseIndex, "NIFTY")->broker_exchange, "NSE");
  EXPECT_TRUE(table.find(Exchange::NseIndex, "NIFTY")->tick_size.is_positive());
  EXPECT_NE(table.find(Exchange::NseIndex, "BANKNIFTY"), nullptr);
  EXPECT_NE(table.find(Exchange::NseIndex, "NIFTYMIDCAP100"), nullptr);
  EXPECT_NE(table.find(Exchange::BseIndex, "SENSEX"), nullptr);
  EXPECT_NE(table.find(Exchange::Mcx, "CRUDEOIL18JUN27FUT"), nullptr);
  EXPECT_NE(table.find(Exchange::Cds, "USDINR28MAY2786.25CE"), nullptr);
  EXPECT_NE(table.find(Exchange::Nfo, "NIFTY06JUL2726500PE"), nullptr);
  EXPECT_NE(table.find(Exchange::Bfo, "SENSEX24JUN27FUT"), nullptr);
}

TEST(KiteInstruments, SkipsAndCountsRowsThatMakeNoSense) {
  const auto dump = load(
      "1,1,GOOD,GOOD,0,,0,0.05,1,EQ,NSE,NSE\n"
      "1,1,SHORT\n"
      "1,1,NEGATIVETICK,X,0,,0,-0.05,1,EQ,NSE,NSE\n"
      "1,1,HUGELOT,X,0,,0,0.05,99999999999999999999,EQ,NSE,NSE\n"
      "1,1,NOWHERE,X,0,,0,0.05,1,EQ,MOON,MOON\n"
      "1,1,ODDTYPE,X,0,,0,0.05,1,SWAP,NSE,NSE\n"
      "1,1,X27JUNFUT,X,0,2027-02-30,0,0.05,1,FUT,NFO-FUT,NFO\n"
      "1,1,X27JUN0CE,X,0,2027-06-29,0,0.05,1,CE,NFO-OPT,NFO\n"
      "1,1,X27JUNFUT,<script>,0,2027-06-29,0,0.05,1,FUT,NFO-FUT,NFO\n"
      "1,1,BELL,\x07,0,,0,0.05,1,EQ,NSE,NSE\n"
      ",,,,,,,,,,,\n");
  ASSERT_OK(dump);
  EXPECT_EQ(dump->rows, 11U);
  EXPECT_EQ(dump->skipped, 10U);
  EXPECT_EQ(dump->instruments.front().symbol, "GOOD");
}

TEST(KiteInstruments, ADamagedDumpIsRefusedWhole) {
  EXPECT_FALSE(load_kite_instruments(""));
  EXPECT_FALSE(load_kite_instruments(kHeader));
  EXPECT_FALSE(load_kite_instruments("<html>Too many requests</html>\n"));
  EXPECT_FALSE(load_kite_instruments("tradingsymbol,exchange\nX,NSE\n"));
  EXPECT_FALSE(load("1,1,\"X,X,0,,0,0.05,1,EQ,NSE,NSE\n"));
  EXPECT_FALSE(load("1,1," + std::string(10'000, 'X') + ",X,0,,0,0.05,1,EQ,NSE,NSE\n"));
}

}  // namespace
}  // namespace kavach::market
