#include "trading/journaled_account.h"

#include <thread>

#include "core/civil_time.h"

namespace kavach::trading {
namespace {

// Whether listeners hear of it.
struct Shown {
  bool operator()(const OrderAccepted&) const { return true; }
  bool operator()(const OrderRejected&) const { return true; }
  bool operator()(const OrderTriggered&) const { return true; }
  bool operator()(const OrderFilled&) const { return true; }
  bool operator()(const OrderCancelled&) const { return true; }
  bool operator()(const ChangeMade&) const { return true; }
  bool operator()(const auto&) const { return false; }
};

}  // namespace

Result<void> JournaledAccount::Turn::record(std::vector<JournalEvent> events, const Actor& actor,
                                            After after) {
  JournaledAccount& account = account_;
  if (account.paying_ < account.owed_.size()) {
    if (account.store_away_) {
      return fail(ErrorCode::StorageFailed, "The order store cannot be written. Try again in a moment.",
                  "what was done without the journal is not in it yet");
    }
    if (auto paid = account.pay(*this); !paid) return paid;
  }
  for (JournalEvent& event : events) event.account = account.id_;
  auto write = std::make_shared<Write>();
  write->entry = Journal::prepare(events, actor);
  write->events = std::move(events);
  write->after.push_back(std::move(after));
  if (auto queued = account.queue(*this, write); !queued) return queued;
  for (const JournalEvent& event : write->events) account.decided_.apply(event);
  return {};
}

void JournaledAccount::Turn::owe(std::vector<JournalEvent> events, const Actor& actor) {
  JournaledAccount& account = account_;
  check(is_settled(), "something was owed while an entry was under way");
  std::vector<OrderUpdate> updates;
  account.durable_.with([&](Durable& durable) {
    for (JournalEvent& event : events) {
      event.account = account.id_;
      account.decided_.apply(event);
      durable.books.apply(event);
      if (account.on_update_) add_updates(account.id_, event, durable.books, updates);
    }
  });
  account.owed_.push_back({std::move(events), actor});
  account.store_away_ = true;
  if (updates.empty()) return;
  later([&account, updates = std::move(updates)] {
    for (const OrderUpdate& update : updates) account.on_update_(update);
  });
}

void JournaledAccount::Turn::pay() {
  if (account_.paying_ == account_.owed_.size()) return;
  if (auto paid = account_.pay(*this); !paid) account_.store_away_ = true;
}

// While the store is away one entry is enough to find out whether it is back.
Result<void> JournaledAccount::pay(Turn& turn) {
  const std::size_t wanted = store_away_ ? 1 : owed_.size();
  while (paying_ < wanted) {
    const Owed& owed = owed_[paying_];
    auto write = std::make_shared<Write>();
    write->entry = Journal::prepare(owed.events, owed.actor);
    write->entry.record.fields.emplace_back("happened_at", utc_text(owed.events.back().at));
    write->owed = true;
    write->after.push_back([this](const Result<void>& result) {
      if (result) on_paid_();
    });
    if (auto queued = queue(turn, write); !queued) return queued;
    ++paying_;
  }
  return {};
}

// Hands a write to the store, to be committed after all that were queued before it.
Result<void> JournaledAccount::queue(Turn& turn, const std::shared_ptr<Write>& write) {
  if (doomed_ > 0) {
    return fail(ErrorCode::StorageFailed, "The order store is recovering. Try again in a moment.");
  }
  write->generation = generation_;
  write->number = ++last_number_;
  write->follows = follows_;
  write->queued_by = std::this_thread::get_id();

  // A full queue answers on this thread before `write` returns, while we hold the lock.
  bool answered = false;
  journal_.write([this, write](store::Transaction& transaction) { return commit(transaction, *write); },
                 [this, write, &answered](Result<void> result) {
                   if (std::this_thread::get_id() == write->queued_by && write->queueing) {
                     write->refused = std::move(result);
                     answered = true;
                     return;
                   }
                   completed(write, std::move(result));
                 });
  write->queueing = false;
  if (answered && !write->refused) return write->refused;
  ++in_flight_;
  follows_ = write->number;
  last_write_ = write;
  if (answered) turn.later([this, write] { completed(write, {}); });
  return {};
}

void JournaledAccount::Turn::when_settled(Job after) {
  if (!account_.last_write_) return later(std::move(after));
  account_.last_write_->after.push_back(
      [job = std::move(after)](const Result<void>&) mutable { job(); });
}

Result<void> JournaledAccount::commit(store::Transaction& transaction, Write& write) {
  const bool on_lost_ground = write.follows != 0 && write.follows != last_run_;
  if (write.generation <= broken_generation_.load() || on_lost_ground) {
    break_generation(write.generation);
    return fail(ErrorCode::StorageFailed, "The order could not be recorded. Nothing was sent.",
                "decided on top of an entry that was lost");
  }
  transaction.on_rollback([this, generation = write.generation] { break_generation(generation); });
  auto appended = journal_.append(transaction, write.entry);
  if (!appended) break_generation(write.generation);
  last_run_ = write.number;
  write.seq = journal_.last_seq();
  return appended;
}

void JournaledAccount::break_generation(std::uint64_t generation) {
  std::uint64_t broken = broken_generation_.load();
  while (broken < generation && !broken_generation_.compare_exchange_weak(broken, generation)) {
  }
}

void JournaledAccount::completed(const std::shared_ptr<Write>& write, Result<void> result) {
  std::vector<OrderUpdate> updates;
  std::vector<After> after;
  {
    const std::lock_guard lock{mutex_};
    settle(write, result.has_value(), updates);
    after = std::move(write->after);
    if (last_write_ == write) last_write_.reset();
  }
  if (on_update_) {
    for (const OrderUpdate& update : updates) on_update_(update);
  }
  for (After& next : after) next(result);
}

void JournaledAccount::settle(const std::shared_ptr<Write>& write, bool durable,
                              std::vector<OrderUpdate>& updates) {
  if (write->generation != generation_) {
    check(!durable, "an entry was committed on top of a lost one");
    --doomed_;
    return;
  }
  --in_flight_;
  if (durable) {
    store_away_ = false;
    if (write->owed) {
      owed_.pop_front();
      --paying_;
    }
    durable_.with([&](Durable& durable) {
      for (const JournalEvent& event : write->events) {
        durable.books.apply(event);
        if (!event.order_id.empty()) decided_.share_with(durable.books, event.order_id);
        if (on_update_) add_updates(id_, event, durable.books, updates);
      }
      durable.seq = write->seq;
    });
    journal_.durable_up_to(write->seq);
    return;
  }
  break_generation(generation_);
  ++generation_;
  follows_ = 0;
  doomed_ = in_flight_;
  in_flight_ = 0;
  paying_ = 0;
  store_away_ = !owed_.empty();
  decided_ = durable_.with([](const Durable& durable_now) { return durable_now.books; });
}

std::optional<Journal::Snapshot> JournaledAccount::snapshot() const {
  // The text is made from a copy, so that readers and the writer wait for the copy alone.
  Durable copy;
  {
    const std::lock_guard lock{mutex_};
    if (!owed_.empty()) return std::nullopt;
    copy = durable_.with([](const Durable& durable) { return durable; });
  }
  return Journal::Snapshot{id_, copy.seq, copy.books.dump()};
}

void JournaledAccount::restore(Books books, std::int64_t seq) {
  durable_.with([&](Durable& durable) { durable = {std::move(books), seq}; });
}

void JournaledAccount::restore(const JournalEvent& event, std::int64_t seq) {
  durable_.with([&](Durable& durable) {
    if (seq <= durable.seq) return;
    durable.books.apply(event);
    durable.seq = seq;
  });
}

void JournaledAccount::restored() {
  const std::lock_guard lock{mutex_};
  decided_ = durable_.with([](const Durable& durable) { return durable.books; });
}

void add_updates(const AccountId& account, const JournalEvent& event, const Books& books,
                 std::vector<OrderUpdate>& updates) {
  const Order* order =
      std::visit(Shown{}, event.what) ? books.find_order(event.order_id) : nullptr;
  if (order == nullptr) return;
  const auto* fill = std::get_if<OrderFilled>(&event.what);
  if (fill != nullptr && !fill->broker_id.empty()) {
    Order accepted = *order;
    accepted.status = OrderStatus::Open;
    accepted.filled = {};
    accepted.average_price = {};
    updates.push_back({account, std::move(accepted)});
  }
  updates.push_back({account, *order});
}

}  // namespace kavach::trading
