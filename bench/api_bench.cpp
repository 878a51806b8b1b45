// What the REST resources themselves cost: decode, call, encode, without socket, guard or store.

#include <benchmark/benchmark.h>

#include <array>
#include <string_view>

#include "api/order_bodies.h"
#include "api/replies.h"

namespace kavach::api {
namespace {

constexpr std::string_view kOrder =
    R"({"apikey":"authenticated","strategy":"TradingView Strategy","symbol":"SBIN","action":"BUY",)"
    R"("exchange":"NSE","pricetype":"LIMIT","product":"MIS","quantity":"40","price":"820.5"})";

void Floor(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(kOrder);
}
BENCHMARK(Floor);

void ParseOrder(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(parse_json(kOrder));
}
BENCHMARK(ParseOrder);

void DecodeOrder(benchmark::State& state) {
  const auto body = parse_json(kOrder);
  for (auto _ : state) {
    benchmark::DoNotOptimize(place_order_schema().decode(body->as_object(), KeyCheck::Done));
  }
}
BENCHMARK(DecodeOrder);

void RefuseOrder(benchmark::State& state) {
  const auto body = parse_json(R"({"apikey":"authenticated","quantity":"-1","stoploss":1})");
  for (auto _ : state) {
    const auto decoded = place_order_schema().decode(body->as_object(), KeyCheck::Done);
    benchmark::DoNotOptimize(schema_refusal(ErrorFamily::Literal, {}, decoded.error(), Mode::Live));
  }
}
BENCHMARK(RefuseOrder);

void EncodeQuote(benchmark::State& state) {
  const Price price = Price::parse("820.55").value();
  for (auto _ : state) {
    ReplyWriter out;
    JsonWriter& json = out.json();
    json.object().key("data").object();
    for (const char* name : {"ask", "bid", "high", "low", "ltp", "open", "prev_close"}) {
      json.field(name, price);
    }
    json.field("oi", 0).field("volume", 6'120'334).end().field("status", "success").end();
    benchmark::DoNotOptimize(out.reply());
  }
}
BENCHMARK(EncodeQuote);

}  // namespace
}  // namespace kavach::api

BENCHMARK_MAIN();
