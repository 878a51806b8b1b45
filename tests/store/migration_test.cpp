#include "store/migration.h"

#include <gtest/gtest.h>

#include <array>

#include "support/test_database.h"

namespace kavach::store {
namespace {

constexpr std::array<Migration, 3> kSteps{{
    {1, "orders",
     "CREATE TABLE orders (id INTEGER PRIMARY KEY, symbol TEXT NOT NULL);"
     "INSERT INTO orders (symbol) VALUES ('SBIN');"},
    {2, "quantity", "ALTER TABLE orders ADD COLUMN quantity BIGINT NOT NULL DEFAULT 1;"},
    {3, "index",
     "CREATE INDEX orders_by_symbol ON orders (symbol);"
     "UPDATE orders SET quantity = 5 WHERE symbol = 'SBIN';"},
}};

Schema upto(std::size_t version) { return {"orders", std::span{kSteps}.first(version)}; }

TEST(Migration, EveryOlderVersionUpgradesAndKeepsItsRows) {
  for (std::size_t from = 0; from < kSteps.size(); ++from) {
    test::TestDatabase store{{upto(from)}};
    const std::array latest{upto(kSteps.size())};
    ASSERT_OK(migrate(*store, latest)) << "from " << from;
    EXPECT_EQ(store.number("SELECT quantity FROM orders"), 5);
    EXPECT_EQ(store.number("SELECT count(*) FROM schema_migrations"), 3);
  }
}

TEST(Migration, IsIdempotent) {
  test::TestDatabase store{{upto(3)}};
  const std::array latest{upto(3)};
  ASSERT_OK(migrate(*store, latest));
  store.reopen();
  EXPECT_EQ(store.number("SELECT count(*) FROM orders"), 1);
}

TEST(Migration, AStepThatFailsLeavesNothingBehindAndCanBeRepeated) {
  test::TestDatabase store{{upto(1)}};
  constexpr std::array<Migration, 2> kBroken{
      {kSteps[0],
       {2, "broken", "CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1);"}}};
  const std::array broken{Schema{"orders", kBroken}};
  EXPECT_FALSE(migrate(*store, broken));
  EXPECT_EQ(store.number("SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
  const std::array latest{upto(3)};
  EXPECT_OK(migrate(*store, latest));
}

TEST(Migration, AChangedStepStopsTheStart) {
  test::TestDatabase store{{upto(1)}};
  constexpr std::array<Migration, 1> kChanged{{{1, "orders", "CREATE TABLE orders (id INTEGER);"}}};
  const std::array changed{Schema{"orders", kChanged}};
  const auto refused = migrate(*store, changed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
}

TEST(Migration, AStoreOfANewerVersionStopsTheStartBeforeAnythingChanges) {
  test::TestDatabase store{{upto(3)}};
  constexpr std::array<Migration, 1> kOther{{{1, "users", "CREATE TABLE users (id INTEGER);"}}};
  const std::array older{Schema{"users", kOther}, upto(2)};
  const auto refused = migrate(*store, older);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("newer version"), std::string::npos);
  EXPECT_EQ(store.number("SELECT count(*) FROM sqlite_schema WHERE name = 'users'"), 0);
}

TEST(Migration, AGapInTheVersionsIsABug) {
  constexpr std::array<Migration, 1> kGap{{{2, "late", "CREATE TABLE late (id INTEGER);"}}};
  test::TestDatabase store;
  const std::array gap{Schema{"late", kGap}};
  EXPECT_EQ(migrate(*store, gap).error().code, ErrorCode::Internal);
}

}  // namespace
}  // namespace kavach::store
