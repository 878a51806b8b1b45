// Smart orders and closing. Requests for one instrument and product run one at a time, each in steps that are decided
// anew from the books as they are: cancel what works against it (approach.h), place, place the next slice. Whatever
// happens between two steps, a crash included, nobody is told success for what was not done, and the same request again
// goes on from there.

#include <algorithm>
#include <utility>

#include "trading/gathering.h"
#include "trading/journaling_desk.h"
#include "trading/refusals.h"

namespace kavach::trading {
namespace {

Books::PositionKey key_of(const OrderRequest& request) { return {request.instrument, request.product}; }

Refusal in_the_way(const std::vector<FailedOrder>& left) {
  std::string message = "The position was left as it is: an order that works against it could not be cancelled.";
  if (!left.empty()) message += " " + left.front().order_id + ": " + left.front().message;
  return refusal(ErrorCode::Conflict, "NOT_CANCELLED", std::move(message),
                 left.empty() ? std::string{} : left.front().order_id);
}

// A refusal, and what has been done before it came.
Refusal after(Refusal refused, const TowardsCall& run) {
  std::string& message = refused.error.message;
  if (run.orders > 0) {
    message += " Placed before that: " + std::to_string(run.orders) + " of its orders.";
    if (refused.order_id.empty()) refused.order_id = run.placed->order_id;
  } else if (run.cancelled > 0) {
    message += " Cancelled before that: " + std::to_string(run.cancelled) + " resting orders.";
  }
  return refused;
}

void count(ClosedPositions& all, const Books& books, const Books::PositionKey& key, const Answer<Placed>& answer) {
  if (answer) all.recorded_in = std::max(all.recorded_in, answer->recorded_in);
  const Quantity open = books.net_quantity(key.instrument, key.product).magnitude();
  if (open.is_zero()) {
    ++all.closed;
  } else if (answer && about_to_close(books, key) >= open) {
    ++all.pending;
  } else {
    all.failures.push_back({key.instrument, key.product,
                            answer ? refusal(ErrorCode::Conflict, "NOT_CLOSED",
                                             "The closing order ended before the position was closed.",
                                             answer->order_id)
                                   : answer.error()});
  }
}

}  // namespace

void JournalingDesk::place_towards(const Actor& actor, const AccountId& id, OrderRequest request,
                                   Quantity target, Reply<Placed> reply) {
  if (auto refused = unavailable()) return reply(std::unexpected{*refused});
  DeskAccount* account = find_or_create(id);
  if (account == nullptr) return reply(std::unexpected{no_such_account()});
  const auto key = key_of(request);
  const Towards towards{target, request.side, request.quantity};
  TowardsCall run{{actor, normalised(std::move(request)), towards, std::move(reply)}};
  account->journal.decide([&](Turn& turn) {
    auto& queue = account->towards[key];
    if (queue.size() >= settings_.waiting_max) {
      return refuse(turn, *account, run.call, too_many_waiting());
    }
    queue.push_back(std::move(run));
    if (queue.size() == 1) turn.later([this, account, key] { run_towards(*account, key); });
  });
}

void JournalingDesk::run_towards(DeskAccount& account, const Books::PositionKey& key) {
  if (auto refused = unavailable()) return step_done(account, key, std::unexpected{std::move(*refused)});
  account.journal.decide([&](Turn& turn) {
    const PlaceCall& asked = account.towards[key].front().call;
    PlaceCall step{asked.actor, asked.request, asked.towards,
                   [this, &account, key](Answer<Placed> answer) { step_done(account, key, std::move(answer)); }};
    decide_place(account, turn, step);
  });
}

void JournalingDesk::decide_towards(DeskAccount& account, Turn& turn, PlaceCall& call, Monotonic begun) {
  TowardsCall& run = account.towards[key_of(call.request)].front();
  Approach way = approach(turn.books(), call.request, call.towards->target, run.cleared);
  if (!way.against.empty()) {
    if (run.cleared) return refuse(turn, account, call, in_the_way(run.left));
    return clear_way(account, turn, call, std::move(way));
  }
  if (!way.order) {
    Answer<Placed> answer = Placed{{}, OrderStatus::Complete, false};
    if (run.placed) answer = *run.placed;
    if (!run.placed && way.on_its_way != nullptr) answer = answer_for(*way.on_its_way, true);
    run.orders_left = 0;
    return turn.later([reply = std::move(call.reply), answer = std::move(answer)]() mutable {
      reply(std::move(answer));
    });
  }
  const bool to_target = way.closes || !call.towards->target.is_zero() ||
                         !turn.books().net_quantity(call.request.instrument, call.request.product).is_zero();
  call.request = std::move(*way.order);
  const Quantity whole = call.request.quantity;
  call.request.quantity = slice_of(account, turn.books(), call.request, {});
  if (run.orders == 0) {
    const std::int64_t slice = call.request.quantity.units();
    run.orders_left = (whole.units() + slice - 1) / slice;
  }
  --run.orders_left;
  // The last slice bears the caller's id: a request that ended before it goes on when it is repeated.
  if (call.request.quantity == whole) {
    run.orders_left = 0;
  } else {
    call.request.client_order_id.clear();
  }
  decide_order(account, turn, call, to_target, begun);
}

// Cancels what works against the target. A position that could not be closed afterwards keeps its stop: whatever speaks
// against the closing order is found out before.
void JournalingDesk::clear_way(DeskAccount& account, Turn& turn, PlaceCall& call, Approach way) {
  if (way.closes && way.order) {
    OrderRequest closing = std::move(*way.order);
    closing.quantity = slice_of(account, turn.books(), closing, way.released);
    VenueTerms terms;
    auto refused = judge(account, turn.books(), call.actor, closing, nullptr, terms, way.released);
    if (!refused && !terms.rejection.empty()) {
      refused = refusal(ErrorCode::InvalidInput, terms.rejection_code, terms.rejection);
    }
    if (refused) return refuse(turn, account, call, std::move(*refused));
  }
  turn.later([this, &account, actor = call.actor, key = key_of(call.request), against = std::move(way.against)] {
    cancel_each(actor, account.journal.id(), against, [this, &account, key](Answer<CancelledOrders> orders) {
      account.journal.decide([&](Turn& then) {
        TowardsCall& run = account.towards[key].front();
        run.cleared = true;
        run.cancelled = orders->cancelled.size();
        run.left = std::move(orders->failed);
        run.recorded_in = orders->recorded_in;
        then.later([this, &account, key] { run_towards(account, key); });
      });
    });
  });
}

// The part of a closing order that the exchange takes in one.
Quantity JournalingDesk::slice_of(const DeskAccount& account, const Books& books, const OrderRequest& request,
                                  Quantity released) const {
  const bool reduces = request.quantity <= books.closable(key_of(request), request.side, released);
  if (!reduces || !account.venue.limits.freeze_quantity) return request.quantity;
  const auto table = instruments_.read();
  const auto* instrument = table->find(request.instrument.exchange, request.instrument.symbol);
  if (instrument == nullptr || instrument->freeze_quantity <= 1) return request.quantity;
  const std::int64_t lot = std::max<std::int64_t>(1, instrument->lot_size);
  const Quantity slice = Quantity::whole(instrument->freeze_quantity / lot * lot);
  return slice.is_positive() ? std::min(slice, request.quantity) : request.quantity;
}

void JournalingDesk::step_done(DeskAccount& account, const Books::PositionKey& key, Answer<Placed> answer) {
  account.journal.decide([&](Turn& turn) {
    TowardsCall& run = account.towards[key].front();
    if (answer) {
      run.recorded_in = answer->recorded_in = std::max(run.recorded_in, answer->recorded_in);
      if (run.orders_left > 0 && !answer->replayed) {
        run.placed = std::move(*answer);
        ++run.orders;
        return turn.later([this, &account, key] { run_towards(account, key); });
      }
    } else {
      answer = std::unexpected{after(std::move(answer.error()), run)};
    }
    turn.later([this, &account, key, reply = std::move(run.call.reply), answer = std::move(answer)]() mutable {
      reply(std::move(answer));
      next_towards(account, key);
    });
  });
}

void JournalingDesk::next_towards(DeskAccount& account, const Books::PositionKey& key) {
  account.journal.decide([&](Turn& turn) {
    auto& queue = account.towards[key];
    queue.pop_front();
    if (queue.empty()) {
      account.towards.erase(key);
    } else {
      turn.later([this, &account, key] { run_towards(account, key); });
    }
  });
}

void JournalingDesk::close_all(const Actor& actor, const AccountId& id, CloseScope scope,
                               Reply<ClosedPositions> reply) {
  if (auto refused = unavailable()) return reply(std::unexpected{*refused});
  std::vector<Books::PositionKey> open;
  DeskAccount* account = find(id);
  if (account != nullptr) {
    account->journal.decide([&](Turn& turn) {
      for (const auto& [key, position] : turn.books().positions()) {
        const bool meant = (!scope.product || *scope.product == key.product) &&
                           (!scope.instrument || *scope.instrument == key.instrument);
        if (meant && !position.quantity.is_zero()) open.push_back(key);
      }
    });
  }
  if (open.empty()) return reply(ClosedPositions{.nothing_open = true});
  const auto all = std::make_shared<Gathering<ClosedPositions>>(open.size(), std::move(reply));
  for (const Books::PositionKey& key : open) {
    OrderRequest request;
    request.instrument = key.instrument;
    request.product = key.product;
    request.strategy = scope.strategy;
    place_towards(actor, id, std::move(request), Quantity{}, [account, key, all](const Answer<Placed>& answer) {
      all->add([&](ClosedPositions& positions) {
        account->journal.read([&](const Books& books) { count(positions, books, key, answer); });
      });
    });
  }
}

}  // namespace kavach::trading
