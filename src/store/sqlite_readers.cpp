#include "store/sqlite_readers.h"

#include <utility>

namespace kavach::store {
namespace {

class SnapshotReader final : public Reader {
 public:
  explicit SnapshotReader(SqliteConnection& connection) : connection_{connection} {}
  Result<void> query(std::string_view sql, Params params, const OnRow& on_row) override {
    return connection_.query(sql, params, on_row);
  }

 private:
  SqliteConnection& connection_;
};

}  // namespace

Result<void> SqliteReaders::read(const std::function<Result<void>(Reader&)>& use) {
  auto taken = take();
  if (!taken) return pass_on(taken);
  // Gives the connection back with its snapshot ended, also when `use` throws.
  struct Return {
    SqliteReaders& pool;
    std::unique_ptr<SqliteConnection> connection;
    ~Return() { pool.give_back(std::move(connection)); }
  } lease{*this, std::move(*taken)};
  if (auto begun = lease.connection->execute("BEGIN", {}); !begun) return pass_on(begun);
  SnapshotReader reader{*lease.connection};
  return use(reader);
}

Result<std::unique_ptr<SqliteConnection>> SqliteReaders::take() {
  std::unique_lock lock{mutex_};
  if (free_.empty() && open_ >= connections_max_) {
    if (!freed_.wait_for(lock, wait_max_,
                         [this] { return !free_.empty() || open_ < connections_max_; })) {
      return fail(ErrorCode::Busy, "The gateway is busy. Try again in a moment.",
                  "no free read connection");
    }
  }
  if (!free_.empty()) {
    auto connection = std::move(free_.back());
    free_.pop_back();
    return connection;
  }
  ++open_;
  lock.unlock();
  auto opened = SqliteConnection::open(file_, settings_);
  if (!opened) {
    lock.lock();
    --open_;
    freed_.notify_one();
  }
  return opened;
}

void SqliteReaders::give_back(std::unique_ptr<SqliteConnection> connection) {
  const bool usable = connection->idle() || connection->execute("COMMIT", {}).has_value();
  {
    const std::lock_guard lock{mutex_};
    if (usable && !connection->damage()) {
      free_.push_back(std::move(connection));
    } else {
      --open_;
    }
  }
  freed_.notify_one();
}

}  // namespace kavach::store
