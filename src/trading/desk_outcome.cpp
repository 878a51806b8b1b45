// Outcomes: what brokers answer and venues report, into the journal and on to whoever waits.

#include <array>

#include "trading/journaling_desk.h"
#include "trading/outcome_events.h"
#include "trading/refusals.h"

namespace kavach::trading {
namespace {

constexpr std::array<Micros, 5> kBackOff{Micros{500'000}, Micros{1'000'000}, Micros{2'000'000},
                                         Micros{4'000'000}, Micros{8'000'000}};

void answer_all(Turn& turn, std::vector<Reply<Placed>> replies, const Answer<Placed>& answer) {
  bool first = true;
  for (auto& reply : replies) {
    Answer<Placed> own = answer;
    if (own) own->replayed = !first;
    first = false;
    turn.later([reply = std::move(reply), own = std::move(own)]() mutable { reply(std::move(own)); });
  }
}

Answer<Placed> with_record(Answer<Placed> answer, const DeskAccount& account, const Turn& turn) {
  if (answer && turn.owes()) answer->recorded_in = account.kept_in.load();
  return answer;
}

Answer<Placed> with_stages(Answer<Placed> answer, const audit::StageTimes& stages) {
  if (answer) answer->stages = stages;
  return answer;
}

// Whether the books have settled a question, by whatever way the news came.
bool is_answered(const Books& books, const DeskAccount::Question& question) {
  const Order* order = books.find_order(question.order_id);
  if (order == nullptr || !is_working(order->status)) return true;
  if (question.source == Fact::Source::Modify) return !order->change.has_value();
  if (question.source == Fact::Source::Cancel) return !order->cancel_requested;
  return order->status != OrderStatus::Unknown && order->status != OrderStatus::Journaled;
}

// What a broker's refusal of a modification or cancel is to the client.
std::optional<Refusal> refused_by_broker(const Fact& fact) {
  const auto& outcome = std::get<BrokerOutcome>(fact.what);
  if (const auto* declined = std::get_if<Declined>(&outcome)) {
    return refusal(ErrorCode::InvalidInput, "BROKER_REJECTED", declined->reason, fact.order_id);
  }
  if (const auto* unsent = std::get_if<NotSent>(&outcome)) {
    return refusal(ErrorCode::Unavailable, "NOT_SENT", unsent->reason, fact.order_id);
  }
  if (std::holds_alternative<OutcomeUnknown>(outcome)) return outcome_unknown(fact.order_id);
  return std::nullopt;
}

}  // namespace

void JournalingDesk::take(DeskAccount& account, Fact fact) {
  account.journal.decide([&](Turn& turn) {
    if (account.unrecorded.empty()) return decide_fact(account, turn, std::move(fact));
    account.unrecorded.push_back(std::move(fact));
    record_unrecorded(account, turn);
  });
}

// Facts are recorded in the order in which they came: the first that fails holds up the rest.
void JournalingDesk::record_unrecorded(DeskAccount& account, Turn& turn) {
  for (Fact& fact : std::exchange(account.unrecorded, {})) {
    if (account.unrecorded.empty()) {
      decide_fact(account, turn, std::move(fact));
    } else {
      hold(account, turn, std::move(fact));
    }
  }
}

void JournalingDesk::decide_fact(DeskAccount& account, Turn& turn, Fact fact) {
  const Order* order = turn.books().find_order(fact.order_id);
  if (order == nullptr) {
    // Not ours, or long forgotten: news from a venue is never taken at its word.
    return turn.later([this, id = std::move(fact.order_id)] {
      logger_.warning("trading.unknown_order", {{"order", id}});
    });
  }
  OutcomeEvents outcome = events_of(turn.books(), *order, fact, clock_.now());
  const std::string id = fact.order_id;
  if (outcome.events.empty()) {
    turn.when_settled([this, &account, fact = std::move(fact)] { fact_settled(account, fact, {}); });
  } else {
    record_fact(account, turn, std::move(fact), std::move(outcome.events));
  }
  for (Happening& next : outcome.afterwards) {
    Fact further{id, Fact::Source::Venue, std::move(next)};
    if (account.unrecorded.empty()) {
      decide_fact(account, turn, std::move(further));
    } else {
      account.unrecorded.push_back(std::move(further));
    }
  }
}

void JournalingDesk::record_fact(DeskAccount& account, Turn& turn, Fact fact,
                                 std::vector<JournalEvent> events) {
  const auto recorded = turn.record(std::move(events), system_actor(),
                                    [this, &account, fact](const Result<void>& result) {
                                      fact_settled(account, fact, result);
                                    });
  if (!recorded) hold(account, turn, std::move(fact));
}

// Called without the lock once a fact is durable, or its commit is lost.
void JournalingDesk::fact_settled(DeskAccount& account, const Fact& fact,
                                  const Result<void>& result) {
  account.journal.decide([&](Turn& turn) {
    if (!result) {
      logger_.error("trading.outcome_not_recorded",
                    {{"order", fact.order_id}, {"detail", result.error().detail}});
      return hold(account, turn, fact);
    }
    note_open_questions(account, turn, fact);
    answer(account, turn, fact, true);
  });
}

void JournalingDesk::answer(DeskAccount& account, Turn& turn, const Fact& fact, bool recorded) {
  switch (fact.source) {
    case Fact::Source::Place:
    case Fact::Source::LookUp: return answer_place(account, turn, fact, recorded);
    case Fact::Source::Modify: return answer_change(account, turn, fact, recorded);
    case Fact::Source::Cancel: return answer_cancel(account, turn, fact, recorded);
    case Fact::Source::Venue: return;
  }
}

void JournalingDesk::answer_place(DeskAccount& account, Turn& turn, const Fact& fact,
                                  bool recorded) {
  auto waiting = account.placing.extract(fact.order_id);
  if (waiting.empty()) return;
  const Order* order = turn.books().find_order(fact.order_id);
  audit::StageTimes stages = fact.stages;
  if (fact.heard_at != Monotonic{}) stages.add(audit::Stage::Journal, clock_.monotonic() - fact.heard_at);
  // The intent is durable; where its outcome is not, the client must ask again and not send again.
  answer_all(turn, std::move(waiting.mapped()),
             recorded && order != nullptr
                 ? with_stages(with_record(answer_for(*order, false), account, turn), stages)
                 : Answer<Placed>{std::unexpected{outcome_unknown(fact.order_id)}});
}

void JournalingDesk::answer_change(DeskAccount& account, Turn& turn, const Fact& fact,
                                   bool recorded) {
  auto waiting = account.changing.extract(fact.order_id);
  if (waiting.empty()) return;
  const Order* order = turn.books().find_order(fact.order_id);
  Answer<Placed> answer = std::unexpected{outcome_unknown(fact.order_id)};
  if (auto refused = refused_by_broker(fact)) {
    answer = std::unexpected{std::move(*refused)};
  } else if (order != nullptr && recorded) {
    answer = Placed{order->id, order->status, false};
  }
  turn.later([reply = std::move(waiting.mapped()), answer = std::move(answer)]() mutable {
    reply(std::move(answer));
  });
}

void JournalingDesk::answer_cancel(DeskAccount& account, Turn& turn, const Fact& fact,
                                   bool recorded) {
  auto waiting = account.cancelling.extract(fact.order_id);
  if (waiting.empty()) return;
  const Order* order = turn.books().find_order(fact.order_id);
  Answer<Placed> answer = std::unexpected{outcome_unknown(fact.order_id)};
  if (auto refused = refused_by_broker(fact)) {
    answer = std::unexpected{std::move(*refused)};
  } else if (order != nullptr && recorded) {
    // It may have been filled before the cancel arrived.
    if (order->status == OrderStatus::Cancelled) {
      answer = with_record(Placed{order->id, order->status, false}, account, turn);
    } else {
      answer = std::unexpected{not_in_status("cancel", *order)};
    }
  }
  answer_all(turn, std::move(waiting.mapped()), answer);
}

void DeskAccount::Retry::again_after(TimePoint now) {
  const auto step = std::min<std::size_t>(static_cast<std::size_t>(attempts), kBackOff.size() - 1);
  due = now + kBackOff[step];
  asking = false;
  ++attempts;
}

// News of any source may answer any question about its order: a fill tells that a lost order is there, a cancel
// that a modification is pointless.
void JournalingDesk::note_open_questions(DeskAccount& account, Turn& turn, const Fact& fact) {
  const bool asked = fact.source == Fact::Source::Modify || fact.source == Fact::Source::Cancel;
  const DeskAccount::Question own{fact.order_id, asked ? fact.source : Fact::Source::LookUp};
  if (is_inconclusive(fact)) account.retries[own].again_after(clock_.now());
  for (const auto source : {Fact::Source::LookUp, Fact::Source::Modify, Fact::Source::Cancel}) {
    const DeskAccount::Question question{fact.order_id, source};
    if (is_answered(turn.books(), question)) account.retries.erase(question);
  }
}

void JournalingDesk::ask_again(DeskAccount& account) {
  account.journal.decide([&](Turn& turn) {
    const TimePoint now = clock_.now();
    for (auto& [question, retry] : account.retries) {
      const Order* order = turn.books().find_order(question.order_id);
      if (retry.asking || retry.due > now || order == nullptr) continue;
      retry.asking = true;
      turn.later([this, &account, source = question.source, order = *order] {
        if (source == Fact::Source::Modify) return send_change(account, order.id);
        if (source == Fact::Source::Cancel) return send_cancel(account, order.id);
        account.venue.broker->look_up(
            account.journal.id(), order, [this, &account, id = order.id](BrokerOutcome outcome) {
              take(account, {id, Fact::Source::LookUp, std::move(outcome)});
            });
      });
    }
  });
}

}  // namespace kavach::trading
