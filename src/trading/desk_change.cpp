// Changing what has been placed: modify, cancel, cancel all.

#include <algorithm>

#include "trading/gathering.h"
#include "trading/journaling_desk.h"
#include "trading/refusals.h"

namespace kavach::trading {
namespace {

template <class T>
void reply_later(Turn& turn, Reply<T>& reply, Answer<T> answer) {
  turn.later([reply = std::move(reply), answer = std::move(answer)]() mutable {
    reply(std::move(answer));
  });
}

// The order with a change applied; zero leaves a value as it is.
OrderRequest changed(const Order& order, const OrderChange& change) {
  OrderRequest request = order.request;
  if (!change.quantity.is_zero()) request.quantity = change.quantity;
  if (!change.price.is_zero()) request.price = change.price;
  if (!change.trigger_price.is_zero()) request.trigger_price = change.trigger_price;
  return request;
}

}  // namespace

void JournalingDesk::modify(const Actor& actor, const AccountId& id, OrderChange change,
                            Reply<Placed> reply) {
  if (auto refused = unavailable()) return reply(std::unexpected{*refused});
  DeskAccount* account = find(id);
  if (account == nullptr) return reply(std::unexpected{no_such_order(change.order_id)});
  account->journal.decide(
      [&](Turn& turn) { decide_modify(*account, turn, actor, change, reply); });
}

void JournalingDesk::decide_modify(DeskAccount& account, Turn& turn, const Actor& actor,
                                   const OrderChange& change, Reply<Placed>& reply) {
  const auto refuse_with = [&](Refusal refused) {
    reply_later<Placed>(turn, reply, std::unexpected{std::move(refused)});
  };
  const Order* order = turn.books().find_order(change.order_id);
  if (order == nullptr) return refuse_with(no_such_order(change.order_id));
  if (order->status == OrderStatus::Journaled || order->status == OrderStatus::Unknown) {
    return refuse_with(outcome_unknown(order->id));
  }
  if (!is_working(order->status)) return refuse_with(not_in_status("modify", *order));
  if (order->change || order->cancel_requested) {
    return refuse_with(refusal(ErrorCode::Conflict, "CHANGE_IN_PROGRESS",
                               "This order is already being changed. Try again in a moment.",
                               order->id));
  }
  const OrderRequest wanted = changed(*order, change);
  if (wanted.quantity <= order->filled) {
    return refuse_with(refusal(ErrorCode::InvalidInput, "QUANTITY_FILLED",
                               "The quantity must be above the " + order->filled.text() +
                                   " already filled.",
                               order->id));
  }
  VenueTerms terms;
  if (auto refused = judge(account, turn.books(), actor, wanted, order, terms)) {
    return refuse_with(std::move(*refused));
  }
  if (!account.governor.admit(account.venue.limits, wanted.instrument.exchange,
                              wanted.quantity > order->request.quantity, clock_.monotonic())) {
    return refuse_with(over_rate());
  }
  const PendingChange pending{.quantity = wanted.quantity,
                              .price = wanted.price,
                              .trigger_price = wanted.trigger_price,
                              .margin = terms.margin,
                              .margin_quantity = terms.margin_quantity,
                              .reserved = std::max(Money{}, terms.margin - order->margin_blocked)};
  const std::string order_id = order->id;
  auto recorded = turn.record(
      {{clock_.now(), {}, order_id, ChangeIntended{pending, actor}}}, actor,
      [this, &account, order_id](const Result<void>& result) {
        if (result) return send_change(account, order_id);
        account.journal.decide([&](Turn& later) {
          auto waiting = account.changing.extract(order_id);
          reply_later<Placed>(later, waiting.mapped(), std::unexpected{not_recorded(result.error())});
        });
      });
  if (!recorded) return refuse_with(not_recorded(recorded.error()));
  account.changing[order_id] = std::move(reply);
}

void JournalingDesk::send_change(DeskAccount& account, const std::string& order_id) {
  std::optional<Order> wanted;
  account.journal.decide([&](Turn& turn) {
    const Order* order = turn.books().find_order(order_id);
    if (order == nullptr || !order->change) return;
    wanted = *order;
    wanted->request.quantity = order->change->quantity;
    wanted->request.price = order->change->price;
    wanted->request.trigger_price = order->change->trigger_price;
  });
  if (!wanted || state_.load() == TradingState::Halted) {
    return take(account, {order_id, Fact::Source::Modify,
                          NotSent{wanted ? "Trading is halted. An operator has to release it first."
                                         : "The order had ended before it could be changed."}});
  }
  account.venue.broker->modify(account.journal.id(), *wanted,
                               [this, &account, order_id](BrokerOutcome outcome) {
                                 take(account, {order_id, Fact::Source::Modify, std::move(outcome)});
                               });
}

void JournalingDesk::cancel(const Actor& actor, const AccountId& id, const std::string& order_id,
                            Reply<Placed> reply) {
  if (auto refused = unavailable()) return reply(std::unexpected{*refused});
  DeskAccount* account = find(id);
  if (account == nullptr) return reply(std::unexpected{no_such_order(order_id)});
  account->journal.decide(
      [&](Turn& turn) { decide_cancel(*account, turn, actor, order_id, reply); });
}

void JournalingDesk::decide_cancel(DeskAccount& account, Turn& turn, const Actor& actor,
                                   const std::string& order_id, Reply<Placed>& reply) {
  const auto refuse_with = [&](Refusal refused) {
    reply_later<Placed>(turn, reply, std::unexpected{std::move(refused)});
  };
  const Order* order = turn.books().find_order(order_id);
  if (order == nullptr) return refuse_with(no_such_order(order_id));
  if (order->status == OrderStatus::Journaled || order->status == OrderStatus::Unknown) {
    return refuse_with(outcome_unknown(order_id));
  }
  if (!is_working(order->status)) return refuse_with(not_in_status("cancel", *order));
  // One cancel on its way serves everybody who asks for it.
  if (const auto waiting = account.cancelling.find(order_id); waiting != account.cancelling.end()) {
    if (waiting->second.size() >= settings_.waiting_max) return refuse_with(too_many_waiting());
    return waiting->second.push_back(std::move(reply));
  }
  if (!account.governor.admit(account.venue.limits, order->request.instrument.exchange, false,
                              clock_.monotonic())) {
    return refuse_with(over_rate());
  }
  auto recorded = turn.record(
      {{clock_.now(), {}, order_id, CancelIntended{actor}}}, actor,
      [this, &account, order_id, actor](const Result<void>& result) {
        if (result) return send_cancel(account, order_id);
        cancel_unjournaled(account, order_id, actor, result.error());
      });
  account.cancelling[order_id].push_back(std::move(reply));
  if (recorded) return;
  turn.later([this, &account, order_id, actor, why = recorded.error()] {
    cancel_unjournaled(account, order_id, actor, why);
  });
}

void JournalingDesk::send_cancel(DeskAccount& account, const std::string& order_id) {
  std::optional<Order> order;
  account.journal.decide([&](Turn& turn) {
    const Order* found = turn.books().find_order(order_id);
    if (found != nullptr && is_working(found->status)) order = *found;
  });
  if (!order) {
    return take(account,
                {order_id, Fact::Source::Cancel, NotSent{"The order had ended already."}});
  }
  account.venue.broker->cancel(account.journal.id(), *order,
                               [this, &account, order_id](BrokerOutcome outcome) {
                                 take(account, {order_id, Fact::Source::Cancel, std::move(outcome)});
                               });
}

void JournalingDesk::cancel_all(const Actor& actor, const AccountId& id,
                                Reply<CancelledOrders> reply) {
  if (auto refused = unavailable()) return reply(std::unexpected{*refused});
  std::vector<std::string> working;
  if (DeskAccount* account = find(id)) {
    account->journal.decide([&](Turn& turn) {
      for (const Order& order : turn.books().orders()) {
        if (is_working(order.status)) working.push_back(order.id);
      }
    });
  }
  cancel_each(actor, id, working, std::move(reply));
}

void JournalingDesk::cancel_each(const Actor& actor, const AccountId& id, const std::vector<std::string>& orders,
                                 Reply<CancelledOrders> reply) {
  if (orders.empty()) return reply(CancelledOrders{});
  const auto all = std::make_shared<Gathering<CancelledOrders>>(
      orders.size(), [reply = std::move(reply)](Answer<CancelledOrders> orders) mutable {
        std::ranges::sort(orders->cancelled);
        std::ranges::sort(orders->failed, {}, &FailedOrder::order_id);
        reply(std::move(orders));
      });
  for (const std::string& order_id : orders) {
    cancel(actor, id, order_id, [all, order_id](Answer<Placed> answer) {
      all->add([&](CancelledOrders& orders) {
        if (answer) {
          orders.cancelled.push_back(order_id);
          orders.recorded_in = std::max(orders.recorded_in, answer->recorded_in);
        } else {
          orders.failed.push_back({order_id, answer.error().error.message});
        }
      });
    });
  }
}

}  // namespace kavach::trading
