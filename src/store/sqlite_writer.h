#pragma once

// The one thread that writes. It takes what queued up during the last commit, runs it in a single
// transaction, makes it durable with one sync, and completes every waiter (group commit). A unit
// that fails is rolled back alone. After an error that leaves the disk's contents unknown nothing
// is written any more.

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "core/log.h"
#include "store/database.h"
#include "store/sqlite_connection.h"
#include "store/store_health.h"
#include "store/store_meters.h"

namespace kavach::store {

/// Thread-safe. Destruction commits what is queued.
class SqliteWriter {
 public:
  struct Limits {
    std::size_t queue_max{65'536};  ///< units waiting
    std::size_t batch_max{1'024};   ///< units in one transaction
    std::int64_t wal_bytes_max{64 << 20};
  };
  /// `on_wal_grown` is called on the writer thread when enough was committed to be worth copying
  /// into the database.
  SqliteWriter(std::unique_ptr<SqliteConnection> connection, Limits limits, Logger& logger,
               StoreHealth& health, StoreMeters meters, std::function<void()> on_wal_grown);
  ~SqliteWriter();
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  void write(Unit unit, Done done);

 private:
  struct Pending {
    Unit unit;
    Done done;
    Result<void> outcome{};
  };

  void run();
  /// Runs a prefix of `batch` in one transaction; returns how many units it settled (at least one).
  [[nodiscard]] std::size_t commit(std::span<Pending> batch);
  /// False when the whole transaction is gone.
  [[nodiscard]] bool run_unit(Pending& pending, bool alone);
  /// Everything of this transaction is lost: steps memory back, and fails the units that had
  /// passed.
  void lose(std::span<Pending> batch, const Error& error);
  [[nodiscard]] static std::size_t failures_in(std::span<const Pending> settled);
  void undo_down_to(std::size_t mark);
  /// Tells the health whether the disk took this.
  void report(std::span<const Pending> settled);
  void complete(std::span<Pending> batch);
  void settle_wal();
  static int wal_hook(void* self, sqlite3* connection, const char* name, int pages);

  const Limits limits_;
  Logger& logger_;
  StoreHealth& health_;
  StoreMeters meters_;  // writer thread
  const std::function<void()> on_wal_grown_;
  std::unique_ptr<SqliteConnection> connection_;  // writer thread only
  std::vector<Job> undos_;                        // writer thread only
  std::int64_t wal_pages_{0};                     // writer thread only
  std::int64_t wal_pages_signalled_{0};           // writer thread only
  std::int64_t wal_pages_next_attempt_{0};        // writer thread only

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Pending> queue_;
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace kavach::store
