// In the manner of SQLite's own tests: the nth disk operation fails, for every n until the workload
// gets through without reaching it. Whatever happens, what was acknowledged is there, no unit is
// there by half, and the database is sound.

#include <gtest/gtest.h>

#include <set>

#include "core/random.h"
#include "store/sqlite_database.h"
#include "support/faulty_disk.h"
#include "support/matchers.h"
#include "support/temporary_folder.h"

namespace kavach::store {
namespace {

using test::DiskFault;

constexpr std::int64_t kUnits = 24;

SqliteDatabase::Options on(const test::FaultyDisk& disk, bool durable = true) {
  SqliteDatabase::Options options;
  // A WAL this small is copied into the database several times during the workload.
  options.wal_bytes_max = 32 << 10;
  options.vfs = disk.name();
  options.durable = durable;
  return options;
}

/// Two rows that belong together, in two tables, with enough bytes to fill pages.
Result<void> write_pair(Transaction& transaction, std::int64_t id) {
  auto left =
      transaction.execute("INSERT INTO lefts (id, data) VALUES (?, hex(zeroblob(600)))", {id});
  if (!left) return pass_on(left);
  auto right =
      transaction.execute("INSERT INTO rights (id, data) VALUES (?, hex(zeroblob(600)))", {id});
  if (!right) return pass_on(right);
  return {};
}

/// Opens, creates and writes until something fails; returns what was acknowledged.
std::set<std::int64_t> work(const std::filesystem::path& file, SqliteDatabase::Options options) {
  std::set<std::int64_t> acknowledged;
  auto database = SqliteDatabase::open(file, std::move(options), Logger::silent());
  if (!database) return acknowledged;
  auto made = (*database)->write_and_wait([](Transaction& transaction) {
    return transaction.script(
        "CREATE TABLE IF NOT EXISTS lefts (id INTEGER PRIMARY KEY, data TEXT);"
        "CREATE TABLE IF NOT EXISTS rights (id INTEGER PRIMARY KEY, data TEXT);");
  });
  if (!made) return acknowledged;
  for (std::int64_t id = 0; id < kUnits; id += 2) {
    // Two units in flight, so that some commits carry a batch.
    (*database)->write([id](Transaction& transaction) { return write_pair(transaction, id); },
                       [&acknowledged, id](Result<void> result) {
                         if (result) acknowledged.insert(id);
                       });
    const auto second = (*database)->write_and_wait(
        [id](Transaction& transaction) { return write_pair(transaction, id + 1); });
    if (second) acknowledged.insert(id + 1);
  }
  database->reset();  // the last completion may still be on its way
  return acknowledged;
}

std::set<std::int64_t> ids_of(Database& database, std::string_view literal_sql) {
  std::set<std::int64_t> ids;
  EXPECT_OK(database.read([&](Reader& reader) {
    return reader.query(literal_sql, {}, [&](const Row& row) { ids.insert(row.integer(0)); });
  }));
  return ids;
}

void expect_sound(const std::filesystem::path& file, const std::set<std::int64_t>& acknowledged,
                  const std::string& where) {
  auto database = SqliteDatabase::open(file, {.durable = false}, Logger::silent());
  ASSERT_OK(database) << where;
  std::string verdict;
  ASSERT_OK((*database)->read([&](Reader& reader) {
    return reader.query("PRAGMA integrity_check", {},
                        [&](const Row& row) { verdict = row.text(0); });
  }));
  ASSERT_EQ(verdict, "ok") << where;
  ASSERT_OK((*database)->write_and_wait([](Transaction& transaction) {
    return transaction.script(
        "CREATE TABLE IF NOT EXISTS lefts (id INTEGER PRIMARY KEY, data TEXT);"
        "CREATE TABLE IF NOT EXISTS rights (id INTEGER PRIMARY KEY, data TEXT);");
  })) << where;
  const auto lefts = ids_of(**database, "SELECT id FROM lefts");
  const auto rights = ids_of(**database, "SELECT id FROM rights");
  EXPECT_EQ(lefts, rights) << "half a unit: " << where;
  for (const auto id : acknowledged)
    EXPECT_TRUE(lefts.contains(id)) << id << " was lost: " << where;
}

class SqliteFaults : public testing::TestWithParam<DiskFault> {};

TEST_P(SqliteFaults, R40c_AtEveryDiskOperation) {
  int n = 0;
  for (bool struck = true; struck && !HasFatalFailure();) {
    const std::string where = "operation " + std::to_string(++n);
    test::TemporaryFolder folder;
    test::FaultyDisk disk;
    SeededRandom random{static_cast<std::uint64_t>(n)};
    disk.arm(GetParam(), n);
    const auto acknowledged = work(folder.file("kavach.db"), on(disk));
    struck = disk.struck();
    if (!struck) EXPECT_EQ(acknowledged.size(), static_cast<std::size_t>(kUnits));
    if (GetParam() == DiskFault::PowerLoss) {
      disk.restart(random);
    } else {
      disk.mend();
    }
    expect_sound(folder.file("kavach.db"), acknowledged, where);
  }
  EXPECT_GT(n, 20) << "the workload must reach the disk often enough to mean something";
}

std::string fault_name(const testing::TestParamInfo<DiskFault>& info) {
  constexpr std::array kNames{"WriteFails", "SyncFails", "Full", "ReadOnly", "PowerLoss"};
  return kNames[static_cast<std::size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Every, SqliteFaults,
                         testing::Values(DiskFault::WriteFails, DiskFault::SyncFails,
                                         DiskFault::Full, DiskFault::ReadOnly, DiskFault::PowerLoss),
                         fault_name);

TEST(SqliteFaultsCanary, WithoutSyncsAPowerLossIsNoticed) {
  bool noticed = false;
  for (int n = 20; n < 60 && !noticed; ++n) {
    test::TemporaryFolder folder;
    test::FaultyDisk disk;
    SeededRandom random{static_cast<std::uint64_t>(n)};
    disk.arm(DiskFault::PowerLoss, n);
    const auto acknowledged = work(folder.file("kavach.db"), on(disk, false));
    disk.restart(random);
    auto database = SqliteDatabase::open(folder.file("kavach.db"), {}, Logger::silent());
    if (!database) {
      noticed = true;
      continue;
    }
    std::set<std::int64_t> found;
    auto read = (*database)->read([&](Reader& reader) {
      return reader.query("SELECT id FROM lefts", {},
                          [&](const Row& row) { found.insert(row.integer(0)); });
    });
    noticed = !read || !std::ranges::includes(found, acknowledged);
  }
  EXPECT_TRUE(noticed) << "a disk that loses nothing proves nothing";
}

struct OneFault : testing::Test {
  void SetUp() override {
    auto opened = SqliteDatabase::open(
        folder.file("kavach.db"),
        {.vfs = disk.name(), .on_failed = [this](const Error& error) { failed = error; }},
        Logger::silent());
    ASSERT_OK(opened);
    database = std::move(*opened);
    ASSERT_OK(database->write_and_wait([](Transaction& transaction) {
      return transaction.script(
          "CREATE TABLE lefts (id INTEGER PRIMARY KEY, data TEXT);"
          "CREATE TABLE rights (id INTEGER PRIMARY KEY, data TEXT);");
    }));
  }
  Result<void> write(std::int64_t id) {
    return database->write_and_wait(
        [id](Transaction& transaction) { return write_pair(transaction, id); });
  }

  test::TemporaryFolder folder;
  test::FaultyDisk disk;
  std::optional<Error> failed;
  std::unique_ptr<Database> database;
};

TEST_F(OneFault, R29_AfterAFailedSyncNothingIsAcknowledgedAnyMore) {
  disk.arm(DiskFault::SyncFails, 1);
  const auto first = write(1);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode::StorageFailed);
  // The disk answers again, but what it forgot it will not admit.
  EXPECT_FALSE(write(2));
  EXPECT_FALSE(database->health());
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->code, ErrorCode::StorageFailed);
}

class DiskThatTakesNothing : public OneFault, public testing::WithParamInterface<std::pair<DiskFault, ErrorCode>> {};

TEST_P(DiskThatTakesNothing, R29_RefusesWritesAndRecovers) {
  ASSERT_OK(write(1));
  EXPECT_OK(database->health());
  disk.arm(GetParam().first, 1);
  const auto refused = write(2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, GetParam().second);
  ASSERT_FALSE(database->health()) << "as long as it lasts";
  EXPECT_EQ(database->health().error().code, GetParam().second);
  EXPECT_EQ(ids_of(*database, "SELECT id FROM lefts"), (std::set<std::int64_t>{1}))
      << "reading goes on";
  disk.mend();
  EXPECT_OK(write(2));
  EXPECT_OK(database->health());
  EXPECT_FALSE(failed);
}
INSTANTIATE_TEST_SUITE_P(Disks, DiskThatTakesNothing,
                         testing::Values(std::pair{DiskFault::Full, ErrorCode::StorageFull},
                                         std::pair{DiskFault::ReadOnly, ErrorCode::StorageReadOnly}));

}  // namespace
}  // namespace kavach::store
