#pragma once

// The durable store behind one interface. SQLite implements it (store/sqlite_database.h); the
// contract tests in tests/store are what any other implementation must pass.
//
// Writes go through one writer that commits what has queued up in a single transaction with
// synchronous=FULL (group commit) and then completes every waiter. Reads use connections of their
// own and see only committed data. Statements are prepared once and cached by their text, so SQL is
// always a literal and values are always bound: there is no way to splice a value into a statement.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <variant>

#include "core/executor.h"
#include "core/result.h"

namespace kavach::store {

/// A bound value. Views must outlive the call they are passed to.
using Param = std::variant<std::monostate, std::int64_t, double, std::string_view,
                           std::span<const std::byte>>;
using Params = std::initializer_list<Param>;

/// One row of a result, valid only inside the callback that receives it. Columns count from 0.
/// A null reads as 0, 0.0 or an empty view; ask `is_null` where the difference matters.
class Row {
 public:
  virtual ~Row() = default;
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual double real(int column) const = 0;
  [[nodiscard]] virtual std::string_view text(int column) const = 0;
  [[nodiscard]] virtual std::span<const std::byte> blob(int column) const = 0;
};

using OnRow = std::function<void(const Row&)>;

/// Runs queries; a statement that changes anything is refused. `sql` uses `?` placeholders and must be a string literal (or otherwise immortal).
class Reader {
 public:
  virtual ~Reader() = default;
  [[nodiscard]] virtual Result<void> query(std::string_view sql, Params params, const OnRow& on_row) = 0;
};

/// What a unit of work sees. A unit that fails is rolled back alone; the others of its batch stand.
class Transaction : public Reader {
 public:
  /// The number of rows changed.
  [[nodiscard]] virtual Result<std::int64_t> execute(std::string_view sql, Params params) = 0;
  [[nodiscard]] virtual std::int64_t last_insert_id() const = 0;
  /// Several statements without parameters, parsed each time: for migrations.
  [[nodiscard]] virtual Result<void> script(std::string_view sql) = 0;
  /// Runs if this unit, or the whole batch, does not become durable: lets state that is kept in
  /// memory beside the tables (the audit chain's head) step back with them. On the writer thread.
  virtual void on_rollback(Job undo) = 0;
};

using Unit = std::move_only_function<Result<void>(Transaction&)>;
/// Called exactly once, on the writer thread, after the commit is durable (or with the failure).
/// Keep it short: post elsewhere what takes time.
using Done = std::move_only_function<void(Result<void>)>;

/// Thread-safe.
class Database {
 public:
  virtual ~Database() = default;

  /// Queues a unit. Units run in the order they were queued. When the queue is full `done` is called
  /// at once, on this thread, with ErrorCode::Busy. After a failed sync or a corrupt page every later
  /// write is refused with that error: what is on disk is no longer known.
  virtual void write(Unit unit, Done done) = 0;

  /// Runs a read-only function on one consistent snapshot, on the calling thread. Blocking: never
  /// call it from an I/O thread.
  [[nodiscard]] virtual Result<void> read(const std::function<Result<void>(Reader&)>& use) = 0;

  /// The error that made the store refuse writes, if any.
  [[nodiscard]] virtual Result<void> health() const = 0;

  /// Writes and blocks until durable. For start-up, commands and worker threads, never for I/O threads.
  [[nodiscard]] Result<void> write_and_wait(Unit unit);
};

}  // namespace kavach::store
