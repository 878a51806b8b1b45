#include "trading/ledger.h"

#include <algorithm>

namespace kavach::trading {
namespace {

// The share of `whole` that `part` of `of` takes; all of it when nothing would be left.
Money portion(Money whole, Quantity part, Quantity of) {
  if (part >= of) return whole;
  return share_of(whole, part, of);
}

struct Split {
  Quantity closing;
  Quantity opening;
};

Split split_fill(Quantity position, Side side, Quantity quantity) {
  const bool against = side == Side::Sell ? position.is_positive() : position.is_negative();
  const Quantity closing = against ? std::min(position.magnitude(), quantity) : Quantity{};
  return {closing, quantity - closing};
}

void move_order_margin(OrderFilled& fill, const Order& order, Split split) {
  const Quantity margined = order.margin_quantity;
  const Quantity unmargined =
      order.pending() > margined ? order.pending() - margined : Quantity{};
  // Closing uses up the part of the order that needed no margin first.
  const Quantity needless =
      std::min(margined, split.closing > unmargined ? split.closing - unmargined : Quantity{});
  const Quantity taken = std::min(split.opening, margined - needless);
  fill.order_margin_quantity = margined - needless - taken;
  if (needless.is_positive()) {
    fill.order_margin_released = portion(order.margin_blocked, needless, margined);
  }
  if (taken.is_positive()) {
    fill.order_margin_moved = portion(order.margin_blocked - fill.order_margin_released, taken,
                                      margined - needless);
  }
  const auto missing = margin_for(fill.price, split.opening - taken, order.leverage);
  check(missing.has_value(), "the margin of a fill overflowed");
  fill.margin_added = *missing;
  if (order.filled + fill.quantity >= order.request.quantity) {
    fill.order_margin_released = order.margin_blocked - fill.order_margin_moved;
    fill.order_margin_quantity = {};
  }
}

}  // namespace

Money value_of(Price price, Quantity quantity) {
  const auto value = notional(price, quantity);
  check(value.has_value(), "the value of a trade overflowed");
  return *value;
}

std::optional<Money> margin_for(Price price, Quantity quantity, std::int64_t leverage) {
  if (leverage <= 0 || quantity.is_zero()) return Money{};
  const auto value = notional(price, quantity.magnitude());
  if (!value) return std::nullopt;
  const auto units = divide(value->units(), leverage, Rounding::Up);
  if (!units) return std::nullopt;
  return Money::from_units(*units);
}

OrderFilled effect_of_fill(const Books& books, const Order& order, std::string trade_id,
                           Quantity quantity, Price price) {
  OrderFilled fill;
  fill.trade_id = std::move(trade_id);
  fill.quantity = quantity;
  fill.price = price;

  const auto found =
      books.positions().find(Books::PositionKey{order.request.instrument, order.request.product});
  const Position position = found == books.positions().end() ? Position{} : found->second;
  const Side side = order.request.side;
  const Split split = split_fill(position.quantity, side, quantity);
  move_order_margin(fill, order, split);

  const Quantity before = position.quantity.magnitude();
  Money closed_cost;
  if (split.closing.is_positive()) {
    fill.position_margin_released = portion(position.margin_blocked, split.closing, before);
    closed_cost = portion(position.cost, split.closing, before);
    const Money closed_value = value_of(price, split.closing);
    fill.realised = side == Side::Sell ? closed_value - closed_cost : closed_cost - closed_value;
  }
  const Money opened_value = value_of(price, split.opening);
  fill.position_quantity =
      side == Side::Buy ? position.quantity + quantity : position.quantity - quantity;
  fill.position_cost = position.cost - closed_cost + opened_value;
  if (fill.position_quantity.is_zero()) {
    fill.position_average = {};
  } else if (split.opening.is_zero()) {
    fill.position_average = position.average_price;
  } else if (split.closing.is_positive()) {
    fill.position_average = price;
  } else {
    fill.position_average = average_price(position.average_price, before, price, split.opening);
  }
  return fill;
}

PositionSettled effect_of_expiry(const Position& position, Price price) {
  const Money value = value_of(price, position.quantity.magnitude());
  const Money realised =
      position.quantity.is_positive() ? value - position.cost : position.cost - value;
  return {position.instrument, position.product,        position.quantity, price,
          position.margin_blocked, realised};
}

DeliverySettled effect_of_delivery(const Position& position, const Holding* holding,
                                   Date settled_on) {
  const Holding held = holding == nullptr ? Holding{} : *holding;
  DeliverySettled event;
  event.instrument = position.instrument;
  event.quantity = position.quantity;
  event.settled_on = settled_on;
  if (!position.quantity.is_negative()) {
    event.margin_released = position.margin_blocked;
    event.cash = -position.cost;
    event.holding_quantity = held.quantity + position.quantity;
    event.holding_cost = held.cost + position.cost;
    event.holding_average = held.average_price;
    if (position.quantity.is_positive()) {
      event.holding_average = average_price(held.average_price, held.quantity,
                                            position.average_price, position.quantity);
    }
    return event;
  }
  const Quantity sold = position.quantity.magnitude();
  const Quantity taken = std::min(sold, held.quantity);
  const Money proceeds = portion(position.cost, taken, sold);
  const Money cost = taken.is_zero() ? Money{} : portion(held.cost, taken, held.quantity);
  event.margin_released = portion(position.margin_blocked, taken, sold);
  event.position_left = taken - sold;
  event.position_cost = position.cost - proceeds;
  event.holding_quantity = held.quantity - taken;
  event.holding_cost = held.cost - cost;
  event.holding_average = event.holding_quantity.is_zero() ? Price{} : held.average_price;
  // The proceeds come in as the cost of what was sold and the profit on it.
  event.cash = cost;
  event.realised = proceeds - cost;
  return event;
}

}  // namespace kavach::trading
