#pragma once

// A market whose prices a test writes down: `market.set(Exchange::Nse, "SBIN", "820.5")`.
// An instrument without a price answers NotFound, as a broker would. Thread-safe.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/check.h"
#include "core/guarded.h"
#include "market/quote.h"

namespace kavach::test {

inline Price price(std::string_view text) {
  const auto parsed = Price::parse(text);
  check(parsed.has_value(), "a test wrote a price that does not parse");
  return *parsed;
}

class ScriptedMarket final : public market::QuoteSource {
 public:
  /// Bid and ask equal to last, with plenty on both sides.
  void set(market::Exchange exchange, std::string_view symbol, std::string_view last) {
    set(exchange, symbol, last, last, last);
  }
  void set(market::Exchange exchange, std::string_view symbol, std::string_view last,
           std::string_view bid, std::string_view ask) {
    market::Quote quote;
    quote.last = price(last);
    quote.open = quote.high = quote.low = quote.close_previous = quote.average = quote.last;
    quote.bid = price(bid);
    quote.ask = price(ask);
    quote.bid_quantity = quote.ask_quantity = 100'000;
    quote.volume = 1'000'000;
    set(exchange, symbol, quote);
  }
  void set(market::Exchange exchange, std::string_view symbol, const market::Quote& quote) {
    quotes_.with([&](auto& quotes) { quotes[{exchange, std::string{symbol}}] = quote; });
  }
  void set_stale(market::Exchange exchange, std::string_view symbol, bool stale) {
    quotes_.with([&](auto& quotes) { quotes[{exchange, std::string{symbol}}].stale = stale; });
  }
  void remove(market::Exchange exchange, std::string_view symbol) {
    quotes_.with([&](auto& quotes) { quotes.erase({exchange, std::string{symbol}}); });
  }
  void set_candles(market::Exchange exchange, std::string_view symbol,
                   std::vector<market::Candle> candles) {
    candles_.with([&](auto& all) { all[{exchange, std::string{symbol}}] = std::move(candles); });
  }

  [[nodiscard]] Result<market::Quote> quote(const market::Instrument& instrument) const override {
    return quotes_.with([&](const auto& quotes) -> Result<market::Quote> {
      const auto found = quotes.find(instrument.key());
      if (found == quotes.end()) return fail(ErrorCode::NotFound, "No quote data available");
      return found->second;
    });
  }
  [[nodiscard]] Result<market::Depth> depth(const market::Instrument& instrument) const override {
    const auto top = quote(instrument);
    if (!top) return pass_on(top);
    market::Depth depth{.quote = *top};
    depth.bids[0] = {top->bid, top->bid_quantity, 1};
    depth.asks[0] = {top->ask, top->ask_quantity, 1};
    depth.total_buy_quantity = top->bid_quantity;
    depth.total_sell_quantity = top->ask_quantity;
    return depth;
  }
  [[nodiscard]] Result<std::vector<market::Candle>> candles(const market::Instrument& instrument,
                                                            std::string_view, Date,
                                                            Date) const override {
    return candles_.with([&](const auto& all) -> Result<std::vector<market::Candle>> {
      const auto found = all.find(instrument.key());
      if (found == all.end()) return std::vector<market::Candle>{};
      return found->second;
    });
  }

 private:
  Guarded<std::map<market::InstrumentKey, market::Quote>> quotes_;
  Guarded<std::map<market::InstrumentKey, std::vector<market::Candle>>> candles_;
};

}  // namespace kavach::test
