#pragma once

// The default store: one SQLite file in WAL mode inside the data folder, written by one thread with
// group commit and read through connections of their own. Several processes may open the same file
// (the command line does, beside a running gateway): SQLite's locks keep their writes apart. That
// only one gateway serves a folder is FolderLock's task.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/log.h"
#include "store/database.h"
#include "store/sqlite_checkpointer.h"
#include "store/sqlite_readers.h"
#include "store/sqlite_writer.h"
#include "store/store_health.h"

namespace kavach::store {

/// Thread-safe. Destruction commits what is queued. The logger must outlive it.
class SqliteDatabase final : public Database {
 public:
  struct Options {
    std::size_t queue_max{65'536};    ///< units waiting for the writer; more are refused as Busy
    std::size_t batch_max{1'024};     ///< units in one commit
    std::size_t read_connections{4};  ///< reads at the same time; more wait
    int writer_cache_kib{16'384};     ///< page caches, taken as needed
    int reader_cache_kib{2'048};
    std::int64_t wal_bytes_max{64 << 20};  ///< the WAL is started anew when it has grown to this
    /// How long a write waits for another process's, and a read for a connection.
    std::chrono::milliseconds busy_timeout{5'000};
    bool durable{true};  ///< false: no syncs, only for tests that kill nothing
    std::string vfs{};   ///< SQLite VFS name; tests inject faults with it
    /// Called once, on any thread, when the store refuses all further writes: stop the gateway.
    std::function<void(const Error&)> on_failed{};
    /// Both or neither; they must outlive the database.
    MetricsRegistry* metrics{nullptr};
    const Clock* clock{nullptr};
  };

  /// Opens or creates `file` (mode 0600) and its folder (mode 0700). Fails with StorageFull,
  /// ReadOnly, Locked, Corrupt (damaged, or not this gateway's database) or Failed.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                              Options options, Logger& logger);

  void write(Unit unit, Done done) override { writer_.write(std::move(unit), std::move(done)); }
  [[nodiscard]] Result<void> read(const std::function<Result<void>(Reader&)>& use) override {
    return readers_.read(use);
  }
  [[nodiscard]] Result<void> health() const override { return health_.writes(); }

 private:
  SqliteDatabase(const std::filesystem::path& file, const Options& options, Logger& logger,
                 std::unique_ptr<SqliteConnection> writing,
                 std::unique_ptr<SqliteConnection> checkpointing);

  StoreHealth health_;
  SqliteReaders readers_;
  SqliteCheckpointer checkpointer_;
  SqliteWriter writer_;  // last: it calls the checkpointer until it has stopped
};

}  // namespace kavach::store
