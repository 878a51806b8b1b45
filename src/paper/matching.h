#pragma once

// The paper exchange's fill rules as pure functions of one order and one quote. Comparisons are against
// the last price and inclusive; bid and ask matter for market orders alone. docs/paper-trading.md has
// the table.

#include <optional>

#include "market/quote.h"
#include "trading/order.h"

namespace kavach::paper {

enum class Stage {
  Arriving,  ///< just placed or changed: meets the market at its price
  Resting,   ///< was there before the market came: gets its own price
};

struct Match {
  std::optional<Price> fill;  ///< traded whole, at this price
  bool triggered{false};      ///< a stop-limit order whose trigger was touched and which now rests
};

/// `waits_for_trigger` is false for a stop order that has been triggered before: it is a limit order now.
[[nodiscard]] Match match(const trading::OrderRequest& request, bool waits_for_trigger, Stage stage,
                          const market::Quote& quote);

/// A quote that orders may trade on: positive, alive, and inside its own day's range where that is known.
[[nodiscard]] bool is_tradable(const market::Quote& quote);

}  // namespace kavach::paper
