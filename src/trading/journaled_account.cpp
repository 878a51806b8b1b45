#include "trading/journaled_account.h"

#include <thread>

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
  if (account.doomed_ > 0) {
    return fail(ErrorCode::StorageFailed, "The order store is recovering. Try again in a moment.");
  }
  for (JournalEvent& event : events) event.account = account.id_;
  auto write = std::make_shared<Write>();
  write->generation = account.generation_;
  write->number = ++account.last_number_;
  write->follows = account.follows_;
  write->entry = Journal::prepare(events, actor);
  write->events = std::move(events);
  write->after.push_back(std::move(after));
  write->queued_by = std::this_thread::get_id();

  // A full queue answers on this thread before `write` returns, while we hold the lock.
  bool answered = false;
  account.journal_.write(
      [&account, write](store::Transaction& transaction) {
        return account.commit(transaction, *write);
      },
      [&account, write, &answered](Result<void> result) {
        if (std::this_thread::get_id() == write->queued_by && write->queueing) {
          write->refused = std::move(result);
          answered = true;
          return;
        }
        account.completed(write, std::move(result));
      });
  write->queueing = false;
  if (answered && !write->refused) return write->refused;

  for (const JournalEvent& event : write->events) account.decided_.apply(event);
  ++account.in_flight_;
  account.follows_ = write->number;
  account.last_write_ = write;
  if (answered) later([&account, write] { account.completed(write, {}); });
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
    durable_.with([&](Durable& durable) {
      for (const JournalEvent& event : write->events) {
        durable.books.apply(event);
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
  decided_ = durable_.with([](const Durable& durable_now) { return durable_now.books; });
}

Journal::Snapshot JournaledAccount::snapshot() const {
  // The text is made from a copy, so that readers and the writer wait for the copy alone.
  const auto [books, seq] = durable_.with([](const Durable& durable) { return durable; });
  return {id_, seq, books.dump()};
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
