#include "trading/outcome_events.h"

#include <algorithm>

#include "trading/ledger.h"
#include "trading/order_state.h"

namespace kavach::trading {
namespace {

class Translator {
 public:
  Translator(const Books& books, const Order& order, TimePoint at)
      : books_{books}, order_{order}, at_{at} {}

  OutcomeEvents take() && { return std::move(out_); }

  void placed(const BrokerOutcome& outcome, bool looked_up) {
    if (const auto* accepted = std::get_if<Accepted>(&outcome)) {
      accept(*accepted);
    } else if (const auto* declined = std::get_if<Declined>(&outcome)) {
      reject(declined->reason);
    } else if (const auto* unsent = std::get_if<NotSent>(&outcome); unsent && !looked_up) {
      reject(unsent->reason);
    } else if (const auto* unknown = std::get_if<OutcomeUnknown>(&outcome); unknown && !looked_up) {
      if (next_status(order_.status, OrderEvent::Lost)) add(OrderLost{unknown->reason});
    }
  }

  void modified(const BrokerOutcome& outcome) {
    if (!order_.change) return;
    if (const auto* accepted = std::get_if<Accepted>(&outcome)) {
      change_made();
      out_.afterwards = accepted->at_once;
    } else if (const auto* declined = std::get_if<Declined>(&outcome)) {
      add(ChangeRefused{declined->reason, order_.change->reserved});
    } else if (const auto* unsent = std::get_if<NotSent>(&outcome)) {
      add(ChangeRefused{unsent->reason, order_.change->reserved});
    }
  }

  void cancelled(const BrokerOutcome& outcome) {
    if (std::holds_alternative<Accepted>(outcome)) {
      end_with(OrderEvent::Cancelled, OrderCancelled{"cancelled", order_.margin_blocked});
    } else if (const auto* declined = std::get_if<Declined>(&outcome)) {
      if (order_.cancel_requested) add(CancelRefused{declined->reason});
    } else if (const auto* unsent = std::get_if<NotSent>(&outcome)) {
      if (order_.cancel_requested) add(CancelRefused{unsent->reason});
    }
  }

  void happened(const Happening& what) {
    if (std::holds_alternative<Triggered>(what)) {
      if (next_status(order_.status, OrderEvent::Triggered)) add(OrderTriggered{});
    } else if (const auto* filled = std::get_if<Filled>(&what)) {
      fill(*filled, {});
    } else if (const auto* cancelled = std::get_if<CancelledAtVenue>(&what)) {
      end_with(OrderEvent::Cancelled, OrderCancelled{cancelled->reason, order_.margin_blocked});
    } else if (const auto* rejected = std::get_if<RejectedAtVenue>(&what)) {
      reject(rejected->reason);
    }
  }

 private:
  template <class What>
  void add(What what) {
    out_.events.push_back({at_, {}, order_.id, std::move(what)});
  }

  // An order that ends gives back what a modification under way had reserved.
  template <class What>
  void end_with(OrderEvent event, What what) {
    if (!next_status(order_.status, event)) return;
    drop_change();
    add(std::move(what));
  }

  void drop_change() {
    if (order_.change) add(ChangeRefused{"the order has ended", order_.change->reserved});
  }

  void reject(const std::string& reason) {
    end_with(OrderEvent::Rejected, OrderRejected{reason, order_.margin_blocked});
  }

  // Acceptance and a first fill are one event, so that an order filled on arrival costs one row.
  void accept(const Accepted& accepted) {
    out_.afterwards = accepted.at_once;
    if (!out_.afterwards.empty()) {
      if (const auto* filled = std::get_if<Filled>(&out_.afterwards.front())) {
        fill(*filled, accepted.broker_order_id);
        if (!out_.events.empty()) {
          out_.afterwards.erase(out_.afterwards.begin());
          return;
        }
      }
    }
    const bool news = next_status(order_.status, OrderEvent::Accepted).has_value();
    if (news || order_.broker_id.empty()) add(OrderAccepted{accepted.broker_order_id});
  }

  void fill(const Filled& filled, const std::string& broker_id) {
    if (!filled.quantity.is_positive() || filled.price.is_negative()) return;
    if (books_.has_fill(order_.id, filled.trade_id)) return;
    const bool whole = order_.filled + filled.quantity >= order_.request.quantity;
    if (whole) drop_change();
    OrderFilled event =
        effect_of_fill(books_, order_, filled.trade_id, filled.quantity, filled.price);
    event.broker_id = broker_id;
    add(std::move(event));
  }

  void change_made() {
    const PendingChange& change = *order_.change;
    const Money blocked = order_.margin_blocked + change.reserved;
    // What was filled since the intent has taken its share of the margin along.
    const Money margin = std::min(change.margin, blocked);
    const Quantity open =
        change.quantity > order_.filled ? change.quantity - order_.filled : Quantity{};
    add(ChangeMade{.quantity = std::max(change.quantity, order_.filled),
                   .price = change.price,
                   .trigger_price = change.trigger_price,
                   .margin = margin,
                   .margin_quantity = std::min(change.margin_quantity, open),
                   .margin_released = blocked - margin});
  }

  const Books& books_;
  const Order& order_;
  const TimePoint at_;
  OutcomeEvents out_;
};

}  // namespace

OutcomeEvents events_of(const Books& books, const Order& order, const Fact& fact, TimePoint at) {
  Translator translator{books, order, at};
  if (const auto* happening = std::get_if<Happening>(&fact.what)) {
    translator.happened(*happening);
    return std::move(translator).take();
  }
  const auto& outcome = std::get<BrokerOutcome>(fact.what);
  switch (fact.source) {
    case Fact::Source::Place: translator.placed(outcome, false); break;
    case Fact::Source::LookUp: translator.placed(outcome, true); break;
    case Fact::Source::Modify: translator.modified(outcome); break;
    case Fact::Source::Cancel: translator.cancelled(outcome); break;
    case Fact::Source::Venue: break;
  }
  return std::move(translator).take();
}

bool is_inconclusive(const Fact& fact) {
  const auto* outcome = std::get_if<BrokerOutcome>(&fact.what);
  if (outcome == nullptr) return false;
  if (std::holds_alternative<OutcomeUnknown>(*outcome)) return true;
  // A look-up that was not sent tells nothing about the order.
  return fact.source == Fact::Source::LookUp && std::holds_alternative<NotSent>(*outcome);
}

}  // namespace kavach::trading
