#include "store/sqlite_database.h"

#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "database_contract.h"
#include "store/folder_lock.h"
#include "support/test_database.h"

namespace kavach::store {
namespace {

class SqlitePlace final : public DatabasePlace {
 public:
  explicit SqlitePlace(bool durable) : durable_{durable} {}
  std::unique_ptr<Database> open(std::size_t queue_max) override {
    auto opened = SqliteDatabase::open(
        folder_.file("kavach.db"), {.queue_max = queue_max, .durable = durable_}, Logger::silent());
    EXPECT_OK(opened);
    return opened ? std::move(*opened) : nullptr;
  }

 private:
  test::TemporaryFolder folder_;
  bool durable_;
};

INSTANTIATE_TEST_SUITE_P(
    Sqlite, DatabaseContract,
    testing::Values(DatabaseMaker{"Durable", [] { return std::make_unique<SqlitePlace>(true); }},
                    DatabaseMaker{"WithoutSyncs",
                                  [] { return std::make_unique<SqlitePlace>(false); }}),
    [](const auto& instance) { return instance.param.name; });

Result<std::unique_ptr<Database>> open_at(const std::filesystem::path& file,
                                          SqliteDatabase::Options options = {}) {
  return SqliteDatabase::open(file, std::move(options), Logger::silent());
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat found{};
  EXPECT_EQ(::stat(path.c_str(), &found), 0);
  return found.st_mode & 0777U;
}

TEST(SqliteDatabase, R27_FilesAndFolderAreForTheOwnerOnly) {
  test::TemporaryFolder folder;
  const auto file = folder.path() / "data" / "kavach.db";
  auto database = open_at(file);
  ASSERT_OK(database);
  EXPECT_EQ(mode_of(folder.path() / "data"), 0700U);
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(mode_of(file.string() + "-wal"), 0600U);
}

TEST(SqliteDatabase, R27_AWiderModeIsTightenedAtOpening) {
  test::TemporaryFolder folder;
  const auto file = folder.file("kavach.db");
  ASSERT_OK(open_at(file));
  ::chmod(file.c_str(), 0644);
  ASSERT_OK(open_at(file));
  EXPECT_EQ(mode_of(file), 0600U);
}

TEST(SqliteDatabase, AFileThatIsNoDatabaseIsRefusedAndLeftAsItWas) {
  test::TemporaryFolder folder;
  const auto file = folder.file("kavach.db");
  std::ofstream{file} << std::string(8192, 'x');
  const auto refused = open_at(file);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::StorageCorrupt);
  EXPECT_EQ(std::filesystem::file_size(file), 8192U);
}

TEST(SqliteDatabase, AnotherProgramsDatabaseIsRefusedAndLeftAsItWas) {
  test::TemporaryFolder folder;
  const auto file = folder.file("other.db");
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE users (id)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  const auto refused = open_at(file);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::StorageCorrupt);
  EXPECT_FALSE(std::filesystem::exists(file.string() + "-wal"));
}

TEST(SqliteDatabase, ADamagedPageStopsAllWritingWithAClearMessage) {
  test::TemporaryFolder folder;
  const auto file = folder.file("kavach.db");
  {
    auto database = open_at(file);
    ASSERT_OK(database);
    ASSERT_OK((*database)->write_and_wait([](Transaction& t) {
      return t.script(
          "CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT);"
          "INSERT INTO notes (note) SELECT hex(randomblob(500)) FROM"
          " (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
          "  SELECT i FROM n)");
    }));
  }
  {
    std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file));
    for (std::streamoff page = 4096; page < size; page += 4096) {
      bytes.seekp(page);
      bytes << std::string(512, '\xff');
    }
  }
  auto database = open_at(file);
  ASSERT_OK(database);
  auto insert = [](Transaction& t) -> Result<void> {
    auto done = t.execute("INSERT INTO notes (note) VALUES ('after')", {});
    return done ? Result<void>{} : pass_on(done);
  };
  const auto first = (*database)->write_and_wait(insert);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode::StorageCorrupt);
  EXPECT_NE(first.error().message.find("restore a backup"), std::string::npos);
  EXPECT_FALSE((*database)->health());
  EXPECT_FALSE((*database)->write_and_wait([](Transaction&) -> Result<void> { return {}; }))
      << "what is on disk is not known any more, so nothing may be acknowledged";
}

TEST(SqliteDatabase, AReadOnlyFolderIsNamedAsSuch) {
  test::TemporaryFolder folder;
  ASSERT_OK(open_at(folder.file("kavach.db")));
  ::chmod(folder.path().c_str(), 0555);
  // Root ignores modes; as another user's file-system identity (of this thread only) they count.
  const bool root = ::geteuid() == 0;
  if (root) {
    ::setfsuid(65534);
    ::chmod(folder.file("kavach.db").c_str(), 0444);
  }
  const auto refused = open_at(folder.file("kavach.db"));
  const auto fresh = open_at(folder.file("new.db"));
  if (root) ::setfsuid(0);
  ::chmod(folder.path().c_str(), 0755);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::StorageReadOnly) << refused.error().detail;
  ASSERT_FALSE(fresh);
  EXPECT_EQ(fresh.error().code, ErrorCode::StorageReadOnly) << fresh.error().detail;
}

