// Placing: from a request to a durable intent, and on to the broker.

#include "trading/journaling_desk.h"
#include "trading/refusals.h"

namespace kavach::trading {
namespace {

Books::PositionKey key_of(const OrderRequest& request) {
  return {request.instrument, request.product};
}

// The wire name of the first field in which a repeated request differs from the first one.
std::string_view first_difference(const Books::ClientOrder& first, const PlaceCall& call) {
  const OrderRequest& asked = first.asked;
  const OrderRequest& again = call.request;
  const bool same_kind = first.towards.has_value() == call.towards.has_value();
  if (!same_kind) return "position_size";
  const Side side = first.towards ? first.towards->side : asked.side;
  const Quantity quantity = first.towards ? first.towards->quantity : asked.quantity;
  if (asked.request_digest != again.request_digest) return "content";
  if (asked.instrument.symbol != again.instrument.symbol) return "symbol";
  if (asked.instrument.exchange != again.instrument.exchange) return "exchange";
  if (side != again.side) return "action";
  if (quantity != again.quantity) return "quantity";
  if (first.towards && first.towards->target != call.towards->target) return "position_size";
  if (asked.price_type != again.price_type) return "pricetype";
  if (asked.product != again.product) return "product";
  if (asked.price != again.price) return "price";
  if (asked.trigger_price != again.trigger_price) return "trigger_price";
  if (asked.disclosed_quantity != again.disclosed_quantity) return "disclosed_quantity";
  if (asked.strategy != again.strategy) return "strategy";
  return {};
}

// Of an order that has no answer yet; one that has is history.
bool is_resend(const Order& order, const OrderRequest& request) {
  const bool open = order.status == OrderStatus::Unknown || order.status == OrderStatus::Journaled;
  return open && order.request.instrument == request.instrument && order.request.side == request.side &&
         order.request.quantity == request.quantity &&
         order.request.price_type == request.price_type &&
         order.request.product == request.product;
}

// Whether an order can only take the account out of a position. Such an order does not wait for the store.
bool is_exit(const Books& books, const std::optional<Towards>& towards, const OrderRequest& request) {
  return towards && towards->target.is_zero() && request.quantity <= books.closable(key_of(request), request.side);
}

}  // namespace

void JournalingDesk::place(const Actor& actor, const AccountId& id, OrderRequest request,
                           Reply<Placed> reply) {
  if (auto refused = unavailable()) return reply(std::unexpected{*refused});
  DeskAccount* account = find_or_create(id);
  if (account == nullptr) return reply(std::unexpected{no_such_account()});
  submit(*account, PlaceCall{actor, normalised(std::move(request)), std::nullopt, std::move(reply)});
}

void JournalingDesk::submit(DeskAccount& account, PlaceCall call) {
  account.journal.decide([&](Turn& turn) { decide_place(account, turn, call); });
}

void JournalingDesk::decide_place(DeskAccount& account, Turn& turn, PlaceCall& call) {
  const Monotonic begun = clock_.monotonic();
  if (!turn.books().is_open()) {
    const auto opened =
        turn.record({{clock_.now(), {}, {}, AccountOpened{account.venue.starting_capital}}},
                    call.actor, [](const Result<void>&) {});
    if (!opened) return refuse(turn, account, call, not_recorded(opened.error()));
  }
  if (answer_from_history(account, turn, call)) return;
  record_unrecorded(account, turn);
  const bool closes = call.towards && call.towards->target.is_zero();
  if (!account.unrecorded.empty() && closes && !call.caught_up) {
    return turn.later([this, &account, call = std::move(call)]() mutable { catch_up(account, std::move(call)); });
  }
  if (!account.unrecorded.empty()) {
    return refuse(turn, account, call,
                  not_recorded({ErrorCode::StorageFailed, "outcomes wait to be recorded", {}}));
  }
  if (call.towards) return decide_towards(account, turn, call, begun);
  decide_order(account, turn, call, false, begun);
}

void JournalingDesk::decide_order(DeskAccount& account, Turn& turn, PlaceCall& call, bool to_target,
                                  Monotonic begun) {
  OrderRequest& request = call.request;
  VenueTerms terms;
  if (auto refused = judge(account, turn.books(), call.actor, request, nullptr, terms)) {
    return refuse(turn, account, call, std::move(*refused));
  }
  const bool adds = request.quantity > turn.books().closable(key_of(request), request.side);
  if (!account.governor.admit(account.venue.limits, request.instrument.exchange, adds,
                              clock_.monotonic())) {
    return refuse(turn, account, call, over_rate());
  }
  const TimePoint now = clock_.now();
  auto id = ids_.next(now);
  if (!id) {
    return refuse(turn, account, call,
                  refusal(id.error().code, "ORDER_IDS_EXHAUSTED", id.error().message));
  }
  Order order;
  order.id = std::move(*id);
  order.request = request;
  order.to_target = to_target;
  order.reference_price = terms.reference_price;
  order.margin_blocked = terms.margin;
  order.margin_quantity = terms.margin_quantity;
  order.leverage = terms.leverage;
  order.placed_at = order.updated_at = now;
  audit::StageTimes stages;
  stages.set(audit::Stage::Risk, clock_.monotonic() - begun);
  record_intent(account, turn, call, std::move(order), terms, stages);
}

// True when an earlier request decides the answer.
bool JournalingDesk::answer_from_history(DeskAccount& account, Turn& turn, PlaceCall& call) {
  const Books& books = turn.books();
  const std::string& client_id = call.request.client_order_id;
  const auto first = client_id.empty() ? std::nullopt : books.find_client_order(client_id);
  if (!first) {
    for (const auto& [question, retry] : account.retries) {
      const Order* order = books.find_order(question.order_id);
      if (question.source != Fact::Source::LookUp || order == nullptr) continue;
      if (!is_resend(*order, call.request)) continue;
      refuse(turn, account, call,
             refusal(ErrorCode::Conflict, "ORDER_OUTCOME_UNKNOWN",
                     "The same order was sent as " + order->id +
                         " and the broker has not answered yet. Ask orderstatus with this id.",
                     order->id));
      return true;
    }
    return false;
  }
  if (const auto field = first_difference(*first, call); !field.empty()) {
    refuse(turn, account, call,
           refusal(ErrorCode::Conflict, "CLIENT_ORDER_ID_REUSED",
                   "This client order id was used for an order with another " +
                       std::string{field} + ".",
                   first->order_id));
    return true;
  }
  const auto waiting = account.placing.find(first->order_id);
  if (waiting != account.placing.end()) {
    if (waiting->second.size() >= settings_.waiting_max) {
      refuse(turn, account, call, too_many_waiting());
    } else {
      waiting->second.push_back(std::move(call.reply));
    }
    return true;
  }
  const Order* order = books.find_order(first->order_id);
  check(order != nullptr, "a client order id without its order");
  turn.later([reply = std::move(call.reply), answer = answer_for(*order, true)]() mutable {
    reply(std::move(answer));
  });
  return true;
}

// Risk and the venue's own rules, in the documented order.
std::optional<Refusal> JournalingDesk::judge(DeskAccount& account, const Books& books, const Actor& actor,
                                             const OrderRequest& request, const Order* replaces,
                                             VenueTerms& terms, Quantity released) {
  const auto table = instruments_.read();
  RiskContext context{.request = request,
                      .instrument = table->find(request.instrument.exchange,
                                                request.instrument.symbol),
                      .books = books,
                      .limits = account.venue.limits,
                      .state = state_.load(),
                      .replaces = replaces,
                      .released = released,
                      .only_reduces = actor.only_reduces};
  if (auto refused = refuse_before_venue(context)) return refused;
  auto examined = replaces == nullptr
                      ? account.venue.broker->examine(request, books, released)
                      : account.venue.broker->examine_change(*replaces, request, books);
  if (!examined) return examined.error();
  terms = std::move(*examined);
  if (!terms.rejection.empty()) return std::nullopt;
  context.terms = &terms;
  return refuse_after_venue(context);
}

void JournalingDesk::record_intent(DeskAccount& account, Turn& turn, PlaceCall& call, Order order,
                                   const VenueTerms& terms, audit::StageTimes stages) {
  const TimePoint now = order.placed_at;
  const std::string id = order.id;
  const bool rejected = !terms.rejection.empty();
  const bool exit = !rejected && is_exit(turn.books(), call.towards, order.request);
  const OrderIntended intent{std::move(order), call.towards, call.actor, terms.rejection_code};
  std::vector<JournalEvent> events{{now, {}, id, intent}};
  if (rejected) events.push_back({now, {}, id, OrderRejected{terms.rejection, intent.order.margin_blocked}});

  auto recorded = turn.record(
      std::move(events), call.actor,
      [this, &account, intent, rejected, exit, stages, queued = clock_.monotonic()](const Result<void>& result) mutable {
        const Order& order = intent.order;
        stages.set(audit::Stage::Journal, clock_.monotonic() - queued);
        if (result && !rejected) return send(account, order, stages);
        if (!result && exit) return place_unjournaled(account, intent, result.error());
        account.journal.decide([&](Turn& later) {
          if (result) return answer_place(account, later, {order.id, Fact::Source::Place, {}}, true);
          auto waiting = account.placing.extract(order.id);
          for (auto& reply : waiting.mapped()) {
            later.later([reply = std::move(reply), error = result.error()]() mutable {
              reply(std::unexpected{not_recorded(error)});
            });
          }
        });
      });
  if (!recorded && !exit) return refuse(turn, account, call, not_recorded(recorded.error()));
  account.placing[id].push_back(std::move(call.reply));
  if (exit) account.exits.insert(id);
  if (recorded) return;
  turn.later([this, &account, intent, why = recorded.error()] { place_unjournaled(account, intent, why); });
}

void JournalingDesk::send(DeskAccount& account, const Order& order, audit::StageTimes stages) {
  // The kill switch may have been thrown while the intent was being written.
  if (state_.load() == TradingState::Halted) {
    return take(account, {order.id, Fact::Source::Place,
                          NotSent{"Trading is halted. An operator has to release it first."}});
  }
  account.venue.broker->place(
      account.journal.id(), order,
      [this, &account, id = order.id, stages, sent = clock_.monotonic()](BrokerOutcome outcome) mutable {
        const Monotonic heard = clock_.monotonic();
        stages.set(audit::Stage::Broker, heard - sent);
        take(account, {id, Fact::Source::Place, std::move(outcome), stages, heard});
      });
}

void JournalingDesk::refuse(Turn& turn, DeskAccount& account, PlaceCall& call, Refusal refused) {
  turn.later([this, &account, actor = call.actor, request = call.request,
              reply = std::move(call.reply), refused = std::move(refused)]() mutable {
    journal_.audit().record(
        {"order.refused", actor.username, actor.address, actor.request_id,
         {{"account", account.journal.id()},
          {"code", refused.code},
          {"reason", refused.error.message},
          {"exchange", market::name_of(request.instrument.exchange)},
          {"symbol", request.instrument.symbol},
          {"side", name_of(request.side)},
          {"quantity", request.quantity.text()}}});
    reply(std::unexpected{std::move(refused)});
  });
}

}  // namespace kavach::trading
