#pragma once

// What the journal says. Every amount is explicit, so that replay is pure arithmetic: no price, no
// margin and no profit is ever computed again from rules that may have changed since.
// Values only; the desk makes them, Books::apply consumes them, journal_codec.h writes them down.

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "trading/order_desk.h"

namespace kavach::trading {

struct AccountOpened {
  Money capital;
};

/// What the caller asked for when the desk worked out the order from a target position.
struct Towards {
  Quantity target;
  Side side{Side::Buy};
  Quantity quantity;
};

/// An order has been decided and its margin reserved. Durable before a byte goes to the broker: after
/// a crash an intent without an outcome may have been sent, and is treated so.
struct OrderIntended {
  Order order;
  std::optional<Towards> towards;
  Actor actor;
  std::string verdict;  ///< what the risk table had to say beyond yes
};

struct OrderAccepted {
  std::string broker_id;
};
struct OrderRejected {
  std::string reason;
  Money margin_released;
};
struct OrderLost {
  std::string reason;
};
struct OrderTriggered {};

struct OrderFilled {
  std::string trade_id;
  Quantity quantity;
  Price price;
  std::string broker_id;          ///< set when the fill is also the broker's acceptance
  Money order_margin_moved;       ///< from the order to the position
  Money order_margin_released;    ///< from the order back to the available cash
  Quantity order_margin_quantity; ///< left on the order
  Money margin_added;             ///< from the available cash to the position
  Money position_margin_released; ///< from the position back to the available cash
  Money realised;
  Quantity position_quantity;     ///< after the fill; signed
  Price position_average;
  Money position_cost;
};

struct OrderCancelled {
  std::string reason;
  Money margin_released;
};

struct ChangeIntended {
  PendingChange change;
  Actor actor;
};
struct ChangeMade {
  Quantity quantity;
  Price price;
  Price trigger_price;
  Money margin;           ///< blocked for the order from now on
  Quantity margin_quantity;
  Money margin_released;
};
struct ChangeRefused {
  std::string reason;
  Money margin_released;  ///< what had been reserved in advance
};
struct CancelIntended {
  Actor actor;
};
struct CancelRefused {
  std::string reason;
};

/// A position ended without a trade: its contract expired.
struct PositionSettled {
  InstrumentKey instrument;
  Product product{Product::Mis};
  Quantity quantity;  ///< signed, as it was
  Price price;
  Money margin_released;
  Money realised;
};

/// A delivery position became a holding (bought) or was taken out of one (sold).
struct DeliverySettled {
  InstrumentKey instrument;
  Quantity quantity;      ///< signed, as it left the position book
  Money margin_released;
  Money cash;             ///< added to the available cash: minus or plus the cost of the shares
  Money realised;         ///< added to it as well
  Quantity position_left; ///< what the position keeps, signed; zero but for a short with no holding
  Money position_cost;    ///< of what it keeps
  Quantity holding_quantity;  ///< after
  Price holding_average;
  Money holding_cost;
  Date settled_on{};
};

/// A new trading session begins: today's figures start from zero, finished orders of old sessions go.
struct DayRolled {
  Date day{};
  TimePoint keep_since{};  ///< finished orders, fills and flat positions last touched before this go
};

struct AccountReset {
  Money capital;
};

/// The kill switch and its release. Belongs to no account.
struct TradingStateChanged {
  std::string state;
  std::string reason;
  Actor actor;
};

struct JournalEvent {
  TimePoint at{};
  AccountId account;     ///< empty for the whole desk
  std::string order_id;  ///< empty where no order is meant
  std::variant<AccountOpened, OrderIntended, OrderAccepted, OrderRejected, OrderLost, OrderTriggered,
               OrderFilled, OrderCancelled, ChangeIntended, ChangeMade, ChangeRefused, CancelIntended,
               CancelRefused, PositionSettled, DeliverySettled, DayRolled, AccountReset,
               TradingStateChanged>
      what;
};

/// `order.intent`, `order.filled`, …: the journal's column and the audit record's kind.
[[nodiscard]] std::string_view kind_of(const JournalEvent& event);

}  // namespace kavach::trading
