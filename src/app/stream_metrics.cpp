#include "app/stream_metrics.h"

namespace kavach::app {
namespace {

std::int64_t micros(Monotonic duration) { return std::chrono::duration_cast<std::chrono::microseconds>(duration).count(); }

}  // namespace

void export_websockets(MetricsRegistry& metrics, const stream::StreamService::Stats& stats) {
  const auto set = [&metrics](std::string_view name, std::string_view help, std::uint64_t value) {
    metrics.gauge(name, help).set(static_cast<std::int64_t>(value));
  };
  set("kavach_websocket_connections", "Open WebSockets.", stats.connections);
  set("kavach_websocket_authenticated", "WebSockets whose client has signed in.", stats.authenticated);
  set("kavach_websocket_subscriptions", "Subscriptions of all WebSocket clients.", stats.subscriptions);
  set("kavach_websocket_queued_bytes", "Bytes that wait for WebSocket clients.", stats.queued_bytes);
  set("kavach_websocket_queued_bytes_max", "Bytes that wait for the client furthest behind.", stats.queued_bytes_max);
  set("kavach_websocket_lag_max_microseconds", "How long a client has been behind, at most.",
      static_cast<std::uint64_t>(micros(stats.lag_max)));
  set("kavach_websocket_conflated_total", "Prices replaced by later ones for slow clients.", stats.conflated);
  set("kavach_websocket_frames_built_total", "Prices serialised.", stats.fan_out.frames_built);
  set("kavach_websocket_frames_deflated_total", "Prices compressed.", stats.fan_out.frames_deflated);
  set("kavach_websocket_frames_offered_total", "Prices handed to clients.", stats.fan_out.frames_offered);
  // There from the start, so that the first close is an increase.
  metrics.gauge("kavach_websocket_closed_total", "WebSockets that ended, by close code.", {{"code", "other"}}).set(0);
  for (const auto& [code, count] : stats.closed) {
    metrics.gauge("kavach_websocket_closed_total", "WebSockets that ended, by close code.",
                  {{"code", code == 0 ? "other" : std::to_string(code)}})
        .set(static_cast<std::int64_t>(count));
  }
}

void export_feed(MetricsRegistry& metrics, const market::FeedHubStats& stats, TimePoint now) {
  const auto set = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    metrics.gauge(name, help, {{"feed", stats.feed}}).set(static_cast<std::int64_t>(value));
  };
  using market::FeedState;
  for (const FeedState state : {FeedState::Idle, FeedState::Connecting, FeedState::Connected, FeedState::Silent,
                                FeedState::Waiting}) {
    metrics.gauge("kavach_feed_state", "1 for the state the feed is in.",
                  {{"feed", stats.feed}, {"state", std::string{name_of(state)}}})
        .set(stats.state == state ? 1 : 0);
  }
  const bool heard = stats.last_received != TimePoint{};
  const auto age = std::chrono::duration_cast<std::chrono::microseconds>(now - stats.last_received);
  metrics.gauge("kavach_feed_last_tick_age_microseconds", "Since the feed was last heard; -1 before.", {{"feed", stats.feed}})
      .set(heard ? age.count() : -1);
  set("kavach_feed_instruments", "Instruments somebody wants.", stats.instruments);
  set("kavach_feed_stale_instruments", "Of them, those whose price may no longer be true.", stats.stale);
  set("kavach_feed_subscriptions", "Subscriptions to the feed hub.", stats.subscriptions);
  set("kavach_feed_connections_total", "Connections to the feed that were made.", stats.connections);
  set("kavach_feed_disconnections_total", "Connections to the feed that were lost.", stats.disconnections);
  set("kavach_feed_silences_total", "Times the feed was cut for saying nothing.", stats.silences);
  set("kavach_feed_ticks_received_total", "Prices received.", stats.ticks_received);
  set("kavach_feed_ticks_conflated_total", "Prices replaced by later ones before delivery.", stats.ticks_conflated);
  set("kavach_feed_ticks_delivered_total", "Prices delivered, once per subscriber.", stats.ticks_delivered);
  set("kavach_feed_delivery_lag_microseconds", "From received to handed over, of the last delivery.",
      static_cast<std::uint64_t>(stats.delivery_lag.count()));
}

}  // namespace kavach::app
