#pragma once

// Pre-trade risk: one table of small named checks, run in the table's order; the first refusal wins.
// docs/order-refusals.md lists the codes, limits and defaults. Pure functions over the books as decided,
// where reservations of orders in flight already count, so concurrent orders cannot share one limit.
// Cancels never come here: they are always allowed.

#include <cstdint>
#include <optional>
#include <string_view>

#include "market/instrument.h"
#include "trading/books.h"
#include "trading/broker.h"

namespace kavach::trading {

enum class TradingState {
  Active,
  Reducing,     ///< only orders that reduce a position
  Halted,       ///< no order at all
  Reconciling,  ///< the start has not finished; no order yet
};
/// What `name_of` wrote. Halted for a state this version does not know: it must not let orders through.
[[nodiscard]] TradingState trading_state_of(std::string_view name);
[[nodiscard]] std::string_view name_of(TradingState state);  ///< ACTIVE REDUCING HALTED RECONCILING

/// Limits of one kind of account. Empty means: no such limit. The limits of size and value are against opening too
/// much: an order that only reduces a position passes them.
struct RiskLimits {
  std::optional<Quantity> order_quantity_max;
  std::optional<std::int64_t> order_lots_max;
  std::optional<Money> order_value_max;
  std::optional<Quantity> position_quantity_max;  ///< per instrument and product, orders included
  std::optional<Money> loss_today_max;            ///< realised; beyond it only reducing orders pass
  bool freeze_quantity{true};
  bool tick_size{true};
  /// How far a limit price may be on the wrong side of the market, in per cent. A price on the passive
  /// side only rests.
  std::optional<int> collar_percent{10};
  std::optional<int> collar_percent_option{40};
  // Of both a tenth more for orders that only reduce: a full book keeps nobody in a position.
  std::int64_t open_orders_max{5'000};
  std::int64_t orders_kept_max{300'000};  ///< in the books, of all states; bounds memory
  /// Place, modify and cancel together, per exchange segment in any second. Orders that add exposure
  /// stop at the first number, reductions and cancels at the second.
  std::int64_t orders_per_second{8};
  std::int64_t messages_per_second{10};
  std::int64_t orders_per_minute{180};
  std::int64_t messages_per_minute{220};

  /// A simulated exchange has no regulator: no rate.
  [[nodiscard]] static RiskLimits simulated();
};

struct RiskContext {
  const OrderRequest& request;
  const market::Instrument* instrument;  ///< null when unknown
  const Books& books;
  const RiskLimits& limits;
  TradingState state;
  const Order* replaces{nullptr};  ///< the order that a modification changes
  const VenueTerms* terms{nullptr};  ///< known after the venue has examined the order
  Quantity released{};  ///< claimed on its side by working orders that end before
  bool only_reduces{false};  ///< whoever asks may not add to a position, whatever the state

  /// The whole order closes a position that no other order is about to close.
  [[nodiscard]] bool reduces() const;
};

/// The checks before the venue is asked: states and unresolved orders.
[[nodiscard]] std::optional<Refusal> refuse_before_venue(const RiskContext& context);
/// The checks after it: sizes, prices, exposure.
[[nodiscard]] std::optional<Refusal> refuse_after_venue(const RiskContext& context);

}  // namespace kavach::trading
