#pragma once

// The audit journal: every record carries the hash of the one before it, so that nothing can be
// changed, removed, swapped or inserted without breaking the chain from there on. There is no way
// to delete a record.
//
// The head moves inside the transaction of what is recorded and steps back if that transaction is
// lost. Another process (the command line) may append to the same chain: a sequence number that
// turns out to be taken means that the head has moved, and it is read again.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "audit/audit_log.h"
#include "audit/audit_record.h"
#include "audit/repeat_counter.h"
#include "core/clock.h"
#include "core/log.h"

namespace kavach::audit {

/// Thread-safe, but for `append`, which belongs to the database's writer thread. The database,
/// clock and logger must outlive it.
class AuditChain final : public AuditLog {
 public:
  struct Limits {
    std::size_t pending_max{8'192};  ///< records waiting to be written; more are counted as lost
    RepeatCounter::Limits repeats{};
  };

  /// Reads the chain's head. The database must be migrated.
  [[nodiscard]] static Result<std::unique_ptr<AuditChain>> open(store::Database& database,
                                                                const Clock& clock, Logger& logger,
                                                                Limits limits);
  [[nodiscard]] static Result<std::unique_ptr<AuditChain>> open(store::Database& database,
                                                                const Clock& clock,
                                                                Logger& logger) {
    return open(database, clock, logger, Limits{});
  }
  /// Writes what is pending and waits for it.
  ~AuditChain() override;

  [[nodiscard]] Result<void> append(store::Transaction& transaction, const Event& event) override;
  void record(Event event) override;

  /// Writes the summaries of a minute that is over, and what could not be written before. Call
  /// about once a second; never blocks.
  void tick();

 private:
  struct Pending {
    TimePoint at{};
    Event event;
  };

  AuditChain(store::Database& database, const Clock& clock, Logger& logger, Limits limits,
             ChainHead head)
      : database_{database},
        clock_{clock},
        logger_{logger},
        limits_{limits},
        head_{std::move(head)},
        repeats_{limits.repeats} {}

  [[nodiscard]] Result<void> append_at(store::Transaction& transaction, TimePoint at,
                                       const Event& event);
  /// Under `mutex_`: turns the counts of a window that is over into pending records.
  void close_window(TimePoint now);
  void add_pending(TimePoint at, Event event);
  /// Under `mutex_`: true when the caller must call `flush` after unlocking.
  [[nodiscard]] bool wants_flush();
  void flush();
  [[nodiscard]] Result<void> write_pending(store::Transaction& transaction);
  void settle(const Result<void>& outcome);

  store::Database& database_;
  const Clock& clock_;
  Logger& logger_;
  const Limits limits_;
  ChainHead head_;                   // writer thread
  std::vector<Pending> in_flight_;   // writer thread
  std::uint64_t lost_in_flight_{0};  // writer thread

  std::mutex mutex_;
  RepeatCounter repeats_;
  std::vector<Pending> pending_;
  std::uint64_t lost_{0};
  bool flushing_{false};
  bool closing_{false};
  std::condition_variable idle_;
};

}  // namespace kavach::audit
