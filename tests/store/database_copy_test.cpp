#include "store/database_copy.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "support/test_database.h"

namespace kavach::store {
namespace {

TEST(DatabaseCopy, R28_ACopyTakenUnderWritesIsConsistentAndComplete) {
  test::TestDatabase store;
  store.run(
      "CREATE TABLE lefts (id INTEGER PRIMARY KEY, data BLOB);"
      "CREATE TABLE rights (id INTEGER PRIMARY KEY, data BLOB);");
  std::atomic<bool> stop{false};
  std::atomic<int> written{0};
  std::jthread writing{[&] {
    while (!stop) {
      ASSERT_OK(store->write_and_wait([](Transaction& transaction) -> Result<void> {
        auto left = transaction.execute("INSERT INTO lefts (data) VALUES (zeroblob(500))", {});
        auto right = transaction.execute("INSERT INTO rights (data) VALUES (zeroblob(500))", {});
        return left && right ? Result<void>{} : fail(ErrorCode::Internal, "insert");
      }));
      written.fetch_add(1);
      written.notify_one();
    }
  }};
  written.wait(0);
  const int before = written.load();
  test::TemporaryFolder folder;
  const auto copied = copy_database(store.file(), folder.file("copy.db"));
  stop = true;
  writing.join();
  ASSERT_OK(copied);
  struct stat found{};
  ASSERT_EQ(::stat(folder.file("copy.db").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);

  auto copy = SqliteDatabase::open(folder.file("copy.db"), {}, Logger::silent());
  ASSERT_OK(copy);
  std::int64_t lefts = 0;
  std::int64_t rights = 0;
  ASSERT_OK((*copy)->read([&](Reader& reader) {
    return reader.query("SELECT (SELECT count(*) FROM lefts), (SELECT count(*) FROM rights)", {},
                        [&](const Row& row) {
                          lefts = row.integer(0);
                          rights = row.integer(1);
                        });
  }));
  EXPECT_EQ(lefts, rights);
  EXPECT_GE(lefts, before);
}

TEST(DatabaseCopy, R28_NeverOverwritesAFile) {
  test::TestDatabase store;
  const auto refused = copy_database(store.file(), store.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
}

TEST(DatabaseCopy, R28_AFolderThatIsNotThereIsNamed) {
  test::TestDatabase store;
  const auto refused = copy_database(store.file(), "/nowhere/at/all.db");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::StorageFailed);
}

}  // namespace
}  // namespace kavach::store
