#include "core/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kavach {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, RenderAsPrometheusText) {
  MetricsRegistry metrics;
  metrics.counter("kavach_refusals_total", "Requests refused.", {{"token", "banned"}}).add(3);
  metrics.gauge("kavach_connections", "Open connections.").set(-2);
  metrics.observe("kavach_queue", "Waiting units.", [] { return 7; });
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("# HELP kavach_refusals_total Requests refused.\n"
                              "# TYPE kavach_refusals_total counter\n"
                              "kavach_refusals_total{token=\"banned\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE kavach_connections gauge\nkavach_connections -2\n"));
  EXPECT_THAT(text, HasSubstr("kavach_queue 7\n"));
}

TEST(Metrics, DurationsFallIntoCumulativeBuckets) {
  MetricsRegistry metrics;
  auto& waits = metrics.duration("kavach_wait_seconds", "Waiting.", {{"route", "/api/v1/ping"}});
  waits.observe(std::chrono::microseconds{50});
  waits.observe(std::chrono::microseconds{51});
  waits.observe(std::chrono::seconds{60});
  const std::string text = metrics.render();
  EXPECT_THAT(text,
              HasSubstr("kavach_wait_seconds_bucket{route=\"/api/v1/ping\",le=\"0.00005\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("kavach_wait_seconds_bucket{route=\"/api/v1/ping\",le=\"0.0001\"} 2\n"));
  EXPECT_THAT(text,
              HasSubstr("kavach_wait_seconds_bucket{route=\"/api/v1/ping\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("kavach_wait_seconds_sum{route=\"/api/v1/ping\"} 60.000101\n"));
  EXPECT_THAT(text, HasSubstr("kavach_wait_seconds_count{route=\"/api/v1/ping\"} 3\n"));
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameCounter) {
  MetricsRegistry metrics;
  metrics.counter("a_total", "A.").add();
  metrics.counter("a_total", "A.").add();
  EXPECT_EQ(metrics.counter("a_total", "A.").value(), 2U);
}

TEST(Metrics, LabelsThatGrowWithoutBoundAreCountedTogether) {
  MetricsRegistry metrics;
  for (std::size_t i = 0; i < 2 * MetricsRegistry::kSeriesMax; ++i) {
    metrics.counter("hits_total", "Hits.", {{"from", std::to_string(i)}}).add();
  }
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("hits_total{from=\"other\"} 256\n"));
  EXPECT_THAT(text, Not(HasSubstr("from=\"300\"")));
}

TEST(Metrics, ALabelCannotBreakOutOfItsLine) {
  MetricsRegistry metrics;
  metrics.counter("hits_total", "Hits.", {{"host", "a\"} 9\nfake_total 1\\"}}).add();
  EXPECT_THAT(metrics.render(), HasSubstr(R"(hits_total{host="a\"} 9\nfake_total 1\\"} 1)"));
}

}  // namespace
}  // namespace kavach
