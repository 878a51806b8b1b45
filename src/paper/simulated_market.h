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
#include <optional>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "market/calendar.h"
#include "market/instrument_table.h"
#include "market/quote.h"
#include "paper/simulated_time.h"

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
  /// Every interval of the wire contract, at most `kCandlesMax`, the latest ones, and none older than ten
  /// years (400 days for contracts). The current candle is included as far as it has got. A day's candle and
  /// longer ones start at 00:00 UTC of the period's first date. InvalidInput for another interval. Long
  /// daily histories take tens of milliseconds: ask from a worker.
  [[nodiscard]] Result<std::vector<market::Candle>> candles(const market::Instrument& instrument,
                                                            std::string_view interval, Date from,
                                                            Date to) const override;

  /// Whether an order would find the market open now.
  [[nodiscard]] bool is_open(market::Exchange exchange) const;
  static constexpr Micros kStep{250'000};
  static constexpr std::size_t kCandlesMax = 5'000;

 private:
  struct Entry;
  struct Cache;
  struct Instant {
    StepRange session;
    Step step;
  };

  [[nodiscard]] bool keeps_hours(market::Exchange exchange) const;
  [[nodiscard]] std::optional<StepRange> session_on(market::Exchange exchange, Date date) const;
  [[nodiscard]] StepRange session_at(market::Exchange exchange, TimePoint at) const;
  [[nodiscard]] Instant instant_of(const market::Instrument& instrument) const;
  [[nodiscard]] Entry fresh_entry(const market::Instrument& instrument) const;
  void start_day(Entry& entry, const StepRange& session) const;
  void walk(Entry& entry, const Instant& at) const;
  template <class Use>
  auto with_entry(const market::Instrument& instrument, Use&& use) const;
  [[nodiscard]] static market::Quote quote_at(const Entry& entry);
  [[nodiscard]] static bool same_terms(const market::Instrument& a, const market::Instrument& b);
  [[nodiscard]] static Result<void> check_terms(const market::Instrument& instrument);

  const market::Instruments& instruments_;
  const market::Calendar& calendar_;
  const Clock& clock_;
  const SimulatedMarketSettings settings_;
  std::unique_ptr<Cache> cache_;
};

}  // namespace kavach::paper
