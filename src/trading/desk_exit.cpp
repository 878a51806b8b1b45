// The way out while the journal cannot be written. What creates exposure waits for the store; a cancel, a
// closing order and the kill switch do not. Each step of theirs is kept in the spool, enters the books at once
// and is journaled, with its audit record, when the store is back. Steps are news about orders, and news that
// the books know already becomes no event, so whatever a crash leaves in both places is journaled once.

#include "trading/journaling_desk.h"
#include "trading/outcome_events.h"
#include "trading/refusals.h"

namespace kavach::trading {
namespace {

void refuse_all(Turn& turn, std::vector<Reply<Placed>> replies, const Refusal& refused) {
  for (auto& reply : replies) {
    turn.later([reply = std::move(reply), refused]() mutable { reply(std::unexpected{std::move(refused)}); });
  }
}

template <class Waiting>
std::vector<Reply<Placed>> take_out(Waiting& waiting, const std::string& order_id) {
  auto found = waiting.extract(order_id);
  return found.empty() ? std::vector<Reply<Placed>>{} : std::move(found.mapped());
}

// A step whose outcome needs a record as well: there must be room for both, or it is not taken.
store::Spool::Room room_for(const std::vector<JournalEvent>& events) {
  const auto& what = events.back().what;
  const bool opening = std::holds_alternative<OrderIntended>(what) || std::holds_alternative<CancelIntended>(what);
  return opening ? store::Spool::Room::Opening : store::Spool::Room::Whole;
}

RecordedIn where(store::Kept kept) {
  return kept == store::Kept::OnDisk ? RecordedIn::Spool : RecordedIn::Memory;
}

}  // namespace

// Events that cannot be journaled now: into the spool and both books, and on with `then`. False when the spool
// is full; then nothing has happened.
bool JournalingDesk::keep(DeskAccount& account, Turn& turn, std::vector<JournalEvent> events, const Actor& actor,
                          Job then) {
  for (JournalEvent& event : events) event.account = account.journal.id();
  std::string record = encode_entry({actor, events});
  if (!spool_.claim(record.size(), room_for(events))) {
    logger_.error("trading.spool_full", {{"account", account.journal.id()}});
    return false;
  }
  turn.owe(std::move(events), actor);
  journal_.begin_work();
  turn.later([this, &account, record = std::move(record), then = std::move(then)]() mutable {
    spool_.add(std::move(record), [this, &account, then = std::move(then)](store::Kept kept) mutable {
      account.kept_in.store(where(kept));
      then();
      journal_.end_work();
    });
  });
  return true;
}

void JournalingDesk::cancel_unjournaled(DeskAccount& account, const std::string& order_id, const Actor& actor,
                                        const Error& why) {
  account.journal.decide([&](Turn& turn) {
    if (!turn.is_settled()) {
      return turn.when_settled(
          [this, &account, order_id, actor, why] { cancel_unjournaled(account, order_id, actor, why); });
    }
    const auto refuse_with = [&](const Refusal& refused) {
      refuse_all(turn, take_out(account.cancelling, order_id), refused);
    };
    const Order* order = turn.books().find_order(order_id);
    if (order == nullptr) return refuse_with(no_such_order(order_id));
    if (!is_working(order->status)) return refuse_with(not_in_status("cancel", *order));
    const bool kept = keep(account, turn, {{clock_.now(), {}, order_id, CancelIntended{actor}}}, actor,
                           [this, &account, order_id] { send_cancel(account, order_id); });
    if (!kept) refuse_with(not_recorded(why));
  });
}

void JournalingDesk::place_unjournaled(DeskAccount& account, const OrderIntended& intent, const Error& why) {
  account.journal.decide([&](Turn& turn) {
    if (!turn.is_settled()) {
      return turn.when_settled([this, &account, intent, why] { place_unjournaled(account, intent, why); });
    }
    // Judged again: what it was decided on may have gone with the write that failed.
    const OrderRequest& request = intent.order.request;
    const bool closes = request.quantity <= turn.books().closable({request.instrument, request.product}, request.side);
    const bool kept = closes && keep(account, turn, {{intent.order.placed_at, {}, intent.order.id, intent}},
                                     intent.actor, [this, &account, order = intent.order] { send(account, order, {}); });
    if (!kept) refuse_all(turn, take_out(account.placing, intent.order.id), not_recorded(why));
  });
}

// An outcome that cannot be recorded now. That of somebody's way out is kept; others are told again later, and
// until then the books do not show them.
void JournalingDesk::hold(DeskAccount& account, Turn& turn, Fact fact) {
  if (fact.source == Fact::Source::Cancel || account.exits.contains(fact.order_id)) {
    return turn.later([this, &account, fact = std::move(fact)] { take_unjournaled(account, fact); });
  }
  answer(account, turn, fact, false);
  account.unrecorded.push_back(std::move(fact));
}

void JournalingDesk::take_unjournaled(DeskAccount& account, const Fact& fact) {
  account.journal.decide([&](Turn& turn) {
    if (turn.is_settled()) return decide_unjournaled(account, turn, fact);
    turn.when_settled([this, &account, fact] { take_unjournaled(account, fact); });
  });
}

void JournalingDesk::decide_unjournaled(DeskAccount& account, Turn& turn, const Fact& fact) {
  const Order* order = turn.books().find_order(fact.order_id);
  if (order == nullptr) return;
  OutcomeEvents outcome = events_of(turn.books(), *order, fact, clock_.now());
  Job conclude = [this, &account, fact] { fact_settled(account, fact, {}); };
  if (outcome.events.empty()) {
    turn.later(std::move(conclude));
  } else if (!keep(account, turn, std::move(outcome.events), system_actor(), std::move(conclude))) {
    answer(account, turn, fact, false);
    account.unrecorded.push_back(fact);
    return;
  }
  for (const Happening& next : outcome.afterwards) {
    decide_unjournaled(account, turn, {fact.order_id, Fact::Source::Venue, next});
  }
}

// A closing order has to know the position. Outcomes that wait for the journal are counted into the books
// before it is decided.
void JournalingDesk::catch_up(DeskAccount& account, PlaceCall call) {
  account.journal.decide([&](Turn& turn) {
    if (!turn.is_settled()) {
      return turn.when_settled(
          [this, &account, call = std::move(call)]() mutable { catch_up(account, std::move(call)); });
    }
    for (const Fact& fact : std::exchange(account.unrecorded, {})) decide_unjournaled(account, turn, fact);
    call.caught_up = true;
    decide_place(account, turn, call);
  });
}

void JournalingDesk::keep_state(const JournalEvent& event, const Actor& actor,
                                std::move_only_function<void(Result<void>)> done, const Error& why) {
  SpooledEntry entry{actor, {event}};
  std::string record = encode_entry(entry);
  const auto forgotten = [why] {
    return fail(why.code, "It is in force, but no record of it can be written: a restart would forget it. Mend the "
                          "disk and repeat it.",
                why.detail);
  };
  if (!spool_.claim(record.size())) return done(forgotten());
  owed_states_.with([&](auto& owed) { owed.push_back(std::move(entry)); });
  journal_.begin_work();
  spool_.add(std::move(record), [this, forgotten, done = std::move(done)](store::Kept kept) mutable {
    done(kept == store::Kept::OnDisk ? Result<void>{} : forgotten());
    journal_.end_work();
  });
}

void JournalingDesk::pay_states() {
  auto owed = std::make_shared<std::vector<SpooledEntry>>(
      owed_states_.with([](auto& waiting) { return std::exchange(waiting, {}); }));
  if (owed->empty()) return;
  journal_.write(
      [this, owed](store::Transaction& transaction) -> Result<void> {
        for (const SpooledEntry& entry : *owed) {
          auto appended = journal_.append(transaction, Journal::prepare(entry.events, entry.actor));
          if (!appended) return appended;
        }
        return {};
      },
      [this, owed](const Result<void>& result) {
        if (result) return spool_.done_with(owed->size());
        owed_states_.with([&](auto& waiting) { waiting.insert(waiting.begin(), owed->begin(), owed->end()); });
      });
}

// Start-up: what an earlier process did without the journal.
void JournalingDesk::restore_spooled() {
  std::size_t known = 0;
  for (const std::string& text : spool_.take_left_over()) {
    auto entry = decode_entry(text);
    if (!entry) logger_.error("trading.spool_unreadable", {{"detail", entry.error().message}});
    if (!entry || !restore_entry(std::move(*entry))) ++known;
  }
  spool_.done_with(known);
}

bool JournalingDesk::restore_entry(SpooledEntry entry) {
  const JournalEvent& event = entry.events.back();
  if (const auto* change = std::get_if<TradingStateChanged>(&event.what)) {
    if (event.at <= state_changed_at_) return false;
    state_.store(trading_state_of(change->state));
    owed_states_.with([&](auto& owed) { owed.push_back(std::move(entry)); });
    return true;
  }
  ids_.seen(event.order_id);
  DeskAccount* account = find_or_create(event.account);
  if (account == nullptr) return false;
  bool news = false;
  account->journal.decide([&](Turn& turn) {
    auto events = still_news(turn.books(), entry);
    news = !events.empty();
    if (news) turn.owe(std::move(events), entry.actor);
  });
  return news;
}

}  // namespace kavach::trading
