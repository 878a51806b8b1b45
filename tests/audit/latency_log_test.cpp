#include "audit/latency_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <thread>

#include "audit/schema.h"
#include "core/random.h"
#include "support/test_database.h"

namespace kavach::audit {
namespace {

constexpr TimePoint kStart{std::chrono::hours{480'000}};

TEST(LatencyHistogram, R40b_PercentilesAreWithinSixPercentAboveTheTruth) {
  SeededRandom random{7};
  LatencyHistogram histogram;
  std::vector<std::int64_t> truth;
  for (int i = 0; i < 20'000; ++i) {
    const auto value = static_cast<std::int64_t>(random.below(1ULL << (4 + random.below(30))));
    truth.push_back(value);
    histogram.record(Monotonic{value});
  }
  std::ranges::sort(truth);
  const LatencyFigures figures = histogram.total().figures();
  EXPECT_EQ(figures.count, 20'000);
  const std::pair<Monotonic, std::size_t> wanted[] = {{figures.p50, 9'999},
                                                      {figures.p95, 18'999},
                                                      {figures.p99, 19'799},
                                                      {figures.p999, 19'979},
                                                      {figures.max, 19'999}};
  for (const auto& [found, rank] : wanted) {
    EXPECT_GE(found.count(), truth[rank]);
    EXPECT_LE(found.count(), truth[rank] + truth[rank] / 16 + 1);
  }
}

TEST(LatencyHistogram, ExtremesStayInside) {
  LatencyHistogram histogram;
  histogram.record(Monotonic{-5});
  histogram.record(Monotonic::max());
  EXPECT_EQ(histogram.total().figures().count, 2);
  EXPECT_EQ(LatencyHistogram{}.total().figures().p99.count(), 0);
}

struct LatencyLogTest : testing::Test {
  OrderLatency order(int i) {
    OrderLatency made{kStart + Micros{i}, "o-" + std::to_string(i),       "/api/v1/placeorder",
                      "COMPLETE",         std::chrono::microseconds{500}, {}};
    made.stages.set(Stage::Guard, std::chrono::microseconds{4});
    made.stages.set(Stage::Journal, std::chrono::microseconds{400});
    return made;
  }
  void settle(TimePoint now) {
    log->tick(now);
    ASSERT_OK(store->write_and_wait([](store::Transaction&) -> Result<void> { return {}; }));
  }

  test::TestDatabase store{{audit_schema()}};
  std::unique_ptr<LatencyLog> log = std::make_unique<LatencyLog>(*store, Logger::silent(), kStart);
};

TEST_F(LatencyLogTest, R40b_FiguresByRouteAndStage) {
  for (int i = 0; i < 100; ++i) log->order(order(i));
  log->request("/api/v1/ping", std::chrono::microseconds{10}, {});
  const auto routes = log->by_route();
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_EQ(routes[0].route, "/api/v1/placeorder");
  EXPECT_EQ(routes[0].total.count, 100);
  ASSERT_EQ(routes[0].stages.size(), 2U);
  EXPECT_EQ(routes[0].stages[1].stage, Stage::Journal);
  EXPECT_GE(routes[0].stages[1].figures.p99, std::chrono::microseconds{400});
}

TEST_F(LatencyLogTest, R40b_OrdersAreKeptAndExported) {
  for (int i = 0; i < 3; ++i) log->order(order(i));
  settle(kStart + std::chrono::seconds{1});
  const auto page = log->orders({}, std::numeric_limits<std::int64_t>::max(), 2);
  ASSERT_OK(page);
  ASSERT_EQ(page->rows.size(), 2U);
  EXPECT_EQ(page->rows[0].latency.order_id, "o-2");
  EXPECT_EQ(page->rows[0].latency.stages.of(Stage::Journal), std::chrono::microseconds{400});
  EXPECT_TRUE(page->before);
  std::string lines;
  const auto pieces = log->begin_export({.from = kStart, .until = kStart + std::chrono::hours{1}}, ExportFormat::JsonLines);
  ASSERT_OK(write_out(*pieces, [&](std::string_view piece) {
    lines += piece;
    return true;
  }));
  EXPECT_NE(lines.find(R"("total_micros":500,"stages":{"guard":4,"journal":400}})"),
            std::string::npos)
      << lines;
  const auto pruned = log->prune(kStart + std::chrono::hours{1});
  ASSERT_OK(pruned);
  EXPECT_EQ(store.number("SELECT count(*) FROM latency_orders"), 0);
}

TEST_F(LatencyLogTest, R40b_EachMinuteLeavesItsTrend) {
  log->request("/api/v1/ping", std::chrono::microseconds{10}, {});
  log->request("/api/v1/quotes", std::chrono::microseconds{1000}, {});
  settle(kStart + std::chrono::minutes{1});
  log->request("/api/v1/ping", std::chrono::microseconds{20}, {});
  settle(kStart + std::chrono::minutes{2});
  const auto all = log->trend("*", kStart, kStart + std::chrono::hours{1});
  ASSERT_OK(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].figures.count, 2);
  EXPECT_EQ((*all)[1].figures.count, 1);
  EXPECT_EQ(log->by_route()[0].total.count, 2) << "totals go on over minutes";
}

TEST_F(LatencyLogTest, MoreRoutesThanThereCanBeAreCountedTogether) {
  for (std::size_t i = 0; i < LatencyLog::kRoutesMax + 100; ++i) {
    log->request("/" + std::to_string(i), std::chrono::microseconds{1}, {});
  }
  const auto routes = log->by_route();
  EXPECT_EQ(routes.size(), LatencyLog::kRoutesMax + 1);
  EXPECT_EQ(routes[0].route, "other");
  EXPECT_EQ(routes[0].total.count, 100);
}

TEST_F(LatencyLogTest, ThreadsLoseNoCounts) {
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([this] {
        StageTimes stages;
        stages.set(Stage::Guard, Monotonic{100});
        for (int i = 0; i < 5'000; ++i)
          log->request("/" + std::to_string(i % 7), Monotonic{i + 1}, stages);
      });
    }
    for (int minute = 1; minute < 20; ++minute) log->tick(kStart + std::chrono::minutes{minute});
  }
  std::int64_t total = 0;
  std::int64_t guards = 0;
  for (const auto& route : log->by_route()) {
    total += route.total.count;
    guards += route.stages.at(0).figures.count;
  }
  EXPECT_EQ(total, 20'000);
  EXPECT_EQ(guards, 20'000);
}

}  // namespace
}  // namespace kavach::audit
