#pragma once

// The vocabulary of orders: what is asked for, what exists, what was filled.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/decimal.h"
#include "market/instrument.h"

namespace kavach::trading {

/// One ledger: a user's account at one broker (`paper:7`, `analyze:7`). Nobody sees another's.
using AccountId = std::string;

enum class Side { Buy, Sell };
enum class PriceType { Market, Limit, StopLimit, StopMarket };
enum class Product { Mis, Nrml, Cnc };

[[nodiscard]] std::string_view name_of(Side side);            ///< BUY SELL
[[nodiscard]] std::string_view name_of(PriceType type);       ///< MARKET LIMIT SL SL-M
[[nodiscard]] std::string_view name_of(Product product);      ///< MIS NRML CNC
[[nodiscard]] std::optional<Side> parse_side(std::string_view text);  ///< also lower case
[[nodiscard]] std::optional<PriceType> parse_price_type(std::string_view text);
[[nodiscard]] std::optional<Product> parse_product(std::string_view text);
[[nodiscard]] inline Side opposite(Side side) { return side == Side::Buy ? Side::Sell : Side::Buy; }

using market::InstrumentKey;

/// A decoded and bounded order request: quantity positive, prices non-negative. Whether it is
/// acceptable (instrument, lot, product, funds) is decided by the desk.
struct OrderRequest {
  InstrumentKey instrument;
  Side side{Side::Buy};
  Quantity quantity;
  PriceType price_type{PriceType::Market};
  Product product{Product::Mis};
  Price price;
  Price trigger_price;
  Quantity disclosed_quantity;
  std::string strategy;
  std::string client_order_id;  ///< the caller's idempotency key, empty when none
  std::int64_t request_digest{0};  ///< of the whole request, where that makes several orders; else 0
  Price underlying_price{};        ///< from which the contract was chosen, where it was chosen by its strike's distance
  friend bool operator==(const OrderRequest&, const OrderRequest&) = default;
};

/// Without the prices that its type has no use for: a market order has none, a limit no trigger.
[[nodiscard]] OrderRequest normalised(OrderRequest request);

/// The life of an order; docs/life-of-an-order.md has the table of states and events.
enum class OrderStatus {
  Journaled,       ///< intent durable; it may be on its way to the broker
  Unknown,         ///< the broker did not answer: it may be live
  Open,
  TriggerPending,
  Complete,
  Cancelled,
  Rejected,
};
/// The wire word: `open`, `trigger pending`, `complete`, `cancelled`, `rejected`. Journaled and
/// Unknown read `open`, because they may be live.
[[nodiscard]] std::string_view wire_name(OrderStatus status);
[[nodiscard]] bool is_working(OrderStatus status);  ///< may still trade

/// A modification that has been journaled and not yet been answered by the broker.
struct PendingChange {
  Quantity quantity;
  Price price;
  Price trigger_price;
  Money margin;              ///< what the order will have blocked once the change is made
  Quantity margin_quantity;
  Money reserved;            ///< blocked for it in advance, on top of the order's margin
  friend bool operator==(const PendingChange&, const PendingChange&) = default;
};

struct Order {
  std::string id;         ///< ours: 14 digits, YYMMDD (IST) first; unique and idempotent at the broker
  std::string broker_id;  ///< the broker's own, empty until acknowledged
  OrderRequest request;   ///< with the latest accepted modification applied
  OrderStatus status{OrderStatus::Journaled};
  Quantity filled;
  Price average_price;    ///< of the fills so far
  Price reference_price;  ///< last price when it was placed; what a MARKET order shows as price
  Money margin_blocked;
  Quantity margin_quantity;  ///< the part of the open quantity for which margin is blocked
  std::int64_t leverage{0};  ///< what margin beyond that is computed with; 0: needs none
  std::string rejection_reason;
  std::optional<PendingChange> change;
  bool cancel_requested{false};  ///< journaled, not yet answered by the broker
  bool to_target{false};  ///< placed to take a position to a target: a newer target takes its place
  TimePoint placed_at{};
  TimePoint updated_at{};
  [[nodiscard]] Quantity pending() const {
    return filled < request.quantity ? request.quantity - filled : Quantity{};
  }
  /// The most it may still trade: a pending change may enlarge it at any moment.
  [[nodiscard]] Quantity claim() const {
    return change && change->quantity > request.quantity ? change->quantity - filled : pending();
  }
  friend bool operator==(const Order&, const Order&) = default;
};

struct Fill {
  std::string trade_id;
  std::string order_id;
  InstrumentKey instrument;
  Side side{Side::Buy};
  Product product{Product::Mis};
  Quantity quantity;
  Price price;
  std::string strategy;
  TimePoint at{};
  friend bool operator==(const Fill&, const Fill&) = default;
};

struct Position {
  InstrumentKey instrument;
  Product product{Product::Mis};
  Quantity quantity;  ///< signed
  Price average_price;
  Money cost;         ///< what the open quantity was bought (or sold) for, exactly
  Money realised_today;
  Money realised_total;
  Money margin_blocked;
  TimePoint opened_at{};   ///< when it last became non-zero
  TimePoint touched_at{};
  friend bool operator==(const Position&, const Position&) = default;
};

struct Holding {
  InstrumentKey instrument;
  Quantity quantity;
  Price average_price;
  Money cost;  ///< what it was bought for, exactly
  Date settled_on{};
  friend bool operator==(const Holding&, const Holding&) = default;
};

/// available + used_margin + the cost of all holdings = capital + realised_total, always.
struct Funds {
  Money capital;
  Money available;
  Money used_margin;
  Money realised_today;
  Money realised_total;
  TimePoint last_reset{};
  std::int64_t reset_count{0};
  friend bool operator==(const Funds&, const Funds&) = default;
};

}  // namespace kavach::trading
