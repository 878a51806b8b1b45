#pragma once

// Prices as they are asked for. `QuoteSource` is the seam: the simulated market and, later, broker
// feeds implement it.

#include <array>
#include <cstdint>
#include <vector>

#include "core/clock.h"
#include "core/decimal.h"
#include "core/result.h"
#include "market/instrument.h"

namespace kavach::market {

struct Quote {
  Price open, high, low, close_previous, last, bid, ask;
  std::int64_t bid_quantity{0}, ask_quantity{0};
  std::int64_t volume{0}, open_interest{0}, last_quantity{0};
  Price average;        ///< volume-weighted price of the day
  TimePoint at{};       ///< of the last trade
  bool stale{false};    ///< the feed behind it is silent
};

struct DepthLevel {
  Price price;
  std::int64_t quantity{0};
  std::int64_t orders{0};
};

struct Depth {
  Quote quote;
  std::array<DepthLevel, 5> bids{}, asks{};  ///< best first, padded with zeros
  std::int64_t total_buy_quantity{0}, total_sell_quantity{0};
};

struct Candle {
  TimePoint start{};  ///< of a day or longer: 00:00 UTC of the period's first date (IST)
  Price open, high, low, close;
  std::int64_t volume{0}, open_interest{0};
};

/// Thread-safe, never blocks: a few microseconds a call.
class QuoteSource {
 public:
  virtual ~QuoteSource() = default;
  [[nodiscard]] virtual Result<Quote> quote(const Instrument& instrument) const = 0;
  [[nodiscard]] virtual Result<Depth> depth(const Instrument& instrument) const = 0;
  /// Candles of `interval` (a name such as `5m` or `D`) with start in [from, to]; ascending.
  [[nodiscard]] virtual Result<std::vector<Candle>> candles(const Instrument& instrument,
                                                            std::string_view interval, Date from,
                                                            Date to) const = 0;
};

}  // namespace kavach::market
