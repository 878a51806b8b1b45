#pragma once

// Copies committed WAL frames into the database file on a thread and connection of its own, so that
// no commit pays for it.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "core/log.h"
#include "store/sqlite_connection.h"
#include "store/store_health.h"

namespace kavach::store {

/// Thread-safe.
class SqliteCheckpointer {
 public:
  SqliteCheckpointer(std::unique_ptr<SqliteConnection> connection, Logger& logger,
                     StoreHealth& health);
  ~SqliteCheckpointer();
  SqliteCheckpointer(const SqliteCheckpointer&) = delete;
  SqliteCheckpointer& operator=(const SqliteCheckpointer&) = delete;

  /// Asks for a checkpoint and returns at once.
  void wanted();

 private:
  void run();

  Logger& logger_;
  StoreHealth& health_;
  std::unique_ptr<SqliteConnection> connection_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool wanted_{false};
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace kavach::store
