#pragma once

// The order journal on disk: append-only rows, each commit with its audit record in the same
// transaction, so that neither exists without the other. The audit record carries a SHA-256 digest of
// the rows, which puts the journal itself under the audit chain's protection.
//
// `append` runs on the store's writer thread; `prepare` anywhere; loading is for start-up and blocks.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_log.h"
#include "store/database.h"
#include "trading/books.h"
#include "trading/journal_event.h"

namespace kavach::trading {

class Journal {
 public:
  struct Line {
    TimePoint at{};
    AccountId account;
    std::string order_id;
    std::string_view kind;
    std::string body;
  };
  /// Events that become durable together, ready to be written.
  struct Entry {
    std::vector<Line> lines;
    audit::Event record;
  };

  Journal(store::Database& database, audit::AuditLog& audit) : database_{database}, audit_{audit} {}

  [[nodiscard]] static Entry prepare(const std::vector<JournalEvent>& events, const Actor& actor);
  /// Appends inside a transaction.
  [[nodiscard]] Result<void> append(store::Transaction& transaction, const Entry& entry);

  struct Snapshot {
    AccountId account;  ///< empty: every account that has no snapshot of its own starts here
    std::int64_t seq{0};
    std::string body;
  };
  [[nodiscard]] Result<std::vector<Snapshot>> snapshots();
  /// Replaces the snapshots of these accounts, and waits until that is durable.
  [[nodiscard]] Result<void> save(const std::vector<Snapshot>& snapshots);

  using OnEvent = std::function<Result<void>(std::int64_t seq, const JournalEvent& event)>;
  /// Every event after `seq`, in the order of the journal. Start-up only: it also finds out where the
  /// numbering goes on.
  [[nodiscard]] Result<void> replay(std::int64_t after, const OnEvent& on_event);

  /// Queues a unit; `wait_idle` waits for its `done`.
  void write(store::Unit unit, store::Done done);
  /// For other work that `wait_idle` waits for: each `begin_work` needs its `end_work`.
  void begin_work();
  void end_work();
  /// Until no write is queued and no `done` is running, those queued by a `done` included.
  void wait_idle();

  [[nodiscard]] audit::AuditLog& audit() { return audit_; }
  /// The number of the last row of a running transaction. Writer thread only.
  [[nodiscard]] std::int64_t last_seq() const { return last_seq_; }
  /// The highest number known to be durable.
  [[nodiscard]] std::int64_t durable_seq() const { return durable_seq_.load(); }
  void durable_up_to(std::int64_t seq);

 private:
  store::Database& database_;
  audit::AuditLog& audit_;
  std::int64_t last_seq_{0};  ///< writer thread
  std::atomic<std::int64_t> durable_seq_{0};
  std::mutex mutex_;
  std::condition_variable idle_;
  std::int64_t working_{0};  ///< guarded by mutex_
};

}  // namespace kavach::trading
