#pragma once

// Instruments and prices: the built-in universe or a broker's dump, and the simulated market behind
// one feed hub.

#include <memory>

#include "app/settings.h"
#include "core/clock.h"
#include "core/log.h"
#include "market/calendar.h"
#include "market/feed_hub.h"
#include "market/instrument_table.h"
#include "paper/simulated_feed.h"
#include "paper/simulated_market.h"

namespace kavach::app {

class MarketFloor {
 public:
  /// Fails when INSTRUMENTS_FILE is named and cannot be used.
  [[nodiscard]] static Result<std::unique_ptr<MarketFloor>> open(const Settings& settings, const Clock& clock,
                                                                 Logger& log, std::uint64_t jitter_seed);

  /// Prices move; what waits for time in feed and hub. Every 250 ms, one thread.
  void tick();
  /// Contracts roll at midnight IST. Cheap unless the day has changed.
  void roll_day();

  [[nodiscard]] const market::Instruments& instruments() const { return instruments_; }
  [[nodiscard]] const market::Calendar& calendar() const { return calendar_; }
  [[nodiscard]] const paper::SimulatedMarket& quotes() const { return *quotes_; }
  [[nodiscard]] market::FeedHub& hub() { return *hub_; }

 private:
  MarketFloor(const Settings& settings, const Clock& clock, Logger& log);
  [[nodiscard]] Result<void> load_instruments();

  const Settings& settings_;
  const Clock& clock_;
  Logger& log_;
  market::Calendar calendar_;
  market::Instruments instruments_;
  Date loaded_for_{};
  InlineExecutor deliver_;
  std::unique_ptr<paper::SimulatedMarket> quotes_;
  std::unique_ptr<paper::SimulatedFeed> feed_;
  std::unique_ptr<market::FeedHub> hub_;
};

}  // namespace kavach::app