TEST(SqliteDatabase, AnotherProcessThatHoldsTheLockIsWaitedForThenNamed) {
  test::TemporaryFolder folder;
  const auto file = folder.file("kavach.db");
  auto database = open_at(file, {.busy_timeout = std::chrono::milliseconds{20}});
  ASSERT_OK(database);
  auto write = [](Transaction& t) { return t.script("CREATE TABLE IF NOT EXISTS a (id INTEGER)"); };
  ASSERT_OK((*database)->write_and_wait(write));
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto refused = (*database)->write_and_wait(write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::StorageLocked);
  sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_OK((*database)->write_and_wait(write)) << "a lock that is gone is no lasting failure";
}

TEST(SqliteDatabase, AFullDatabaseRefusesAndRecoversWhenThereIsSpace) {
  test::TestDatabase store;
  store.run("CREATE TABLE notes (note BLOB); PRAGMA max_page_count = 20;");
  auto insert = [](Transaction& t) -> Result<void> {
    auto done = t.execute("INSERT INTO notes VALUES (zeroblob(200000))", {});
    return done ? Result<void>{} : pass_on(done);
  };
  const auto refused = store->write_and_wait(insert);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::StorageFull);
  EXPECT_EQ(store.number("SELECT count(*) FROM notes"), 0);
  store.run("PRAGMA max_page_count = 100000;");
  EXPECT_OK(store->write_and_wait(insert));
}

TEST(SqliteDatabase, TwoOpenersOfOneFileBothWrite) {
  test::TestDatabase gateway;
  gateway.run("CREATE TABLE notes (note TEXT)");
  auto command = open_at(gateway.file());
  ASSERT_OK(command);
  auto insert = [](Transaction& t) -> Result<void> {
    auto done = t.execute("INSERT INTO notes VALUES ('x')", {});
    return done ? Result<void>{} : pass_on(done);
  };
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK((*command)->write_and_wait(insert));
    ASSERT_OK(gateway->write_and_wait(insert));
  }
  EXPECT_EQ(gateway.number("SELECT count(*) FROM notes"), 40);
}

TEST(SqliteDatabase, TheWalDoesNotGrowWithoutBound) {
  test::TemporaryFolder folder;
  const auto file = folder.file("kavach.db");
  auto database = open_at(file, {.wal_bytes_max = 1 << 20, .durable = false});
  ASSERT_OK(database);
  ASSERT_OK((*database)->write_and_wait(
      [](Transaction& t) { return t.script("CREATE TABLE notes (note BLOB)"); }));
  for (int i = 0; i < 400; ++i) {
    ASSERT_OK((*database)->write_and_wait([](Transaction& t) -> Result<void> {
      auto done = t.execute("INSERT INTO notes VALUES (zeroblob(40000))", {});
      return done ? Result<void>{} : pass_on(done);
    }));
  }
  EXPECT_LT(std::filesystem::file_size(file.string() + "-wal"), 8U << 20U);
}

TEST(SqliteDatabase, AProcessLearnsThatAnotherHasCommitted) {
  test::TestDatabase gateway;
  gateway.run("CREATE TABLE notes (note TEXT)");
  auto command = open_at(gateway.file());
  ASSERT_OK(command);
  const auto version = [&] {
    std::int64_t found = 0;
    EXPECT_OK(gateway->write_and_wait([&](Transaction& t) {
      return t.query("PRAGMA data_version", {}, [&](const Row& row) { found = row.integer(0); });
    }));
    return found;
  };
  const auto before = version();
  gateway.run("INSERT INTO notes VALUES ('own')");
  EXPECT_EQ(version(), before);
  ASSERT_OK((*command)->write_and_wait(
      [](Transaction& t) { return t.script("INSERT INTO notes VALUES ('foreign')"); }));
  EXPECT_NE(version(), before);
}

TEST(SqliteDatabase, AStatementThatIsNoLiteralIsStillTheRightOne) {
  test::TestDatabase store;
  std::string sql = "SELECT 1";
  std::int64_t found = 0;
  for (char digit = '1'; digit <= '9'; ++digit) {
    sql.back() = digit;  // the same address and length each time
    ASSERT_OK(store->read([&](Reader& reader) {
      return reader.query(sql, {}, [&](const Row& row) { found = row.integer(0); });
    }));
    EXPECT_EQ(found, digit - '0');
  }
}

TEST(SqliteDatabase, MetricsCountUnitsAndCommits) {
  test::TemporaryFolder folder;
  MetricsRegistry metrics;
  ManualClock clock{TimePoint{}};
  auto database =
      open_at(folder.file("kavach.db"), {.durable = false, .metrics = &metrics, .clock = &clock});
  ASSERT_OK(database);
  ASSERT_OK((*database)->write_and_wait([](Transaction&) -> Result<void> { return {}; }));
  EXPECT_FALSE((*database)->write_and_wait(
      [](Transaction&) -> Result<void> { return fail(ErrorCode::Conflict, "no"); }));
  database->reset();
  const std::string text = metrics.render();
  EXPECT_NE(text.find("kavach_store_units_total 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("kavach_store_units_failed_total 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("kavach_store_commit_seconds_count 2\n"), std::string::npos) << text;
}

TEST(FolderLock, ASecondGatewayOnTheSameFolderIsRefused) {
  test::TemporaryFolder folder;
  {
    auto first = FolderLock::take(folder.path());
    ASSERT_OK(first);
    const auto second = FolderLock::take(folder.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::StorageLocked);
    EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
  }
  EXPECT_OK(FolderLock::take(folder.path()));
}

}  // namespace
}  // namespace kavach::store
