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
};

/// The life of an order; docs/life-of-an-order.md has the table of states and events.
enum class OrderStatus {
  Journaled,       ///< intent durable, nothing sent
  Sent,            ///< handed to the broker, no answer yet
  Unknown,         ///< the broker did not answer: it may be live
  Open,
  TriggerPending,
  Complete,
  Cancelled,
  Rejected,
};
/// The wire word: `open`, `trigger pending`, `complete`, `cancelled`, `rejected`. Journaled, Sent and
/// Unknown read `open`, because they may be live.
[[nodiscard]] std::string_view wire_name(OrderStatus status);
[[nodiscard]] bool is_working(OrderStatus status);  ///< may still trade

struct Order {
  std::string id;         ///< ours: 14 digits, YYMMDD (IST) first; unique and idempotent at the broker
  std::string broker_id;  ///< the broker's own, empty until acknowledged
  OrderRequest request;   ///< with the latest accepted modification applied
  OrderStatus status{OrderStatus::Journaled};
  Quantity filled;
  Price average_price;    ///< of the fills so far
  Price reference_price;  ///< last price when it was placed; what a MARKET order shows as price
  Money margin_blocked;
  std::string rejection_reason;
  TimePoint placed_at{};
  TimePoint updated_at{};
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
};

struct Position {
  InstrumentKey instrument;
  Product product{Product::Mis};
  Quantity quantity;  ///< signed
  Price average_price;
  Money realised_today;
  Money realised_total;
  Money margin_blocked;
  TimePoint opened_at{};
  TimePoint touched_at{};
};

struct Holding {
  InstrumentKey instrument;
  Quantity quantity;
  Price average_price;
  Date settled_on{};
};

struct Funds {
  Money capital;
  Money available;
  Money used_margin;
  Money realised_today;
  Money realised_total;
  TimePoint last_reset{};
  std::int64_t reset_count{0};
};

}  // namespace kavach::trading
