#pragma once

// Connections for reading, opened as they are needed and reused. Each read sees one snapshot.

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "store/database.h"
#include "store/sqlite_connection.h"

namespace kavach::store {

/// Thread-safe.
class SqliteReaders {
 public:
  /// `wait_max` bounds how long a read waits for a free connection before it is refused as Busy.
  SqliteReaders(std::filesystem::path file, SqliteConnection::Settings settings,
                std::size_t connections_max, std::chrono::milliseconds wait_max)
      : file_{std::move(file)},
        settings_{std::move(settings)},
        connections_max_{connections_max},
        wait_max_{wait_max} {}

  [[nodiscard]] Result<void> read(const std::function<Result<void>(Reader&)>& use);

 private:
  [[nodiscard]] Result<std::unique_ptr<SqliteConnection>> take();
  void give_back(std::unique_ptr<SqliteConnection> connection);

  const std::filesystem::path file_;
  const SqliteConnection::Settings settings_;
  const std::size_t connections_max_;
  const std::chrono::milliseconds wait_max_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<SqliteConnection>> free_;
  std::size_t open_{0};
};

}  // namespace kavach::store
