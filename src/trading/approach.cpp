#include "trading/approach.h"

namespace kavach::trading {
namespace {

// Whether a working order is on its way to where `wanted` goes.
bool goes_with(const Order& order, const OrderRequest& wanted) {
  const OrderRequest& own = order.request;
  if (own.side != wanted.side) return false;
  if (own.price_type == PriceType::Market) return true;
  return order.to_target && own.price_type == wanted.price_type && own.price == wanted.price &&
         own.trigger_price == wanted.trigger_price;
}

}  // namespace

Approach approach(const Books& books, const OrderRequest& request, Quantity target, bool was_approaching) {
  const Books::PositionKey key{request.instrument, request.product};
  const Quantity net = books.net_quantity(key.instrument, key.product);
  const Quantity missing = target - net;
  OrderRequest wanted = request;
  wanted.side = missing.is_negative() ? Side::Sell : Side::Buy;

  Approach found;
  found.closes = target.is_zero() && !net.is_zero();
  const bool at_once = found.closes && request.price_type == PriceType::Market;
  const auto working = books.working_orders(key);
  const auto counts = [&](const Order& order) { return !missing.is_zero() && goes_with(order, wanted); };
  Quantity coming;
  for (const Order* order : working) {
    if (!counts(*order)) continue;
    coming += order->claim();
    if (found.on_its_way == nullptr) found.on_its_way = order;
  }
  const bool too_much = coming > missing.magnitude();
  for (const Order* order : working) {
    const bool outdated = order->to_target && (too_much || !counts(*order));
    const bool competes = at_once && order->request.side == wanted.side && !counts(*order);
    if (!outdated && !competes) continue;
    found.against.push_back(order->id);
    if (order->request.side == wanted.side) found.released += order->claim();
  }

  if (net.is_zero() && target.is_zero()) {
    if (found.against.empty() && !was_approaching && request.quantity.is_positive()) found.order = request;
  } else if (coming < missing.magnitude()) {
    wanted.quantity = missing.magnitude() - coming;
    found.order = std::move(wanted);
  }
  return found;
}

Quantity about_to_close(const Books& books, const Books::PositionKey& key) {
  OrderRequest closing;
  closing.side = books.net_quantity(key.instrument, key.product).is_positive() ? Side::Sell : Side::Buy;
  Quantity coming;
  for (const Order* order : books.working_orders(key)) {
    if (goes_with(*order, closing)) coming += order->claim();
  }
  return coming;
}

}  // namespace kavach::trading
