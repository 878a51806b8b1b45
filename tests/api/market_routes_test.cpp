#include <gtest/gtest.h>

#include "gateway.h"

namespace kavach::api {
namespace {

TEST(Quotes, AnswersEveryFieldAndRefusesUnknownSymbols) {
  Gateway gateway;
  EXPECT_EQ(gateway.post("/api/v1/quotes/", R"({"symbol":"ITC","exchange":"NSE"})").body,
            R"({"data":{"ask":431.25,"bid":431.15,"high":431.2,"low":431.2,"ltp":431.2,"oi":0,"open":431.2,)"
            R"("prev_close":431.2,"volume":1000000},"status":"success"})");
  const auto unknown = gateway.post("/api/v1/quotes", R"({"symbol":"NOPE","exchange":"NSE"})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.body,
            R"({"message":"Symbol 'NOPE' not found for exchange 'NSE'. Please verify the symbol name and )"
            R"(ensure master contracts are downloaded.","status":"error"})");
  EXPECT_EQ(gateway.post("/api/v1/quotes", R"({"symbol":5})").body,
            R"({"message":{"exchange":["Missing data for required field."],"symbol":["Not a valid string."]},)"
            R"("status":"error"})");
}

TEST(MultiQuotes, UnknownSymbolsComeFirst) {
  Gateway gateway;
  const auto answer = gateway.post(
      "/api/v1/multiquotes",
      R"({"symbols":[{"symbol":"ITC","exchange":"NSE"},{"symbol":"SBIN","exchange":"NSE"},{"symbol":"X","exchange":"NSE"}]})");
  EXPECT_TRUE(answer.body.starts_with(R"({"results":[{"error":"Symbol 'X' not found)")) << answer.body;
  EXPECT_NE(answer.body.find(R"({"error":"No quote data available","exchange":"NSE","symbol":"SBIN"})"),
            std::string::npos);
  const auto none =
      gateway.post("/api/v1/multiquotes", R"({"symbols":[{"symbol":"X","exchange":"NSE"}]})");
  EXPECT_EQ(none.status, 400);
  EXPECT_TRUE(none.body.starts_with(R"({"invalid_symbols":[{"error":"Symbol 'X')"));
  EXPECT_EQ(gateway.post("/api/v1/multiquotes", R"({"symbols":[]})").body,
            R"({"message":{"symbols":["Shorter than minimum length 1."]},"status":"error"})");
  EXPECT_EQ(gateway.post("/api/v1/multiquotes", R"({"symbols":[{"symbol":"X"}]})").body,
            R"({"message":{"symbols":{"0":{"exchange":["Missing data for required field."]}}},"status":"error"})");
}

TEST(Depth, HasExactlyFiveLevels) {
  Gateway gateway;
  const auto answer = gateway.post("/api/v1/depth", R"({"symbol":"ITC","exchange":"NSE"})");
  EXPECT_TRUE(answer.body.starts_with(
      R"({"data":{"asks":[{"price":431.25,"quantity":100000},{"price":0.0,"quantity":0},{"price":0.0,"quantity":0},)"
      R"({"price":0.0,"quantity":0},{"price":0.0,"quantity":0}],"bids":[)"))
      << answer.body;
}

TEST(History, DailyCandlesCarryMidnightUtcOfTheirDate) {
  Gateway gateway;
  const market::Candle candle{at_ist("2027-06-24", 9, 15), Price::whole(1), Price::whole(3),
                              Price::whole(1), Price::whole(2), 10, 0};
  gateway.quotes.set_candles(market::Exchange::Nse, "ITC", {candle});
  const std::string day = R"("symbol":"ITC","exchange":"NSE","start_date":"2027-06-24","end_date":"2027-06-24")";
  EXPECT_EQ(gateway.post("/api/v1/history", "{" + day + R"(,"interval":"D"})").body,
            R"({"data":[{"close":2.0,"high":3.0,"low":1.0,"oi":0,"open":1.0,"timestamp":1813795200,"volume":10}],)"
            R"("status":"success"})");
  EXPECT_NE(gateway.post("/api/v1/history", "{" + day + R"(,"interval":"5m"})").body.find(
                R"("timestamp":1813808700)"),
            std::string::npos);
  EXPECT_EQ(gateway.post("/api/v1/history", "{" + day + R"(,"interval":"5m","source":"db"})").status, 404);
  EXPECT_EQ(gateway.get("/api/v1/ticker/NSE:ITC", "apikey=k&from=2027-06-24&to=2027-06-24&format=txt").body,
            "NSE:ITC,2027-06-24,1.0,3.0,1.0,2.0,10");
  EXPECT_EQ(gateway.get("/api/v1/ticker/NSE:ITC", "from=2027-06-24&to=x&sort=1").body,
            R"({"message":{"to":["Not a valid date."]},"status":"error"})");
}

TEST(Instruments, RecordsSearchAndDownload) {
  Gateway gateway;
  EXPECT_EQ(gateway.post("/api/v1/symbol", R"({"symbol":"NIFTY29JUN2726500CE","exchange":"NFO"})").body,
            R"({"data":{"brexchange":"NFO","brsymbol":"NIFTY29JUN2726500CE","exchange":"NFO","expiry":"29-JUN-27",)"
            R"("freeze_qty":1800,"id":6,"instrumenttype":"CE","lotsize":75,"name":"NIFTY","strike":26500.0,)"
            R"("symbol":"NIFTY29JUN2726500CE","tick_size":0.05,"token":"1"},"status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/symbol", R"({"symbol":"NOPE","exchange":"NSE"})").status, 404);
  EXPECT_NE(gateway.post("/api/v1/search", R"({"query":"nifty 26500"})").body.find(
                R"("message":"Found 2 matching symbols")"),
            std::string::npos);
  EXPECT_EQ(gateway.post("/api/v1/search", R"({"query":"zzz"})").body,
            R"({"data":[],"message":"No matching symbols found","status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/search", R"({"query":"  "})").status, 400);
  EXPECT_EQ(gateway.post("/api/v1/expiry",
                         R"({"symbol":"nifty","exchange":"NFO","instrumenttype":"options"})")
                .body,
            R"({"data":["29-JUN-27"],"message":"Found 1 expiry dates for NIFTY options in NFO","status":"success"})");
  const auto csv = gateway.get("/api/v1/instruments", "apikey=k&exchange=NSE_INDEX&format=CSV");
  EXPECT_EQ(csv.content_type, "text/csv");
  EXPECT_EQ(csv.body,
            "symbol,brsymbol,name,exchange,brexchange,token,expiry,strike,lotsize,instrumenttype,tick_size\r\n"
            "NIFTY,NIFTY,NIFTY,NSE_INDEX,NSE_INDEX,1,,0.0,1,INDEX,0.05\r\n");
  EXPECT_NE(gateway.post("/api/v1/instruments", R"({"exchange":"NSE"})").body.find("Found 2 instruments"),
            std::string::npos);
}

TEST(Options, SymbolChainAndSyntheticFuture) {
  Gateway gateway;
  gateway.quotes.set(market::Exchange::Nfo, "NIFTY29JUN2726500CE", "158.4");
  gateway.quotes.set(market::Exchange::Nfo, "NIFTY29JUN2726500PE", "145.55");
  EXPECT_EQ(
      gateway.post("/api/v1/optionsymbol",
                   R"({"underlying":"NIFTY29JUN27FUT","exchange":"NFO","offset":"itm1","option_type":"PE"})")
          .body,
      R"({"status":"success","symbol":"NIFTY29JUN2726550PE","exchange":"NFO","lotsize":75,"tick_size":0.05,)"
      R"("freeze_qty":1800,"underlying_ltp":26483.4})");
  EXPECT_EQ(gateway.post("/api/v1/optionsymbol",
                         R"({"underlying":"NIFTY","exchange":"NFO","offset":"XYZ","option_type":"PE"})")
                .body,
            R"({"errors":{"offset":["Offset must be ATM, ITM1-ITM50, or OTM1-OTM50"]},)"
            R"("message":"Validation error","status":"error"})");
  EXPECT_EQ(gateway.post("/api/v1/syntheticfuture",
                         R"({"underlying":"NIFTY","exchange":"NSE_INDEX","expiry_date":"29JUN27"})")
                .body,
            R"({"atm_strike":26500.0,"expiry":"29JUN27","status":"success","synthetic_future_price":26512.85,)"
            R"("underlying":"NIFTY","underlying_ltp":26483.4})");
  const auto chain = gateway.post(
      "/api/v1/optionchain",
      R"({"underlying":"NIFTY","exchange":"NSE_INDEX","expiry_date":"29JUN27","strike_count":1,"with_greeks":true})");
  EXPECT_EQ(chain.status, 200);
  EXPECT_NE(chain.body.find(R"("atm_strike":26500.0,"quotes_included":true,"greeks_included":true,"forward_price":26512.85)"),
            std::string::npos)
      << chain.body;
  EXPECT_NE(chain.body.find(R"({"symbol":"NIFTY29JUN2726450CE","label":"ITM1","ltp":0.0)"), std::string::npos);
}

TEST(Greeks, ManyInOneReplyEachWithItsOwnFate) {
  Gateway gateway;
  gateway.quotes.set(market::Exchange::Nfo, "NIFTY29JUN2726500CE", "158.4");
  const auto one = gateway.post("/api/v1/optiongreeks",
                                R"({"symbol":"NIFTY29JUN2726500CE","exchange":"NFO","forward_price":26512.85})");
  EXPECT_EQ(one.status, 200);
  EXPECT_NE(one.body.find(R"("spot_price":26512.85)"), std::string::npos) << one.body;
  EXPECT_NE(one.body.find(R"("expiry_date":"29-Jun-2027")"), std::string::npos);
  const auto many = gateway.post(
      "/api/v1/multioptiongreeks",
      R"({"symbols":[{"symbol":"NIFTY29JUN2726500CE","exchange":"NFO"},{"symbol":"NIFTY29JUN2726550CE","exchange":"NFO"}]})");
  EXPECT_NE(many.body.find(R"("status":"partial","summary":{"failed":1,"success":1,"total":2})"), std::string::npos)
      << many.body;
  EXPECT_EQ(gateway.post("/api/v1/optiongreeks", R"({"symbol":"ITC","exchange":"NSE"})").body,
            R"({"errors":{"exchange":["Must be one of: NFO, BFO, MCX, CDS, NCO, BCD, NCDEX, CRYPTO."]},)"
            R"("message":"Validation failed","status":"error"})");
  EXPECT_EQ(gateway.post("/api/v1/optiongreeks", R"({"symbol":"NIFTY24JUN2726500CE","exchange":"NFO"})").body,
            R"({"message":"Option has expired on 24-Jun-2027","status":"error"})");
}

TEST(Calendar, HolidaysAndTimings) {
  Gateway gateway;
  EXPECT_EQ(gateway.post("/api/v1/market/timings", R"({"date":"2027/06/24"})").body,
            R"({"message":"Invalid date format. Use YYYY-MM-DD","status":"error"})");
  EXPECT_TRUE(gateway.post("/api/v1/market/timings", R"({"date":"2027-06-24"})")
                  .body.starts_with(R"({"data":[{"end_time":1813831200000,"exchange":"NSE","start_time":1813808700000})"));
  EXPECT_NE(gateway.post("/api/v1/market/holidays", "{}").body.find(
                R"("status":"success","timezone":"Asia/Kolkata","year":2027)"),
            std::string::npos);
  EXPECT_EQ(gateway.post("/api/v1/market/holidays", R"({"year":1999})").body,
            R"({"message":{"year":["Must be greater than or equal to 2020 and less than or equal to 2050."]},)"
            R"("status":"error"})");
}

TEST(Ping, SaysPongAndTheBroker) {
  Gateway gateway;
  EXPECT_EQ(gateway.post("/api/v1/ping", "{}").body,
            R"({"data":{"broker":"paper","message":"pong"},"status":"success"})");
  EXPECT_EQ(gateway.get("/api/config/host", "").body,
            R"({"host_server":"http://127.0.0.1:5000","is_localhost":true})");
}

}  // namespace
}  // namespace kavach::api
