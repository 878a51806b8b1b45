#include "store/sqlite_writer.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace kavach::store {
namespace {

constexpr std::int64_t kPageBytes = 4096;
constexpr std::int64_t kPagesWorthCopying = 1024;
/// A burst's queue is given back when it was larger than this.
constexpr std::size_t kQueueKept = 4096;

class SqliteTransaction final : public Transaction {
 public:
  SqliteTransaction(SqliteConnection& connection, std::vector<Job>& undos, bool alone)
      : connection_{connection}, undos_{undos}, alone_{alone} {}

  Result<void> query(std::string_view sql, Params params, const OnRow& on_row) override {
    return connection_.query(sql, params, on_row);
  }
  Result<std::int64_t> execute(std::string_view sql, Params params) override {
    if (auto guarded = guard(); !guarded) return pass_on(guarded);
    return connection_.execute(sql, params);
  }
  Result<void> script(std::string_view sql) override {
    if (auto guarded = guard(); !guarded) return guarded;
    return connection_.script(sql);
  }
  std::int64_t last_insert_id() const override { return connection_.last_insert_id(); }
  void on_rollback(Job undo) override { undos_.push_back(std::move(undo)); }

  /// Ends the unit's savepoint, if it needed one.
  Result<void> finish(bool keep) {
    if (!guarded_) return {};
    if (!keep) {
      if (auto back = connection_.execute("ROLLBACK TO unit", {}); !back) return pass_on(back);
    }
    if (auto released = connection_.execute("RELEASE unit", {}); !released)
      return pass_on(released);
    return {};
  }

 private:
  /// A savepoint costs a copy of each page the unit changes, so it is set before the first change
  /// and not at all for a unit that has the transaction to itself.
  Result<void> guard() {
    if (alone_ || guarded_) return {};
    if (auto set = connection_.execute("SAVEPOINT unit", {}); !set) return pass_on(set);
    guarded_ = true;
    return {};
  }

  SqliteConnection& connection_;
  std::vector<Job>& undos_;
  const bool alone_;
  bool guarded_{false};
};

bool is_of_the_disk(ErrorCode code) {
  return code == ErrorCode::StorageFull || code == ErrorCode::StorageReadOnly || code == ErrorCode::StorageLocked ||
         code == ErrorCode::StorageFailed;
}

Result<void> run_guarded(Unit& unit, Transaction& transaction) {
  try {
    return unit(transaction);
  } catch (const std::exception& bug) {
    return fail(ErrorCode::Internal, "The request could not be processed.", bug.what());
  }
}

}  // namespace

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteConnection> connection, Limits limits,
                           Logger& logger, StoreHealth& health, StoreMeters meters,
                           std::function<void()> on_wal_grown)
    : limits_{limits},
      logger_{logger},
      health_{health},
      meters_{meters},
      on_wal_grown_{std::move(on_wal_grown)},
      connection_{std::move(connection)} {
  sqlite3_wal_hook(connection_->handle(), &SqliteWriter::wal_hook, this);
  thread_ = std::thread{[this] { run(); }};
}

SqliteWriter::~SqliteWriter() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void SqliteWriter::write(Unit unit, Done done) {
  if (health_.has_failed()) return done(health_.state());
  {
    const std::lock_guard lock{mutex_};
    if (!stopping_ && queue_.size() < limits_.queue_max) {
      queue_.push_back(Pending{std::move(unit), std::move(done)});
      if (queue_.size() == 1) wake_.notify_one();
      return;
    }
  }
  done(fail(ErrorCode::Busy, "The gateway is busy. Try again in a moment.", "write queue is full"));
}

void SqliteWriter::run() {
  std::vector<Pending> taken;
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) break;
      taken.swap(queue_);
    }
    meters_.took_up(taken.size());
    std::span<Pending> rest{taken};
    while (!rest.empty()) {
      const auto batch = rest.first(std::min(rest.size(), limits_.batch_max));
      const Monotonic begun = meters_.now();
      const std::size_t settled = commit(batch);
      meters_.committed(settled, failures_in(batch.first(settled)), begun);
      report(batch.first(settled));
      complete(batch.first(settled));
      rest = rest.subspan(settled);
      settle_wal();
    }
    if (taken.capacity() > kQueueKept) taken = std::vector<Pending>{};
    taken.clear();
  }
  if (health_.has_failed()) connection_->leave_wal_alone();
}

std::size_t SqliteWriter::failures_in(std::span<const Pending> settled) {
  return static_cast<std::size_t>(std::ranges::count_if(
      settled, [](const Pending& pending) { return !pending.outcome.has_value(); }));
}

