#include "store/sqlite_connection.h"

#include <mutex>
#include <string>

#include "store/sqlite_error.h"

namespace kavach::store {
namespace {

/// In the file's header, "KVCH": `file kavach.db` shows it, and another program's file has another.
constexpr std::int64_t kApplicationId = 0x4b564348;

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_{statement} {}
  bool is_null(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const override {
    return sqlite3_column_int64(statement_, column);
  }
  double real(int column) const override { return sqlite3_column_double(statement_, column); }
  std::string_view text(int column) const override {
    const auto* bytes = sqlite3_column_text(statement_, column);
    if (bytes == nullptr) return {};
    return {reinterpret_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  std::span<const std::byte> blob(int column) const override {
    const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3_stmt* statement_;
};

/// Binds without copying: the views outlive the call, and every run binds all parameters anew.
struct Bind {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
  int operator()(std::string_view text) const {
    // A null pointer would bind NULL; an empty text is not NULL.
    const char* data = text.data() == nullptr ? "" : text.data();
    return sqlite3_bind_text64(statement, index, data, text.size(), nullptr, SQLITE_UTF8);
  }
  int operator()(std::span<const std::byte> bytes) const {
    if (bytes.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), nullptr);
  }
};

/// Process-wide, before the first connection: memory statistics cost a global lock per allocation.
void configure_library() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::filesystem::path& file,
                                                                 const Settings& settings) {
  configure_library();
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(
      file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      settings.vfs.empty() ? nullptr : settings.vfs.c_str());
  std::unique_ptr<SqliteConnection> connection{new SqliteConnection{raw}};
  if (code != SQLITE_OK) return connection->failed(code, "open");
  // SQLite falls back to reading when it may not write; a gateway that cannot record must not
  // start.
  if (sqlite3_db_readonly(raw, "main") != 0) return connection->failed(SQLITE_READONLY, "open");
  if (auto done = connection->configure(settings); !done) return pass_on(done);
  return connection;
}

Result<void> SqliteConnection::configure(const Settings& settings) {
  sqlite3* db = handle_.get();
  sqlite3_busy_timeout(db, static_cast<int>(settings.busy_timeout.count()));
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (settings.writes) {
    if (auto ours = claim(); !ours) return ours;
    std::string mode;
    auto set = run(
        "PRAGMA journal_mode=WAL", {}, [&](const Row& row) { mode = row.text(0); }, MayChange::Yes);
    if (!set) return pass_on(set);
    if (mode != "wal") {
      return fail(ErrorCode::StorageFailed,
                  "The data folder's file system cannot hold the database. Use a local disk.",
                  "journal_mode is " + mode);
    }
  }
  std::string pragmas =
      "PRAGMA wal_autocheckpoint=0;"  // the checkpointer's task
      "PRAGMA temp_store=MEMORY;"
      "PRAGMA secure_delete=FAST;"
      "PRAGMA cell_size_check=ON;";
  pragmas += settings.durable ? "PRAGMA synchronous=FULL;" : "PRAGMA synchronous=OFF;";
  pragmas += "PRAGMA journal_size_limit=" + std::to_string(settings.wal_bytes_kept) + ";";
  pragmas += "PRAGMA cache_size=-" + std::to_string(settings.cache_kib) + ";";
  if (!settings.writes) pragmas += "PRAGMA query_only=ON;";
  return script(pragmas);
}

/// Marks an empty file as ours, and refuses any other program's database before changing it.
Result<void> SqliteConnection::claim() {
  const auto marked = number("PRAGMA application_id");
  if (!marked) return pass_on(marked);
  if (*marked == kApplicationId) return {};
  const auto pages = number("PRAGMA page_count");
  if (!pages) return pass_on(pages);
  if (*marked != 0 || *pages != 0) return failed(SQLITE_NOTADB, "claim");
  return script("PRAGMA application_id=" + std::to_string(kApplicationId));
}

std::unexpected<Error> SqliteConnection::failed(int code, std::string_view during) {
  Error error = sqlite_error(handle_.get(), code, during);
  if (!damage_ && leaves_disk_unknown(handle_.get(), code)) damage_ = error;
  return std::unexpected{std::move(error)};
}

Result<SqliteStatements::Loan> SqliteConnection::bound(std::string_view sql, Params params) {
  int code = SQLITE_OK;
  auto loan = statements_.borrow(handle_.get(), sql, code);
  if (loan.get() == nullptr) return failed(code, sql);
  if (sqlite3_bind_parameter_count(loan.get()) != static_cast<int>(params.size())) {
    return fail(ErrorCode::Internal, "The request could not be processed.",
                std::to_string(params.size()) + " values for: " + std::string{sql});
  }
  int index = 0;
  for (const Param& param : params) {
    code = std::visit(Bind{loan.get(), ++index}, param);
    if (code != SQLITE_OK) return failed(code, sql);
  }
  return loan;
}

Result<std::int64_t> SqliteConnection::run(std::string_view sql, Params params, const OnRow& on_row,
                                           MayChange may_change) {
  auto loan = bound(sql, params);
  if (!loan) return pass_on(loan);
  const bool changes = sqlite3_stmt_readonly(loan->get()) == 0;
  if (changes && may_change == MayChange::No) return failed(SQLITE_MISUSE, sql);
  const SqliteRow row{loan->get()};
  for (;;) {
    const int code = sqlite3_step(loan->get());
    if (code == SQLITE_DONE) return changes ? sqlite3_changes64(handle_.get()) : 0;
    if (code != SQLITE_ROW) return failed(code, sql);
    if (on_row) on_row(row);
  }
}

Result<void> SqliteConnection::query(std::string_view sql, Params params, const OnRow& on_row) {
  if (auto done = run(sql, params, on_row, MayChange::No); !done) return pass_on(done);
  return {};
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql, Params params) {
  return run(sql, params, {}, MayChange::Yes);
}

Result<void> SqliteConnection::script(std::string_view sql) {
  const std::string terminated{sql};
  const int code = sqlite3_exec(handle_.get(), terminated.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failed(code, sql);
  return {};
}

Result<std::int64_t> SqliteConnection::number(std::string_view sql) {
  std::int64_t value = 0;
  auto done = query(sql, {}, [&](const Row& row) { value = row.integer(0); });
  if (!done) return pass_on(done);
  return value;
}

void SqliteConnection::leave_wal_alone() {
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Result<bool> SqliteConnection::checkpoint() {
  int frames = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             &frames, &copied);
  if (code == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) return failed(sqlite3_extended_errcode(handle_.get()), "checkpoint");
  return copied >= frames;
}

}  // namespace kavach::store
