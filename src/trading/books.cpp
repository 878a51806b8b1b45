#include "trading/books.h"

#include <algorithm>
#include <functional>

#include "trading/order_ids.h"
#include "trading/order_state.h"

namespace kavach::trading {
namespace {

std::size_t hash_of(std::string_view client_order_id) {
  return std::hash<std::string_view>{}(client_order_id);
}

void move_to(Order& order, OrderEvent event) {
  if (const auto next = next_status(order.status, event)) order.status = *next;
}

Books::PositionKey key_of(const Order& order) {
  return {order.request.instrument, order.request.product};
}

bool needs_trigger(const Order& order) {
  return order.request.price_type == PriceType::StopLimit ||
         order.request.price_type == PriceType::StopMarket;
}

}  // namespace

Books::Orders::const_iterator Books::place_of(std::string_view order_id) const {
  return std::ranges::lower_bound(orders_, order_id, {}, [](const auto& entry) -> std::string_view { return entry->id; });
}

const Order* Books::find_order(std::string_view order_id) const {
  const auto found = place_of(order_id);
  return found == orders_.end() || (*found)->id != order_id ? nullptr : found->get();
}

std::vector<SharedOrder> Books::orders_since(TimePoint begun) const {
  std::vector<SharedOrder> found;
  const std::string first = first_order_id_of_day(begun);
  for (auto at = orders_.rbegin(); at != orders_.rend() && (*at)->id >= first; ++at) {
    if ((*at)->placed_at >= begun) found.push_back(*at);
  }
  return found;
}

std::vector<Fill> Books::fills_since(TimePoint begun) const {
  std::vector<Fill> found;
  for (auto at = fills_.rbegin(); at != fills_.rend() && (*at)->at >= begun; ++at) found.push_back(whole(**at));
  return found;
}

Quantity Books::net_quantity(const InstrumentKey& instrument, Product product) const {
  const auto found = positions_.find(PositionKey{instrument, product});
  return found == positions_.end() ? Quantity{} : found->second.quantity;
}

Books::Working Books::working(const PositionKey& key) const {
  const auto found = working_.find(key);
  return found == working_.end() ? Working{} : found->second;
}

std::vector<const Order*> Books::working_orders(const PositionKey& key) const {
  std::vector<const Order*> found;
  const auto wanted = static_cast<std::size_t>(working(key).orders);
  // Those that work are mostly the latest.
  for (auto each = orders_.rbegin(); found.size() < wanted && each != orders_.rend(); ++each) {
    const Order& order = **each;
    if (is_working(order.status) && key_of(order) == key) found.push_back(&order);
  }
  return found;
}

Quantity Books::closable(const PositionKey& key, Side side, Quantity own) const {
  const Quantity net = net_quantity(key.instrument, key.product);
  const bool against = side == Side::Sell ? net.is_positive() : net.is_negative();
  if (!against) return {};
  const Working others = working(key);
  const Quantity claimed = side == Side::Sell ? others.selling : others.buying;
  return std::max(Quantity{}, net.magnitude() - (claimed - own));
}

std::optional<Books::ClientOrder> Books::find_client_order(const std::string& client_order_id) const {
  const auto [from, to] = client_orders_.equal_range(hash_of(client_order_id));
  for (auto at = from; at != to; ++at) {
    const Order* order = find_order(at->second);
    if (order == nullptr || order->request.client_order_id != client_order_id) continue;
    const auto asked = asked_otherwise_.find(order->id);
    return asked == asked_otherwise_.end() ? ClientOrder{order->id, order->request, {}} : asked->second;
  }
  return std::nullopt;
}

// From the latest back, and only until the order's fills add up: most orders have one, and most questions are
// about an order that has none.
bool Books::has_fill(std::string_view order_id, std::string_view trade_id) const {
  const Order* order = find_order(order_id);
  if (order == nullptr) return false;
  Quantity others;
  for (auto at = fills_.rbegin(); at != fills_.rend() && others < order->filled; ++at) {
    if ((*at)->order_id != order_id) continue;
    if ((*at)->trade_id == trade_id) return true;
    others += (*at)->quantity;
  }
  return false;
}

Fill Books::whole(const Execution& execution) const {
  const Order* order = find_order(execution.order_id);
  check(order != nullptr, "a fill has outlived its order");
  const OrderRequest& request = order->request;
  return {execution.trade_id, execution.order_id, request.instrument, request.side,   request.product,
          execution.quantity, execution.price,    request.strategy,   execution.at};
}

void Books::share_with(const Books& other, std::string_view order_id) {
  const auto mine = place_of(order_id);
  const auto theirs = other.place_of(order_id);
  if (mine == orders_.end() || theirs == other.orders_.end() || (*theirs)->id != order_id) return;
  if (**mine == **theirs) orders_[static_cast<std::size_t>(mine - orders_.begin())] = *theirs;
  // Both books get the same fills in the same order, one of them earlier.
  if (other.fills_.empty() || other.fills_.size() > fills_.size()) return;
  auto& fill = fills_[other.fills_.size() - 1];
  if (*fill == *other.fills_.back()) fill = other.fills_.back();
}

/// Events of the account itself.
struct Books::AccountVisitor {
  Books& books;
  TimePoint at;
  void operator()(const AccountOpened& what) const { books.opened(what, at); }
  void operator()(const OrderIntended& what) const { books.intended(what); }
  void operator()(const PositionSettled& what) const { books.settled(what, at); }
  void operator()(const DeliverySettled& what) const { books.delivered(what, at); }
  void operator()(const DayRolled& what) const { books.rolled(what); }
  void operator()(const AccountReset& what) const { books.reset(what, at); }
  void operator()(const auto&) const {}
};

/// Events of one order.
struct Books::OrderVisitor {
  Books& books;
  Order& order;
  TimePoint at;

