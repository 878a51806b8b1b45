#include "store/database_contract.h"

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/matchers.h"

namespace kavach::store {
namespace {

Result<void> add(Transaction& transaction, std::int64_t id, std::string_view note) {
  auto added = transaction.execute("INSERT INTO notes (id, note) VALUES (?, ?)", {id, note});
  if (!added) return pass_on(added);
  return {};
}

std::int64_t count(Database& database) {
  std::int64_t rows = -1;
  EXPECT_OK(database.read([&](Reader& reader) {
    return reader.query("SELECT count(*) FROM notes", {},
                        [&](const Row& row) { rows = row.integer(0); });
  }));
  return rows;
}

struct Fixture {
  explicit Fixture(const DatabaseMaker& maker, std::size_t queue_max = 1000)
      : place{maker.place()}, database{place->open(queue_max)} {
    EXPECT_OK(database->write_and_wait([](Transaction& transaction) {
      return transaction.script(
          "CREATE TABLE notes (id BIGINT PRIMARY KEY, note TEXT NOT NULL, raw BLOB)");
    }));
  }
  std::unique_ptr<DatabasePlace> place;
  std::unique_ptr<Database> database;
};

/// Holds the writer inside a unit, so that what is queued meanwhile becomes one batch.
class HeldWriter {
 public:
  explicit HeldWriter(Database& database) {
    database.write(
        [latches = latches_](Transaction&) -> Result<void> {
          latches->inside.count_down();
          latches->released.wait();
          return {};
        },
        [](Result<void>) {});
    latches_->inside.wait();
  }
  void release() { latches_->released.count_down(); }

 private:
  struct Latches {
    std::latch inside{1};
    std::latch released{1};
  };
  // Shared: the writer may still leave `wait` when the test is over.
  std::shared_ptr<Latches> latches_{std::make_shared<Latches>()};
};

}  // namespace

TEST_P(DatabaseContract, CommittedRowsSurviveReopening) {
  Fixture fixture{GetParam()};
  ASSERT_OK(fixture.database->write_and_wait([](Transaction& t) { return add(t, 1, "kept"); }));
  fixture.database.reset();
  fixture.database = fixture.place->open(1000);
  EXPECT_EQ(count(*fixture.database), 1);
}

TEST_P(DatabaseContract, EveryKindOfValueComesBackAsItWas) {
  Fixture fixture{GetParam()};
  const std::string text = std::string{"nul\0 and quote ' and ₹", 24};
  const std::vector<std::byte> raw{std::byte{0}, std::byte{255}, std::byte{39}};
  ASSERT_OK(fixture.database->write_and_wait([&](Transaction& t) -> Result<void> {
    auto a = t.execute("INSERT INTO notes (id, note, raw) VALUES (?, ?, ?)",
                       {std::int64_t{-9'223'372'036'854'775'807}, std::string_view{text},
                        std::span<const std::byte>{raw}});
    auto b = t.execute("INSERT INTO notes (id, note, raw) VALUES (?, ?, ?)",
                       {std::int64_t{2}, std::string_view{}, std::monostate{}});
    return a && b ? Result<void>{} : fail(ErrorCode::Internal, "insert");
  }));
  int rows = 0;
  ASSERT_OK(fixture.database->read([&](Reader& reader) {
    return reader.query("SELECT id, note, raw FROM notes ORDER BY id", {}, [&](const Row& row) {
      if (++rows == 1) {
        EXPECT_EQ(row.integer(0), -9'223'372'036'854'775'807);
        EXPECT_EQ(row.text(1), text);
        EXPECT_TRUE(std::ranges::equal(row.blob(2), raw));
      } else {
        EXPECT_FALSE(row.is_null(1)) << "an empty text is not null";
        EXPECT_TRUE(row.is_null(2));
        EXPECT_EQ(row.integer(2), 0);
        EXPECT_TRUE(row.text(2).empty());
      }
    });
  }));
  EXPECT_EQ(rows, 2);
}

TEST_P(DatabaseContract, AFailingUnitIsRolledBackAloneInItsBatch) {
  Fixture fixture{GetParam()};
  std::vector<std::promise<Result<void>>> outcomes(5);
  std::vector<int> undone;
  HeldWriter held{*fixture.database};
  for (std::int64_t i = 0; i < 5; ++i) {
    fixture.database->write(
        [&, i](Transaction& t) -> Result<void> {
          t.on_rollback([&undone, i] { undone.push_back(static_cast<int>(i) * 10); });
          t.on_rollback([&undone, i] { undone.push_back(static_cast<int>(i) * 10 + 1); });
          if (auto done = add(t, i, "row"); !done) return done;
          if (i == 1) return fail(ErrorCode::Conflict, "changed my mind");
          if (i == 3) return add(t, i, "the same id again");
          return {};
        },
        [&outcomes, i](Result<void> result) {
          outcomes[static_cast<std::size_t>(i)].set_value(std::move(result));
        });
  }
  held.release();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto outcome = outcomes[i].get_future().get();
    EXPECT_EQ(outcome.has_value(), i != 1 && i != 3) << i;
    if (!outcome) EXPECT_EQ(outcome.error().code, ErrorCode::Conflict);
  }
  EXPECT_EQ(count(*fixture.database), 3);
  EXPECT_EQ(undone, (std::vector{11, 10, 31, 30})) << "newest first, and only the failed units";
}

