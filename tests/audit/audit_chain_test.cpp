#include "audit/audit_chain.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "audit/schema.h"
#include "support/test_database.h"

namespace kavach::audit {
namespace {

struct AuditChainTest : testing::Test {
  AuditChainTest() { open(); }

  void open(AuditChain::Limits limits = {}) {
    chain.reset();
    auto opened = AuditChain::open(*store, clock, Logger::silent(), limits);
    ASSERT_OK(opened);
    chain = std::move(*opened);
  }
  Result<void> append(const Event& event, bool fails = false) {
    return store->write_and_wait([&](store::Transaction& transaction) -> Result<void> {
      if (auto done = chain->append(transaction, event); !done) return done;
      if (fails) return fail(ErrorCode::Conflict, "the unit changed its mind");
      return {};
    });
  }
  void settle() {
    chain->tick();
    // Units run in order: when this one is done, what was recorded before has been written.
    ASSERT_OK(store->write_and_wait([](store::Transaction&) -> Result<void> { return {}; }));
  }
  std::vector<AuditRecord> records() {
    std::vector<AuditRecord> all;
    EXPECT_OK(store->read([&](store::Reader& reader) {
      return read_records(reader, 1, 1'000'000, [&](const AuditRecord& record) {
        all.push_back(record);
        return true;
      });
    }));
    return all;
  }
  void expect_chained() {
    std::string previous{kGenesisHash};
    std::int64_t seq = 0;
    for (const AuditRecord& record : records()) {
      EXPECT_EQ(record.seq, ++seq);
      EXPECT_EQ(record.prev_hash, previous);
      EXPECT_EQ(record.hash, hash_of(record));
      previous = record.hash;
    }
  }

  static Event event(std::string kind, std::string address = "192.0.2.1") {
    return {.kind = std::move(kind),
            .actor = "ada",
            .address = std::move(address),
            .request_id = "r-1",
            .fields = {{"reason", "test"}, {"attempt", 3}, {"known", true}}};
  }

  test::TestDatabase store{{audit_schema()}};
  ManualClock clock{TimePoint{std::chrono::hours{480'000}}};
  std::unique_ptr<AuditChain> chain;
};

TEST_F(AuditChainTest, R30_EachRecordCarriesTheHashOfTheOneBefore) {
  for (int i = 0; i < 5; ++i) ASSERT_OK(append(event("login.failed")));
  ASSERT_EQ(records().size(), 5U);
  EXPECT_EQ(records()[0].body, R"({"reason":"test","attempt":3,"known":true})");
  expect_chained();
}

TEST_F(AuditChainTest, R30_TheHeadStepsBackWithItsTransaction) {
  ASSERT_OK(append(event("order.intent")));
  EXPECT_FALSE(append(event("order.intent"), true));
  ASSERT_OK(append(event("order.outcome")));
  EXPECT_EQ(records().size(), 2U);
  expect_chained();
}

TEST_F(AuditChainTest, R30_TheChainGoesOnAfterARestart) {
  ASSERT_OK(append(event("gateway.started")));
  chain.reset();
  store.reopen();
  open();
  ASSERT_OK(append(event("gateway.started")));
  EXPECT_EQ(records().size(), 2U);
  expect_chained();
}

TEST_F(AuditChainTest, R30_TwoProcessesShareOneChain) {
  auto other_database =
      store::SqliteDatabase::open(store.file(), {.durable = false}, Logger::silent());
  ASSERT_OK(other_database);
  auto other = AuditChain::open(**other_database, clock, Logger::silent());
  ASSERT_OK(other);
  for (int i = 0; i < 10; ++i) {
    ASSERT_OK(append(event("login.failed")));
    ASSERT_OK((*other_database)->write_and_wait([&](store::Transaction& transaction) {
      return (*other)->append(transaction, event("ban.created"));
    }));
  }
  EXPECT_EQ(records().size(), 20U);
  expect_chained();
}

TEST_F(AuditChainTest, R32_RecordedEventsFromManyThreadsAreAllChained) {
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([this, thread] {
        for (int i = 0; i < 100; ++i) {
          chain->record(
              event("login.failed", "10.0." + std::to_string(thread) + "." + std::to_string(i)));
        }
      });
    }
  }
  chain.reset();
  EXPECT_EQ(records().size(), 400U);
  expect_chained();
}

TEST_F(AuditChainTest, R32_AFloodOfEqualEventsBecomesOneSummary) {
  for (int i = 0; i < 1000; ++i)
    chain->record(event("apikey.invalid", "2001:db8:0:1::" + std::to_string(i)));
  clock.advance(std::chrono::minutes{1});
  settle();
  const auto all = records();
  ASSERT_EQ(all.size(), 21U) << "twenty rows and a summary";
  EXPECT_EQ(all.back().kind, "apikey.invalid");
  EXPECT_EQ(all.back().address, "2001:db8:0:1::/64");
  EXPECT_NE(all.back().body.find("\"repeated\":980"), std::string::npos) << all.back().body;
  expect_chained();
}

TEST_F(AuditChainTest, R32_WhatFindsNoRoomIsCountedAndSaid) {
  open({.pending_max = 10, .repeats = {.repeats_max = 1000}});
  std::promise<void> release;
  std::promise<void> inside;
  store->write(
      [&](store::Transaction&) -> Result<void> {
        inside.set_value();
        release.get_future().wait();
        return {};
      },
      [](Result<void>) {});
  inside.get_future().wait();
  for (int i = 0; i < 25; ++i) chain->record(event("login.failed"));
  release.set_value();
  settle();
  chain.reset();
  const auto all = records();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.size(), 11U);
  EXPECT_EQ(all.back().kind, "audit.lost");
  EXPECT_EQ(all.back().body, R"({"records":15})");
}

TEST_F(AuditChainTest, R29_ADiskThatIsFullKeepsRecordsUntilThereIsSpace) {
  store.run("PRAGMA max_page_count = 1;");  // lowers to the current size
  const std::int64_t pages = store.number("PRAGMA page_count");
  for (int i = 0; i < 200; ++i) {
    clock.advance(std::chrono::minutes{1});
    chain->record(event("login.failed", "10.1.1." + std::to_string(i)));
  }
  settle();
  EXPECT_EQ(store.number("PRAGMA page_count"), pages);
  const std::size_t before = records().size();
  EXPECT_LT(before, 200U);
  store.run("PRAGMA max_page_count = 1000000;");
  settle();
  EXPECT_EQ(records().size(), 200U);
  expect_chained();
}

TEST(AuditRecords, R30_NothingInTheSourceRemovesOrChangesOne) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator{"src"}) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in{entry.path()};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    for (const char* table : {"audit_events", "audit_segments"}) {
      for (const char* verb : {"DELETE FROM ", "UPDATE ", "DROP TABLE ", "REPLACE INTO "}) {
        EXPECT_EQ(text.find(std::string{verb} + table), std::string::npos) << entry.path();
      }
    }
  }
}

TEST_F(AuditChainTest, HostileTextsAreBoundedAndStayVerifiable) {
  Event hostile = event("login.failed");
  hostile.actor = std::string(100'000, 'a') + "\xff";
  hostile.request_id = "\xff\xfe";
  hostile.fields = {{"name", std::string(50'000, 'x')}, {"nul", std::string_view{"a\0b", 3}}};
  ASSERT_OK(append(hostile));
  const auto all = records();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_LE(all[0].actor.size(), 128U);
  EXPECT_LE(all[0].body.size(), 2'000U);
  EXPECT_EQ(all[0].request_id, "??");
  expect_chained();
}

}  // namespace
}  // namespace kavach::audit