  void take_margin(Money released) const {
    order.margin_blocked -= released;
    if (order.margin_blocked.is_zero()) order.margin_quantity = {};
    books.release(released);
  }
  void operator()(const OrderAccepted& what) const {
    if (order.broker_id.empty()) order.broker_id = what.broker_id;
    move_to(order, needs_trigger(order) ? OrderEvent::AcceptedPending : OrderEvent::Accepted);
  }
  void operator()(const OrderRejected& what) const {
    if (!next_status(order.status, OrderEvent::Rejected)) return;
    move_to(order, OrderEvent::Rejected);
    order.rejection_reason = what.reason;
    take_margin(what.margin_released);
    order.cancel_requested = false;
  }
  void operator()(const OrderLost&) const { move_to(order, OrderEvent::Lost); }
  void operator()(const OrderTriggered&) const { move_to(order, OrderEvent::Triggered); }
  void operator()(const OrderFilled& what) const { books.filled(order, what, at); }
  void operator()(const OrderCancelled& what) const {
    if (!next_status(order.status, OrderEvent::Cancelled)) return;
    move_to(order, OrderEvent::Cancelled);
    take_margin(what.margin_released);
    order.cancel_requested = false;
  }
  void operator()(const ChangeIntended& what) const {
    order.change = what.change;
    books.funds_.available -= what.change.reserved;
    books.funds_.used_margin += what.change.reserved;
  }
  void operator()(const ChangeMade& what) const { books.changed(order, what); }
  void operator()(const ChangeRefused& what) const {
    order.change.reset();
    books.release(what.margin_released);
  }
  void operator()(const CancelIntended&) const { order.cancel_requested = true; }
  void operator()(const CancelRefused&) const { order.cancel_requested = false; }
  void operator()(const auto&) const {}
};

void Books::apply(const JournalEvent& event) {
  if (!event.order_id.empty() && !std::holds_alternative<OrderIntended>(event.what)) {
    const auto found = place_of(event.order_id);
    if (found == orders_.end() || (*found)->id != event.order_id) return;
    auto changed = std::make_shared<Order>(**found);
    count(**found, -1);
    apply_to(*changed, event);
    count(*changed, +1);
    orders_[static_cast<std::size_t>(found - orders_.begin())] = std::move(changed);
    return;
  }
  std::visit(AccountVisitor{*this, event.at}, event.what);
}

void Books::opened(const AccountOpened& event, TimePoint at) {
  if (opened_) return;
  opened_ = true;
  funds_.capital = funds_.available = event.capital;
  funds_.last_reset = at;
}

void Books::intended(const OrderIntended& event) {
  const Order& order = event.order;
  if (find_order(order.id) != nullptr) return;
  funds_.available -= order.margin_blocked;
  funds_.used_margin += order.margin_blocked;
  count(order, +1);
  const std::string& client_id = order.request.client_order_id;
  const bool is_first = !client_id.empty() && !find_client_order(client_id);
  add(order);
  if (!is_first) return;
  remember_client_order(order);
  if (event.towards) asked_otherwise_.try_emplace(order.id, ClientOrder{order.id, order.request, event.towards});
}

void Books::add(Order order) {
  const auto place = place_of(order.id);
  orders_.insert(place, std::make_shared<const Order>(std::move(order)));
}

void Books::remember_client_order(const Order& order) {
  client_orders_.emplace(hash_of(order.request.client_order_id), order.id);
}

void Books::release(Money margin) {
  funds_.used_margin -= margin;
  funds_.available += margin;
}

void Books::apply_to(Order& order, const JournalEvent& event) {
  std::visit(OrderVisitor{*this, order, event.at}, event.what);
  order.updated_at = event.at;
}

void Books::changed(Order& order, const ChangeMade& event) {
  if (!order.request.client_order_id.empty()) {
    asked_otherwise_.try_emplace(order.id, ClientOrder{order.id, order.request, {}});
  }
  order.request.quantity = event.quantity;
  order.request.price = event.price;
  order.request.trigger_price = event.trigger_price;
  order.margin_blocked = event.margin;
  order.margin_quantity = event.margin_quantity;
  order.change.reset();
  release(event.margin_released);
}

void Books::filled(Order& order, const OrderFilled& event, TimePoint at) {
  if (has_fill(order.id, event.trade_id)) return;
  if (order.broker_id.empty()) order.broker_id = event.broker_id;
  order.average_price =
      average_price(order.average_price, order.filled, event.price, event.quantity);
  order.filled += event.quantity;
  order.margin_blocked -= event.order_margin_moved + event.order_margin_released;
  order.margin_quantity = event.order_margin_quantity;
  const bool whole = order.filled >= order.request.quantity;
  move_to(order, whole ? OrderEvent::FilledWhole : OrderEvent::FilledPartly);
  if (!is_working(order.status)) order.cancel_requested = false;

  release(event.order_margin_released + event.position_margin_released - event.margin_added);
  funds_.available += event.realised;
  funds_.realised_today += event.realised;
  funds_.realised_total += event.realised;

  const PositionKey key = key_of(order);
  auto [found, is_new] = positions_.try_emplace(key);
  Position& position = found->second;
  if (is_new) {
    position.instrument = key.instrument;
    position.product = key.product;
  }
  if (position.quantity.is_zero()) position.opened_at = at;
  position.quantity = event.position_quantity;
  position.average_price = event.position_average;
  position.cost = event.position_cost;
  position.margin_blocked +=
      event.order_margin_moved + event.margin_added - event.position_margin_released;
  position.realised_today += event.realised;
  position.realised_total += event.realised;
  position.touched_at = at;

  fills_.push_back(std::make_shared<const Execution>(
      Execution{event.trade_id, order.id, event.quantity, event.price, at}));
}

void Books::settled(const PositionSettled& event, TimePoint at) {
  const auto found = positions_.find(PositionKey{event.instrument, event.product});
  if (found == positions_.end()) return;
  Position& position = found->second;
  release(event.margin_released);
  funds_.available += event.realised;
  funds_.realised_today += event.realised;
  funds_.realised_total += event.realised;
  position.margin_blocked -= event.margin_released;
  position.realised_today += event.realised;
  position.realised_total += event.realised;
  position.quantity = {};
  position.average_price = {};
  position.cost = {};
  position.touched_at = at;
}

void Books::delivered(const DeliverySettled& event, TimePoint at) {
  const auto found = positions_.find(PositionKey{event.instrument, Product::Cnc});
  if (found == positions_.end()) return;
  release(event.margin_released);
  funds_.available += event.cash + event.realised;
  funds_.realised_today += event.realised;
  funds_.realised_total += event.realised;
  if (event.position_left.is_zero()) {
    positions_.erase(found);
  } else {
    found->second.quantity = event.position_left;
    found->second.cost = event.position_cost;
    found->second.margin_blocked -= event.margin_released;
    found->second.touched_at = at;
  }
  if (event.holding_quantity.is_zero()) {
    holdings_.erase(event.instrument);
  } else {
    holdings_[event.instrument] = Holding{event.instrument, event.holding_quantity,
                                          event.holding_average, event.holding_cost,
                                          event.settled_on};
  }
}

void Books::rolled(const DayRolled& event) {
  rolled_on_ = event.day;
  funds_.realised_today = {};
  for (auto& [key, position] : positions_) position.realised_today = {};
  std::erase_if(positions_, [&](const auto& entry) {
    return entry.second.quantity.is_zero() && entry.second.touched_at < event.keep_since;
  });
  std::erase_if(orders_, [&](const auto& order) {
    return !is_working(order->status) && order->updated_at < event.keep_since;
  });
  // A clock that was put back can make a fill younger than its order.
  std::erase_if(fills_, [&](const auto& fill) {
    return fill->at < event.keep_since || find_order(fill->order_id) == nullptr;
  });
  std::erase_if(client_orders_, [&](const auto& entry) { return find_order(entry.second) == nullptr; });
  std::erase_if(asked_otherwise_, [&](const auto& entry) { return find_order(entry.first) == nullptr; });
}

void Books::reset(const AccountReset& event, TimePoint at) {
  positions_.clear();
  holdings_.clear();
  const std::int64_t resets = funds_.reset_count + 1;
  funds_ = Funds{};
  funds_.capital = funds_.available = event.capital;
  funds_.last_reset = at;
  funds_.reset_count = resets;
}

void Books::count(const Order& order, int direction) {
  if (!is_working(order.status)) return;
  const PositionKey key = key_of(order);
  Working& working = working_[key];
  Quantity& side = order.request.side == Side::Buy ? working.buying : working.selling;
  if (direction > 0) {
    side += order.claim();
  } else {
    side -= order.claim();
  }
  working.orders += direction;
  if (order.status == OrderStatus::Unknown) working.unknown += direction;
  if (working.orders == 0) working_.erase(key);
}

void Books::rebuild_indexes() {
  working_.clear();
  client_orders_.clear();
  for (const auto& order : orders_) {
    count(*order, +1);
    const std::string& client_id = order->request.client_order_id;
    if (!client_id.empty() && !find_client_order(client_id)) remember_client_order(*order);
  }
}

}  // namespace kavach::trading
