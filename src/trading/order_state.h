#pragma once

// The life of an order as one table of state and event; nothing else decides a status.
// An event that the table does not allow in a state leaves the state as it is: late and repeated
// news is ignored, never an error. A fill is never ignored, because shares have changed hands; it
// only cannot bring a finished order back to life. docs/life-of-an-order.md explains the table.

#include <array>
#include <optional>

#include "trading/order.h"

namespace kavach::trading {

enum class OrderEvent {
  Accepted,         ///< the broker has it and it may trade
  AcceptedPending,  ///< the broker has it and waits for its trigger
  Rejected,         ///< the broker refused it, or it provably never arrived
  Lost,             ///< the broker did not answer
  Triggered,
  FilledPartly,
  FilledWhole,      ///< the fills now cover the quantity
  Cancelled,
};
inline constexpr std::array kOrderEvents{
    OrderEvent::Accepted,  OrderEvent::AcceptedPending, OrderEvent::Rejected,
    OrderEvent::Lost,      OrderEvent::Triggered,       OrderEvent::FilledPartly,
    OrderEvent::FilledWhole, OrderEvent::Cancelled};
inline constexpr std::array kOrderStatuses{
    OrderStatus::Journaled, OrderStatus::Unknown,   OrderStatus::Open,    OrderStatus::TriggerPending,
    OrderStatus::Complete,  OrderStatus::Cancelled, OrderStatus::Rejected};

/// The state after `event`, or nothing where the event is not legal.
[[nodiscard]] std::optional<OrderStatus> next_status(OrderStatus status, OrderEvent event);

}  // namespace kavach::trading