void SqliteWriter::report(std::span<const Pending> settled) {
  const auto refused = std::ranges::find_if(settled, [](const Pending& pending) {
    return !pending.outcome && is_of_the_disk(pending.outcome.error().code);
  });
  if (refused != settled.end()) return health_.not_committed(refused->outcome.error());
  const bool any = std::ranges::any_of(settled, [](const Pending& pending) { return pending.outcome.has_value(); });
  if (any) health_.committed();
}

std::size_t SqliteWriter::commit(std::span<Pending> batch) {
  if (auto healthy = health_.state(); !healthy) {
    for (auto& pending : batch) pending.outcome = healthy;
    return batch.size();
  }
  // IMMEDIATE: waits for another process's short write here, where nothing has been done yet.
  if (auto begun = connection_->execute("BEGIN IMMEDIATE", {}); !begun) {
    for (auto& pending : batch) pending.outcome = pass_on(begun);
    if (connection_->damage()) health_.fail_with(*connection_->damage());
    return batch.size();
  }
  undos_.clear();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (run_unit(batch[i], batch.size() == 1)) continue;
    const auto done = batch.first(i + 1);
    lose(done, connection_->damage() ? *connection_->damage() : done.back().outcome.error());
    return done.size();
  }
  if (auto committed = connection_->execute("COMMIT", {}); !committed)
    lose(batch, committed.error());
  return batch.size();
}

bool SqliteWriter::run_unit(Pending& pending, bool alone) {
  const std::size_t mark = undos_.size();
  SqliteTransaction transaction{*connection_, undos_, alone};
  pending.outcome = run_guarded(pending.unit, transaction);
  // A unit may have ignored the error that ended the transaction; the transaction is gone all the
  // same.
  if (connection_->damage() || connection_->idle()) {
    if (pending.outcome) {
      pending.outcome =
          fail(ErrorCode::StorageFailed, "Writing the database failed. Check the disk.",
               "the transaction ended inside a unit that reported success");
    }
    return false;
  }
  const bool keep = pending.outcome.has_value();
  if (!keep) {
    undo_down_to(mark);
    if (alone) return false;
  }
  if (auto finished = transaction.finish(keep); !finished) {
    pending.outcome = finished;
    return false;
  }
  return true;
}

void SqliteWriter::lose(std::span<Pending> batch, const Error& error) {
  undo_down_to(0);
  if (!connection_->idle()) {
    // Fails only when the transaction is already gone.
    static_cast<void>(connection_->execute("ROLLBACK", {}));
  }
  for (auto& pending : batch) {
    if (pending.outcome) pending.outcome = std::unexpected{error};
  }
  if (connection_->damage()) {
    health_.fail_with(*connection_->damage());
  } else if (batch.size() > 1) {
    logger_.error("store.commit_failed", {{"units", batch.size()}, {"detail", error.detail}});
  }
}

void SqliteWriter::undo_down_to(std::size_t mark) {
  while (undos_.size() > mark) {
    Job undo = std::move(undos_.back());
    undos_.pop_back();
    undo();
  }
}

void SqliteWriter::complete(std::span<Pending> batch) {
  for (auto& pending : batch) {
    try {
      pending.done(std::move(pending.outcome));
    } catch (const std::exception& bug) {
      logger_.error("store.completion_threw", {{"detail", bug.what()}});
    }
    // What the unit and its completion hold is released now and not when the whole queue is done.
    pending.unit = nullptr;
    pending.done = nullptr;
  }
}

int SqliteWriter::wal_hook(void* self, sqlite3* /*connection*/, const char* /*name*/, int pages) {
  static_cast<SqliteWriter*>(self)->wal_pages_ = pages;
  return SQLITE_OK;
}

void SqliteWriter::settle_wal() {
  if (wal_pages_ < wal_pages_signalled_) wal_pages_signalled_ = 0;  // the WAL started anew
  if (wal_pages_ - wal_pages_signalled_ >= kPagesWorthCopying) {
    wal_pages_signalled_ = wal_pages_;
    if (on_wal_grown_) on_wal_grown_();
  }
  if (wal_pages_ * kPageBytes < limits_.wal_bytes_max) {
    wal_pages_next_attempt_ = 0;
    return;
  }
  // Under constant load the checkpointer never catches up with us. While we copy, nothing is added,
  // so afterwards the next commit starts the WAL anew, unless a reader still looks at it.
  if (wal_pages_ < wal_pages_next_attempt_) return;
  wal_pages_next_attempt_ = wal_pages_ + kPagesWorthCopying;
  if (auto copied = connection_->checkpoint(); !copied && connection_->damage()) {
    health_.fail_with(*connection_->damage());
  }
}

}  // namespace kavach::store
