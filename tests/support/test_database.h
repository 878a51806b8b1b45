#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/migration.h"
#include "store/sqlite_database.h"
#include "support/matchers.h"
#include "support/temporary_folder.h"

namespace kavach::test {

/// A real database in a folder of its own, without syncs, migrated with `schemas`:
///
///     TestDatabase store{{audit::audit_schema()}};
///     SomethingUnderTest thing{*store, …};
class TestDatabase {
 public:
  /// On an SQLite VFS of that name (support/faulty_disk.h) it does sync.
  explicit TestDatabase(std::vector<store::Schema> schemas = {}, std::string vfs = {})
      : schemas_{std::move(schemas)}, vfs_{std::move(vfs)} {
    open();
  }

  store::Database& operator*() { return *database_; }
  store::Database* operator->() { return database_.get(); }
  [[nodiscard]] std::filesystem::path file() const { return folder_.file("kavach.db"); }

  /// Closes and opens again, as a restart does. References to the old database die.
  void reopen() {
    database_.reset();
    open();
  }

  /// The one number of a one-row query.
  std::int64_t number(std::string_view literal_sql) {
    std::int64_t value = -1;
    EXPECT_OK(database_->read([&](store::Reader& reader) {
      return reader.query(literal_sql, {}, [&](const store::Row& row) { value = row.integer(0); });
    }));
    return value;
  }

  /// The one text of a one-row query.
  std::string text(std::string_view literal_sql) {
    std::string value;
    EXPECT_OK(database_->read([&](store::Reader& reader) {
      return reader.query(literal_sql, {}, [&](const store::Row& row) { value = row.text(0); });
    }));
    return value;
  }

  /// Runs statements and waits, to prepare a test or to play the attacker.
  void run(std::string_view sql) {
    EXPECT_OK(database_->write_and_wait(
        [&](store::Transaction& transaction) { return transaction.script(sql); }));
  }

 private:
  void open() {
    store::SqliteDatabase::Options options;
    options.durable = !vfs_.empty();
    options.vfs = vfs_;
    auto opened = store::SqliteDatabase::open(file(), std::move(options), Logger::silent());
    if (!opened) throw std::runtime_error(opened.error().message + " " + opened.error().detail);
    database_ = std::move(*opened);
    if (auto done = store::migrate(*database_, schemas_); !done) {
      throw std::runtime_error(done.error().message + " " + done.error().detail);
    }
  }

  TemporaryFolder folder_;
  std::vector<store::Schema> schemas_;
  const std::string vfs_;
  std::unique_ptr<store::Database> database_;
};

}  // namespace kavach::test
