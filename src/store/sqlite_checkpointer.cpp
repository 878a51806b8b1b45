#include "store/sqlite_checkpointer.h"

#include <utility>

namespace kavach::store {

SqliteCheckpointer::SqliteCheckpointer(std::unique_ptr<SqliteConnection> connection, Logger& logger,
                                       StoreHealth& health)
    : logger_{logger}, health_{health}, connection_{std::move(connection)} {
  thread_ = std::thread{[this] { run(); }};
}

SqliteCheckpointer::~SqliteCheckpointer() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void SqliteCheckpointer::wanted() {
  {
    const std::lock_guard lock{mutex_};
    wanted_ = true;
  }
  wake_.notify_one();
}

void SqliteCheckpointer::run() {
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || wanted_; });
      if (stopping_) return;
      wanted_ = false;
    }
    auto copied = connection_->checkpoint();
    if (copied) continue;
    if (connection_->damage()) {
      connection_->leave_wal_alone();
      health_.fail_with(*connection_->damage());
      return;
    }
    // A full disk: the WAL keeps everything, and the next growth tries again.
    logger_.warning("store.checkpoint_failed", {{"detail", copied.error().detail}});
  }
}

}  // namespace kavach::store
