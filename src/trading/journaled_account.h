#pragma once

// One account's books, twice: as decided and as durable. Decisions are made under the account's lock
// from the books as decided, where every intent counts at once, so two orders can never spend one
// rupee; readers and clients see the books as durable, so what anyone was shown survives a crash.
//
//   decide(…)  turn.record(events)   queued to the writer and applied to the decided books, under the
//                                    lock: the journal's order is the order of decisions
//   commit     applied to the durable books, then the continuation runs (answer, or go to the broker)
//   no commit  the decided books go back to the durable ones, which undoes every reservation; entries
//              decided on top of the lost one are refused by the writer, so nothing is ever journaled
//              that rests on something that is not
//   owe(…)     what happened although the journal cannot be written (somebody got out of a position) enters
//              both books at once and is owed to the journal: nothing is recorded before it is paid
//
// Thread-safe.

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/executor.h"
#include "core/guarded.h"
#include "trading/books.h"
#include "trading/journal.h"

namespace kavach::trading {

class JournaledAccount {
 public:
  using After = std::move_only_function<void(Result<void>)>;

  /// What a decision may do while it holds the lock.
  class Turn {
   public:
    [[nodiscard]] const Books& books() const { return account_.decided_; }
    /// Journals and applies. An error means that nothing was queued or applied; then `after` is dropped.
    /// Otherwise `after` is called once without the lock, in the order of recording: with success when
    /// the events are durable, with the error when they never will be.
    [[nodiscard]] Result<void> record(std::vector<JournalEvent> events, const Actor& actor,
                                      After after);
    /// Calls `after` once everything recorded so far is settled.
    void when_settled(Job after);
    /// Nothing recorded is under way.
    [[nodiscard]] bool is_settled() const { return account_.last_write_ == nullptr; }

    /// Applies events to both books and owes them to the journal. Only while settled; the caller has seen to
    /// it that they outlive the process as far as that is possible (store/spool.h).
    void owe(std::vector<JournalEvent> events, const Actor& actor);
    [[nodiscard]] bool owes() const { return !account_.owed_.empty(); }
    /// Journals what is owed, or tries with the oldest entry while the store is away.
    void pay();
    /// Runs `job` after the lock has been released, on this thread.
    void later(Job job) { jobs_.push_back(std::move(job)); }

   private:
    friend class JournaledAccount;
    explicit Turn(JournaledAccount& account) : account_{account} {}
    JournaledAccount& account_;
    std::vector<Job> jobs_;
  };

  /// `on_paid` is called for each entry that was owed and is journaled now, without the lock. Both callbacks
  /// outlive the account.
  JournaledAccount(AccountId id, Journal& journal, const OnOrderUpdate& on_update,
                   const std::function<void()>& on_paid)
      : id_{std::move(id)}, journal_{journal}, on_update_{on_update}, on_paid_{on_paid} {}

  [[nodiscard]] const AccountId& id() const { return id_; }

  template <class Decide>
  void decide(Decide&& make) {
    Turn turn{*this};
    {
      const std::lock_guard lock{mutex_};
      make(turn);
    }
    for (Job& job : turn.jobs_) job();
  }

  /// The durable books.
  template <class Use>
  decltype(auto) read(Use&& use) const {
    return durable_.with([&](const Durable& durable) -> decltype(auto) { return use(durable.books); });
  }

  /// The durable books and the number of the last journal row in them; nothing while anything is owed,
  /// because then the books hold more than the rows up to that number.
  [[nodiscard]] std::optional<Journal::Snapshot> snapshot() const;

  /// Start-up only: what the journal already holds.
  void restore(Books books, std::int64_t seq);
  void restore(const JournalEvent& event, std::int64_t seq);
  /// Start-up only: replay is over.
  void restored();

 private:
  struct Write {
    std::uint64_t generation{0};
    std::uint64_t number{0};
    std::uint64_t follows{0};  ///< the number of the write it was decided on top of; 0: of none
    std::vector<JournalEvent> events;
    Journal::Entry entry;
    std::int64_t seq{0};  ///< of its last row, once committed
    std::vector<After> after;
    std::thread::id queued_by;
    bool queueing{true};  ///< only ever true on the thread that queues
    bool owed{false};     ///< in the books already
    Result<void> refused;
  };

  struct Owed {
    std::vector<JournalEvent> events;
    Actor actor;
  };

  struct Durable {
    Books books;
    std::int64_t seq{0};
  };

  [[nodiscard]] Result<void> queue(Turn& turn, const std::shared_ptr<Write>& write);
  [[nodiscard]] Result<void> pay(Turn& turn);
  Result<void> commit(store::Transaction& transaction, Write& write);
  void completed(const std::shared_ptr<Write>& write, Result<void> result);
  void settle(const std::shared_ptr<Write>& write, bool durable, std::vector<OrderUpdate>& updates);
  void break_generation(std::uint64_t generation);

  const AccountId id_;
  Journal& journal_;
  const OnOrderUpdate& on_update_;
  const std::function<void()>& on_paid_;

  mutable std::mutex mutex_;
  Books decided_;
  std::shared_ptr<Write> last_write_;  ///< the newest in flight, or null
  std::uint64_t generation_{1};
  std::uint64_t last_number_{0};
  std::uint64_t follows_{0};  ///< for the next write
  std::size_t in_flight_{0};  ///< writes of this generation
  std::size_t doomed_{0};     ///< writes of earlier generations whose failure has not been told yet
  std::deque<Owed> owed_;     ///< oldest first; the first `paying_` are in flight
  std::size_t paying_{0};
  bool store_away_{false};    ///< since something was owed no write has succeeded
  std::atomic<std::uint64_t> broken_generation_{0};
  std::uint64_t last_run_{0};  ///< writer thread: the last write that was put into a transaction

  Guarded<Durable> durable_;
};

/// The updates that listeners get for one durable event: none, one, or acceptance and fill.
void add_updates(const AccountId& account, const JournalEvent& event, const Books& books,
                 std::vector<OrderUpdate>& updates);

}  // namespace kavach::trading
