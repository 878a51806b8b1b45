#include "app/stream_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kavach::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string text_of(const market::FeedHubStats& stats) {
  MetricsRegistry metrics;
  export_feed(metrics, stats, TimePoint{100s});
  return metrics.render();
}

TEST(StreamMetrics, AFeedsTroublesAreThere) {
  market::FeedHubStats stats;
  stats.feed = "kite";
  stats.state = market::FeedState::Waiting;
  stats.instruments = 7;
  stats.stale = 5;
  stats.connections = 4;
  stats.disconnections = 3;
  stats.silences = 2;
  stats.ticks_received = 60;
  stats.ticks_conflated = 11;
  stats.ticks_delivered = 99;
  stats.last_received = TimePoint{97s};
  stats.delivery_lag = 250us;
  const std::string text = text_of(stats);
  for (const char* line :
       {R"(kavach_feed_state{feed="kite",state="waiting"} 1)", R"(kavach_feed_state{feed="kite",state="connected"} 0)",
        R"(kavach_feed_last_tick_age_microseconds{feed="kite"} 3000000)", R"(kavach_feed_instruments{feed="kite"} 7)",
        R"(kavach_feed_stale_instruments{feed="kite"} 5)", R"(kavach_feed_connections_total{feed="kite"} 4)",
        R"(kavach_feed_disconnections_total{feed="kite"} 3)", R"(kavach_feed_silences_total{feed="kite"} 2)",
        R"(kavach_feed_ticks_received_total{feed="kite"} 60)", R"(kavach_feed_ticks_conflated_total{feed="kite"} 11)",
        R"(kavach_feed_ticks_delivered_total{feed="kite"} 99)", R"(kavach_feed_delivery_lag_microseconds{feed="kite"} 250)"}) {
    EXPECT_THAT(text, HasSubstr(std::string{line} + "\n"));
  }
}

TEST(StreamMetrics, AFeedThatWasNeverHeardHasNoAge) {
  market::FeedHubStats stats;
  stats.feed = "kite";
  EXPECT_THAT(text_of(stats), HasSubstr(R"(kavach_feed_last_tick_age_microseconds{feed="kite"} -1)"));
}

TEST(StreamMetrics, SocketsAreCountedByHowTheyEnd) {
  stream::StreamService::Stats stats;
  stats.connections = 3;
  stats.conflated = 8;
  stats.lag_max = 2ms;
  stats.closed = {{0, 1}, {4408, 2}};
  MetricsRegistry metrics;
  export_websockets(metrics, stats);
  const std::string text = metrics.render();
  for (const char* line : {"kavach_websocket_connections 3", "kavach_websocket_conflated_total 8", "kavach_websocket_lag_max_microseconds 2000",
                           R"(kavach_websocket_closed_total{code="4408"} 2)", R"(kavach_websocket_closed_total{code="other"} 1)"}) {
    EXPECT_THAT(text, HasSubstr(std::string{line} + "\n"));
  }
}

}  // namespace
}  // namespace kavach::app
