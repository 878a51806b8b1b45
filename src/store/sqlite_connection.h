#pragma once

// One SQLite connection: its settings, its statement cache, the binding of values and the reading
// of rows. The writer, the readers and the checkpointer of SqliteDatabase each own some. Used by
// one thread at a time.

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "store/database.h"
#include "store/sqlite_statements.h"

namespace kavach::store {

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};

class SqliteConnection {
 public:
  struct Settings {
    bool writes{false};              ///< false: statements that change anything are refused
    bool durable{true};              ///< false: no syncs at all, for tests that kill nothing
    int cache_kib{2048};             ///< page cache, taken as needed
    std::int64_t wal_bytes_kept{0};  ///< what the WAL file may keep after it was reset
    std::chrono::milliseconds busy_timeout{5000};
    std::string vfs{};  ///< empty: the system's
  };

  /// The file must exist (SqliteDatabase makes it, with its mode).
  [[nodiscard]] static Result<std::unique_ptr<SqliteConnection>> open(
      const std::filesystem::path& file, const Settings& settings);

  [[nodiscard]] Result<void> query(std::string_view sql, Params params, const OnRow& on_row);
  [[nodiscard]] Result<std::int64_t> execute(std::string_view sql, Params params);
  [[nodiscard]] Result<void> script(std::string_view sql);
  [[nodiscard]] std::int64_t last_insert_id() const {
    return sqlite3_last_insert_rowid(handle_.get());
  }
  /// True when no transaction is open; SQLite ends one by itself on some errors.
  [[nodiscard]] bool idle() const { return sqlite3_get_autocommit(handle_.get()) != 0; }
  /// The first error of this connection after which the disk's contents are unknown.
  [[nodiscard]] const std::optional<Error>& damage() const { return damage_; }
  /// The value of a one-row, one-number query such as a pragma.
  [[nodiscard]] Result<std::int64_t> number(std::string_view sql);
  /// Keeps the close of the last connection from copying an untrusted WAL into the database.
  void leave_wal_alone();
  /// Copies committed WAL frames into the database without waiting for anybody; false when frames
  /// are left because someone still reads them.
  [[nodiscard]] Result<bool> checkpoint();
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  enum class MayChange { No, Yes };

  explicit SqliteConnection(sqlite3* handle) : handle_{handle} {}
  [[nodiscard]] Result<void> configure(const Settings& settings);
  [[nodiscard]] Result<void> claim();
  [[nodiscard]] std::unexpected<Error> failed(int code, std::string_view during);
  /// The number of rows changed.
  [[nodiscard]] Result<std::int64_t> run(std::string_view sql, Params params, const OnRow& on_row,
                                         MayChange may_change);
  [[nodiscard]] Result<SqliteStatements::Loan> bound(std::string_view sql, Params params);

  std::unique_ptr<sqlite3, CloseConnection> handle_;
  SqliteStatements statements_;  // after handle_: finalised before the connection closes
  std::optional<Error> damage_;
};

}  // namespace kavach::store
