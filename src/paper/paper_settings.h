#pragma once

// How the paper exchange behaves. docs/paper-trading.md lists the settings and their defaults.

#include <cstdint>

#include "core/civil_time.h"
#include "paper/simulated_market.h"

namespace kavach::paper {

enum class OptionSettlement { LastPrice, Zero };

struct PaperSettings {
  MarketHours hours{MarketHours::Always};
  std::int64_t equity_intraday_leverage{5};  ///< 1..50 each
  std::int64_t equity_delivery_leverage{1};
  std::int64_t futures_leverage{10};
  std::int64_t option_buy_leverage{1};
  std::int64_t option_sell_leverage{1};
  OptionSettlement option_settlement{OptionSettlement::LastPrice};
  TimeOfDay session_start{3 * 60};  ///< IST; today's figures start from zero
};

/// What margin is divided by for an order of this side and product in this instrument; 0 when it needs
/// none, which is a delivery sale.
[[nodiscard]] std::int64_t leverage_of(const PaperSettings& settings,
                                       const market::Instrument& instrument, bool buying,
                                       bool intraday, bool delivery);

}  // namespace kavach::paper
