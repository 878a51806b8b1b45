#include "audit/traffic_log.h"

#include <gtest/gtest.h>

#include <limits>

#include "audit/schema.h"
#include "support/test_database.h"

namespace kavach::audit {
namespace {

constexpr std::int64_t kNewest = std::numeric_limits<std::int64_t>::max();
constexpr TimePoint kStart{std::chrono::hours{480'000}};

struct TrafficLogTest : testing::Test {
  TrafficRecord record(const char* address, int status, TimePoint at = kStart) {
    TrafficRecord made;
    made.at = at;
    made.address = *IpAddress::parse(address);
    made.method = "POST";
    made.route = "/api/v1/placeorder";
    made.host = "gateway";
    made.status = status;
    made.refusal = status == 403 ? "banned" : "";
    made.request_id = "r-1";
    made.principal = status == 200 ? "ada" : "";
    made.duration = std::chrono::microseconds{120};
    made.guard = std::chrono::microseconds{20};
    made.handler = std::chrono::microseconds{100};
    return made;
  }
  void settle(TimePoint now) {
    log->tick(now);
    ASSERT_OK(store->write_and_wait([](store::Transaction&) -> Result<void> { return {}; }));
  }
  std::string exported(ExportFormat format, const TrafficFilter& filter = {}) {
    std::string out;
    const auto pieces = log->begin_export(filter, format);
    EXPECT_OK(write_out(*pieces, [&](std::string_view piece) {
      out += piece;
      return true;
    }));
    return out;
  }

  test::TestDatabase store{{audit_schema()}};
  std::unique_ptr<TrafficLog> log = std::make_unique<TrafficLog>(*store, Logger::silent());
};

TEST_F(TrafficLogTest, R32_RefusedAndServedRequestsAreKeptWithTheirStages) {
  log->record(record("192.0.2.1", 200));
  log->record(record("::ffff:192.0.2.9", 403, kStart + Micros{5}));
  settle(kStart + std::chrono::seconds{1});
  const auto page = log->search({}, kNewest, 10);
  ASSERT_OK(page);
  ASSERT_EQ(page->rows.size(), 2U);
  EXPECT_EQ(page->rows[0].address, "192.0.2.9");
  EXPECT_EQ(page->rows[0].refusal, "banned");
  EXPECT_EQ(page->rows[1].principal, "ada");
  EXPECT_EQ(page->rows[1].duration_us, 120);
  EXPECT_EQ(page->rows[1].guard_us, 20);
  EXPECT_FALSE(page->before);
}

TEST_F(TrafficLogTest, PagesGoThroughEverythingOnce) {
  for (int i = 0; i < 25; ++i) log->record(record("192.0.2.1", 200, kStart + Micros{i}));
  settle(kStart + std::chrono::seconds{1});
  std::int64_t cursor = kNewest;
  std::size_t seen = 0;
  for (int pages = 0; pages < 3; ++pages) {
    const auto page = log->search({}, cursor, 10);
    ASSERT_OK(page);
    seen += page->rows.size();
    if (page->before) cursor = *page->before;
  }
  EXPECT_EQ(seen, 25U);
}

TEST_F(TrafficLogTest, FiltersTakeWildcardsAndQuotesLiterally) {
  log->record(record("192.0.2.1", 200));
  settle(kStart + std::chrono::seconds{1});
  EXPECT_EQ(log->search({.route = "placeorder"}, kNewest, 10)->rows.size(), 1U);
  EXPECT_EQ(log->search({.route = "%"}, kNewest, 10)->rows.size(), 0U);
  EXPECT_EQ(log->search({.route = "place_rder"}, kNewest, 10)->rows.size(), 0U);
  EXPECT_EQ(log->search({.principal = "' OR 1=1 --"}, kNewest, 10)->rows.size(), 0U);
  EXPECT_EQ(log->search({.status = 200}, kNewest, 10)->rows.size(), 1U);
  EXPECT_EQ(log->search({.until = kStart}, kNewest, 10)->rows.size(), 0U);
}

TEST_F(TrafficLogTest, R32_AFloodIsCountedAndNotStored) {
  log = std::make_unique<TrafficLog>(
      *store, Logger::silent(),
      TrafficLog::Limits{
          .buffered_max = 100,
          .rows = {.window = std::chrono::seconds{1}, .rows_max = 50, .distinct_max = 8}});
  for (int i = 0; i < 5000; ++i) log->record(record(i % 2 == 0 ? "192.0.2.1" : "192.0.2.2", 403));
  settle(kStart + std::chrono::seconds{2});
  EXPECT_EQ(store.number("SELECT count(*) FROM traffic_records"), 50);
  EXPECT_EQ(store.number("SELECT count(*) FROM traffic_floods"), 2);
  EXPECT_EQ(store.number("SELECT sum(requests) FROM traffic_floods"), 4950);
  EXPECT_EQ(store.text("SELECT route FROM traffic_floods LIMIT 1"), "/api/v1/placeorder");
  const auto stats = log->stats(kStart, kStart + std::chrono::hours{1});
  ASSERT_OK(stats);
  EXPECT_EQ(stats->total, 5000);
  EXPECT_EQ(stats->errors, 5000);
  EXPECT_EQ(stats->refused, 5000);
  EXPECT_EQ(stats->banned, 5000);
  EXPECT_EQ(stats->average_us, 120);
  EXPECT_EQ(stats->by_minute.at(0).requests, 5000);
  EXPECT_EQ(stats->by_route.at(0).requests, 5000);
  EXPECT_EQ(stats->by_status.at(0).requests, 5000);
  EXPECT_EQ(stats->by_address.at(0).requests, 2500);
}

TEST_F(TrafficLogTest, StatsAddUp) {
  for (int i = 0; i < 4; ++i) log->record(record("192.0.2.1", 200));
  log->record(record("192.0.2.2", 403, kStart + std::chrono::minutes{1}));
  settle(kStart + std::chrono::minutes{2});
  const auto stats = log->stats(kStart, kStart + std::chrono::hours{1});
  ASSERT_OK(stats);
  EXPECT_EQ(stats->total, 5);
  EXPECT_EQ(stats->errors, 1);
  EXPECT_EQ(stats->banned, 1);
  EXPECT_EQ(stats->average_us, 120);
  ASSERT_EQ(stats->by_minute.size(), 2U);
  EXPECT_EQ(stats->by_minute[1].errors, 1);
  EXPECT_EQ(stats->by_status.at(0).requests, 4);
  EXPECT_EQ(stats->by_address.at(0).address, "192.0.2.1");
}

TEST_F(TrafficLogTest, RetentionDeletesOnlyWhatIsOlder) {
  for (int i = 0; i < 10; ++i)
    log->record(record("192.0.2.1", 200, kStart + std::chrono::hours{i}));
  settle(kStart + std::chrono::hours{11});
  const auto deleted = log->prune(kStart + std::chrono::hours{5});
  ASSERT_OK(deleted);
  EXPECT_EQ(*deleted, 5);
  EXPECT_EQ(store.number("SELECT count(*) FROM traffic_records"), 5);
}

TEST_F(TrafficLogTest, ExportsDisarmFormulas) {
  auto hostile = record("192.0.2.1", 404);
  hostile.host = "=cmd|'/c calc'!A1";
  hostile.principal = "a\"b";
  log->record(hostile);
  settle(kStart + std::chrono::seconds{1});
  const std::string csv = exported(ExportFormat::Csv);
  EXPECT_NE(csv.find("\"'=cmd|'/c calc'!A1\""), std::string::npos) << csv;
  EXPECT_NE(csv.find("\"a\"\"b\""), std::string::npos) << csv;
  const std::string lines = exported(ExportFormat::JsonLines);
  EXPECT_NE(lines.find(R"("host":"=cmd|'/c calc'!A1")"), std::string::npos) << lines;
  EXPECT_EQ(exported(ExportFormat::JsonLines, {.address = "192.0.2.2"}), "");
}

TEST_F(TrafficLogTest, DestructionWritesWhatIsBuffered) {
  log->record(record("192.0.2.1", 200));
  log.reset();
  EXPECT_EQ(store.number("SELECT count(*) FROM traffic_records"), 1);
}

}  // namespace
}  // namespace kavach::audit