TEST_P(DatabaseContract, AUnitAloneInItsTransactionIsRolledBackToo) {
  Fixture fixture{GetParam()};
  bool undone = false;
  const auto outcome = fixture.database->write_and_wait([&](Transaction& t) -> Result<void> {
    t.on_rollback([&] { undone = true; });
    if (auto done = add(t, 1, "half"); !done) return done;
    return fail(ErrorCode::InvalidInput, "no");
  });
  EXPECT_EQ(outcome.error().code, ErrorCode::InvalidInput);
  EXPECT_TRUE(undone);
  EXPECT_EQ(count(*fixture.database), 0);
}

TEST_P(DatabaseContract, AUnitThatThrowsFailsAlone) {
  Fixture fixture{GetParam()};
  const auto outcome = fixture.database->write_and_wait([](Transaction& t) -> Result<void> {
    if (auto done = add(t, 1, "half"); !done) return done;
    throw std::runtime_error("a bug");
  });
  EXPECT_EQ(outcome.error().code, ErrorCode::Internal);
  EXPECT_EQ(count(*fixture.database), 0);
  EXPECT_OK(fixture.database->write_and_wait([](Transaction& t) { return add(t, 1, "after"); }));
}

TEST_P(DatabaseContract, UnitsRunInTheOrderTheyWereQueued) {
  Fixture fixture{GetParam()};
  std::vector<std::int64_t> order;
  HeldWriter held{*fixture.database};
  for (std::int64_t i = 0; i < 100; ++i) {
    fixture.database->write(
        [&order, i](Transaction& t) {
          order.push_back(i);
          return add(t, i, "row");
        },
        [](Result<void>) {});
  }
  held.release();
  ASSERT_OK(fixture.database->write_and_wait([](Transaction&) -> Result<void> { return {}; }));
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(order.size(), 100U);
}

TEST_P(DatabaseContract, AFullQueueRefusesAtOnceOnTheCallersThread) {
  Fixture fixture{GetParam(), 4};
  HeldWriter held{*fixture.database};
  for (int i = 0; i < 4; ++i) {
    fixture.database->write([](Transaction&) -> Result<void> { return {}; }, [](Result<void>) {});
  }
  std::thread::id where{};
  ErrorCode code{};
  fixture.database->write([](Transaction&) -> Result<void> { return {}; },
                          [&](Result<void> refused) {
                            where = std::this_thread::get_id();
                            code = refused.error().code;
                          });
  EXPECT_EQ(where, std::this_thread::get_id());
  EXPECT_EQ(code, ErrorCode::Busy);
  held.release();
}

