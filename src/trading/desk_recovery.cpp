// Start, stop, the kill switch and the work that comes due.

#include <algorithm>
#include <set>

#include "trading/journaling_desk.h"
#include "trading/refusals.h"

namespace kavach::trading {
namespace {

constexpr std::int64_t kWorthASnapshot = 1'000;

}  // namespace

Result<void> JournalingDesk::start() {
  if (auto replayed = replay(); !replayed) return replayed;
  std::set<Broker*> brokers;
  for (const auto& [family, venue] : venues_) {
    if (!brokers.insert(venue.broker).second) continue;
    venue.broker->listen([this](const VenueEvent& event) {
      if (DeskAccount* account = find(event.account)) {
        take(*account, {event.order_id, Fact::Source::Venue, event.what});
      }
    });
  }
  restore_spooled();
  pay_all();
  for (DeskAccount* account : all_accounts()) resume(*account);
  journal_.wait_idle();
  for (DeskAccount* account : all_accounts()) ask_again(*account);
  journal_.wait_idle();
  if (journal_.durable_seq() - last_snapshot_seq_.load() >= kWorthASnapshot) save_snapshots();
  return {};
}

Result<void> JournalingDesk::replay() {
  TradingState state = TradingState::Active;
  auto snapshots = journal_.snapshots();
  if (!snapshots) return pass_on(snapshots);
  std::int64_t from = snapshots->empty() ? 0 : INT64_MAX;
  for (Journal::Snapshot& snapshot : *snapshots) {
    from = std::min(from, snapshot.seq);
    if (snapshot.account.empty()) {
      state = trading_state_of(snapshot.body);
      last_snapshot_seq_.store(snapshot.seq);
      continue;
    }
    auto books = Books::load(snapshot.body);
    if (!books) return pass_on(books);
    DeskAccount* account = find_or_create(snapshot.account);
    if (account == nullptr) continue;
    for (const Order& order : books->orders()) ids_.seen(order.id);
    account->journal.restore(std::move(*books), snapshot.seq);
  }
  auto replayed = journal_.replay(from, [&](std::int64_t seq, const JournalEvent& event) {
    ids_.seen(event.order_id);
    if (const auto* change = std::get_if<TradingStateChanged>(&event.what)) {
      state = trading_state_of(change->state);
      state_changed_at_ = event.at;
    } else if (DeskAccount* account = find_or_create(event.account)) {
      account->journal.restore(event, seq);
    }
    return Result<void>{};
  });
  if (!replayed) return replayed;
  for (DeskAccount* account : all_accounts()) account->journal.restored();
  // Orders are judged again from here on; until the process is started, nobody asks for any.
  state_.store(state);
  return {};
}

// Hands an account's working orders back to the broker and notes what has to be asked.
void JournalingDesk::resume(DeskAccount& account) {
  std::vector<Order> at_venue;
  account.journal.decide([&](Turn& turn) {
    std::vector<JournalEvent> lost;
    const TimePoint now = clock_.now();
    for (const Order& order : turn.books().orders()) {
      if (!is_working(order.status)) continue;
      const std::string& id = order.id;
      const bool unanswered =
          order.status == OrderStatus::Journaled || order.status == OrderStatus::Unknown;
      if (order.status == OrderStatus::Journaled) {
        lost.push_back({now, {}, id, OrderLost{"the gateway stopped before the answer came"}});
      }
      if (!unanswered) at_venue.push_back(order);
      const DeskAccount::Retry at_once{0, now, false};
      if (unanswered) account.retries[{id, Fact::Source::LookUp}] = at_once;
      // Both may be sent twice without harm: they say what shall be, not what to add.
      if (order.change) account.retries[{id, Fact::Source::Modify}] = at_once;
      if (order.cancel_requested) account.retries[{id, Fact::Source::Cancel}] = at_once;
    }
    if (lost.empty()) return;
    const auto recorded = turn.record(std::move(lost), system_actor(), [](const Result<void>&) {});
    if (!recorded) {
      logger_.error("trading.recovery_not_recorded", {{"detail", recorded.error().detail}});
    }
  });
  for (const Order& order : at_venue) account.venue.broker->adopt(account.journal.id(), order);
}

// Twice, because the first time only finds out whether the store can be written.
void JournalingDesk::pay_all() {
  pay_states();
  for (int round = 0; round < 2; ++round) {
    for (DeskAccount* account : all_accounts()) {
      account->journal.decide([](Turn& turn) { turn.pay(); });
    }
    journal_.wait_idle();
  }
}

void JournalingDesk::tick() {
  const bool halted = state_.load() == TradingState::Halted;
  for (DeskAccount* account : all_accounts()) {
    account->journal.decide([&](Turn& turn) {
      turn.pay();
      record_unrecorded(*account, turn);
      std::erase_if(account->exits, [&turn](const std::string& id) {
        const Order* order = turn.books().find_order(id);
        return order == nullptr || !is_working(order->status);
      });
    });
    ask_again(*account);
  }
  pay_states();
  spool_.retry();
  if (halted) repeat_halt_cancels();
  if (journal_.durable_seq() - last_snapshot_seq_.load() >= settings_.snapshot_after) {
    save_snapshots();
  }
}

void JournalingDesk::stop() {
  const bool first = !stopping_.exchange(true);
  // Reads may still open an account, so every caller waits.
  journal_.wait_idle();
  if (first && journal_.durable_seq() - last_snapshot_seq_.load() >= kWorthASnapshot) save_snapshots();
}

// The number is read before the accounts are listed: an account that is not listed has its first row
// after it.
void JournalingDesk::save_snapshots() {
  if (spool_.waiting() > 0) return;
  const std::int64_t from = journal_.durable_seq();
  std::vector<Journal::Snapshot> snapshots;
  snapshots.push_back({{}, from, std::string{name_of(state_.load())}});
  for (const DeskAccount* account : all_accounts()) {
    auto snapshot = account->journal.snapshot();
    if (!snapshot) return;
    snapshots.push_back(std::move(*snapshot));
  }
  if (auto saved = journal_.save(snapshots); saved) {
    last_snapshot_seq_.store(from);
  } else {
    logger_.warning("trading.snapshot_failed", {{"detail", saved.error().detail}});
  }
}

void JournalingDesk::set_state(const Actor& actor, TradingState state, std::string reason,
                               std::move_only_function<void(Result<void>)> done) {
  if (auto refused = unavailable()) return done(std::unexpected{refused->error});
  // Stricter at once, looser only when it is on record and nothing was decided since.
  const auto [decision, stricter] = state_decisions_.with([&](std::int64_t& latest) {
    const bool tightens = state != TradingState::Active && state >= state_.load();
    if (tightens) state_.store(state);
    return std::pair{++latest, tightens};
  });
  pay_states();
  const JournalEvent event{
      clock_.now(), {}, {}, TradingStateChanged{std::string{name_of(state)}, std::move(reason), actor}};
  auto entry = std::make_shared<Journal::Entry>(Journal::prepare({event}, actor));
  auto seq = std::make_shared<std::int64_t>(0);
  journal_.write(
      [this, entry, seq](store::Transaction& transaction) {
        auto appended = journal_.append(transaction, *entry);
        *seq = journal_.last_seq();
        return appended;
      },
      [this, event, actor, state, decision, stricter, seq, done = std::move(done)](Result<void> result) mutable {
        if (result) {
          journal_.durable_up_to(*seq);
          state_decisions_.with([&](const std::int64_t& latest) {
            if (latest == decision) state_.store(state);
          });
        }
        if (state == TradingState::Halted) cancel_everything(actor);
        if (!result && stricter) return keep_state(event, actor, std::move(done), result.error());
        done(std::move(result));
      });
}

void JournalingDesk::cancel_everything(const Actor& actor) {
  for (DeskAccount* account : all_accounts()) {
    account->journal.decide([&](Turn&) { account->halt_cancels.clear(); });
    cancel_for_halt(*account, actor);
  }
}

void JournalingDesk::repeat_halt_cancels() {
  for (DeskAccount* account : all_accounts()) {
    const bool working =
        account->journal.read([](const Books& books) { return !books.working().empty(); });
    if (working) cancel_for_halt(*account, system_actor());
  }
}

// Cancels what works, but for orders whose last cancel failed too short a time ago or is being repeated anyway, and
// those of unknown outcome, which are cancelled once they are known.
void JournalingDesk::cancel_for_halt(DeskAccount& account, const Actor& actor) {
  std::vector<std::string> due;
  account.journal.decide([&](Turn& turn) {
    const Books& books = turn.books();
    std::erase_if(account.halt_cancels, [&](const auto& entry) {
      const Order* order = books.find_order(entry.first);
      return order == nullptr || !is_working(order->status);
    });
    for (const Order& order : books.orders()) {
      const std::string& id = order.id;
      const bool known = order.status == OrderStatus::Open || order.status == OrderStatus::TriggerPending;
      if (!known || order.cancel_requested) continue;
      auto& retry = account.halt_cancels[id];
      if (retry.asking || retry.due > clock_.now()) continue;
      retry.asking = true;
      due.push_back(id);
    }
  });
  for (const std::string& id : due) {
    cancel(actor, account.journal.id(), id, [this, &account, id](const Answer<Placed>& answer) {
      account.journal.decide([&](Turn&) {
        if (answer) return static_cast<void>(account.halt_cancels.erase(id));
        account.halt_cancels[id].again_after(clock_.now());
      });
      if (answer) return;
      logger_.warning("trading.halt_cancel_failed", {{"account", account.journal.id()},
                                                     {"order", id},
                                                     {"reason", answer.error().error.message}});
    });
  }
}

}  // namespace kavach::trading
