#pragma once

// The market of the paper exchange: prices that move without any feed. A price is a pure function of
// (seed, instrument, time), so the same seed shows the same prices to every process and every test; the
// cache only remembers what was computed. Equities and indices follow smooth, mean-reverting noise around
// their reference price; futures carry it; options are priced by Black 76 with a smile. Prices are on the
// tick and change every 250 ms; low <= last <= high holds at every instant, and candles agree with what
// was quoted. docs/market-data.md describes the model.
// Thread-safe; a call takes one short lock of one of many shards.

#include <cstdint>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "market/calendar.h"
#include "market/instrument_table.h"
#include "market/quote.h"

namespace kavach::paper {

enum class MarketHours {
  Always,    ///< round the clock, every day
  Exchange,  ///< the exchange's sessions and holidays; outside them prices stand still
};

struct SimulatedMarketSettings {
  std::uint64_t seed{1};
  MarketHours hours{MarketHours::Always};
};

class SimulatedMarket final : public market::QuoteSource {
 public:
  /// The references outlive the market.
  SimulatedMarket(const market::Instruments& instruments, const market::Calendar& calendar,
                  const Clock& clock, SimulatedMarketSettings settings);
  ~SimulatedMarket() override;

  [[nodiscard]] Result<market::Quote> quote(const market::Instrument& instrument) const override;
  [[nodiscard]] Result<market::Depth> depth(const market::Instrument& instrument) const override;
  /// Every interval of the wire contract but for the months and longer (M, Q, Y); at most
  /// `kCandlesMax`, the latest ones. InvalidInput for another interval.
  [[nodiscard]] Result<std::vector<market::Candle>> candles(const market::Instrument& instrument,
                                                            std::string_view interval, Date from,
                                                            Date to) const override;

  /// Whether an order would find the market open now.
  [[nodiscard]] bool is_open(market::Exchange exchange) const;
  /// The time of the last price change at or before now.
  static constexpr Micros kStep{250'000};
  static constexpr std::size_t kCandlesMax = 5'000;

 private:
  struct Cache;
  const market::Instruments& instruments_;
  const market::Calendar& calendar_;
  const Clock& clock_;
  const SimulatedMarketSettings settings_;
  std::unique_ptr<Cache> cache_;
};

}  // namespace kavach::paper