TEST_P(DatabaseContract, AReadSeesOneSnapshotAndOnlyCommittedRows) {
  Fixture fixture{GetParam()};
  ASSERT_OK(fixture.database->write_and_wait([](Transaction& t) { return add(t, 1, "before"); }));
  ASSERT_OK(fixture.database->read([&](Reader& reader) -> Result<void> {
    std::int64_t first = 0;
    std::int64_t second = 0;
    auto a =
        reader.query("SELECT count(*) FROM notes", {}, [&](const Row& r) { first = r.integer(0); });
    EXPECT_OK(fixture.database->write_and_wait([](Transaction& t) { return add(t, 2, "during"); }));
    auto b = reader.query("SELECT count(*) FROM notes", {},
                          [&](const Row& r) { second = r.integer(0); });
    EXPECT_EQ(first, 1);
    EXPECT_EQ(second, 1);
    return a ? b : a;
  }));
  EXPECT_EQ(count(*fixture.database), 2);
}

TEST_P(DatabaseContract, AReaderCannotWrite) {
  Fixture fixture{GetParam()};
  const auto outcome = fixture.database->read([](Reader& reader) {
    return reader.query("INSERT INTO notes (id, note) VALUES (9, 'sneaked in')", {}, {});
  });
  EXPECT_FALSE(outcome);
  EXPECT_EQ(count(*fixture.database), 0);
}

TEST_P(DatabaseContract, AWrongNumberOfValuesOrTwoStatementsAreRefused) {
  Fixture fixture{GetParam()};
  EXPECT_FALSE(fixture.database->write_and_wait([](Transaction& t) -> Result<void> {
    auto done = t.execute("INSERT INTO notes (id, note) VALUES (?, ?)", {std::int64_t{1}});
    return done ? Result<void>{} : pass_on(done);
  }));
  EXPECT_FALSE(fixture.database->write_and_wait([](Transaction& t) -> Result<void> {
    auto done = t.execute("DELETE FROM notes; DROP TABLE notes", {});
    return done ? Result<void>{} : pass_on(done);
  }));
  EXPECT_EQ(count(*fixture.database), 0);
}

TEST_P(DatabaseContract, AQueryInsideTheRowsOfTheSameQueryWorks) {
  Fixture fixture{GetParam()};
  ASSERT_OK(fixture.database->write_and_wait([](Transaction& t) -> Result<void> {
    for (std::int64_t i = 0; i < 3; ++i) {
      if (auto done = add(t, i, "row"); !done) return done;
    }
    int pairs = 0;
    constexpr std::string_view kAll = "SELECT id FROM notes";
    auto outer = t.query(
        kAll, {}, [&](const Row&) { EXPECT_OK(t.query(kAll, {}, [&](const Row&) { ++pairs; })); });
    EXPECT_EQ(pairs, 9);
    return outer;
  }));
}

TEST_P(DatabaseContract, WritersOnManyThreadsLoseNothing) {
  Fixture fixture{GetParam(), 100'000};
  constexpr std::int64_t kThreads = 8;
  constexpr std::int64_t kEach = 250;
  std::atomic<int> acknowledged{0};
  {
    std::vector<std::jthread> threads;
    for (std::int64_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::int64_t i = 0; i < kEach; ++i) {
          fixture.database->write(
              [id = thread * kEach + i](Transaction& t) { return add(t, id, "row"); },
              [&](Result<void> result) { acknowledged += result.has_value(); });
        }
      });
    }
  }
  ASSERT_OK(fixture.database->write_and_wait([](Transaction&) -> Result<void> { return {}; }));
  EXPECT_EQ(acknowledged.load(), kThreads * kEach);
  EXPECT_EQ(count(*fixture.database), kThreads * kEach);
}

TEST_P(DatabaseContract, DestructionCommitsWhatWasQueued) {
  Fixture fixture{GetParam()};
  std::atomic<int> acknowledged{0};
  for (std::int64_t i = 0; i < 50; ++i) {
    fixture.database->write([i](Transaction& t) { return add(t, i, "row"); },
                            [&](Result<void> result) { acknowledged += result.has_value(); });
  }
  fixture.database.reset();
  EXPECT_EQ(acknowledged.load(), 50);
  fixture.database = fixture.place->open(1000);
  EXPECT_EQ(count(*fixture.database), 50);
}

}  // namespace kavach::store
