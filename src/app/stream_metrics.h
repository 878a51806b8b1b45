#pragma once

// What Prometheus is told of the WebSockets and of the feed behind them. Called by the gateway when somebody
// asks; no series names a user, an address or an instrument.

#include "core/metrics.h"
#include "market/feed_hub.h"
#include "stream/stream_service.h"

namespace kavach::app {

void export_websockets(MetricsRegistry& metrics, const stream::StreamService::Stats& stats);
void export_feed(MetricsRegistry& metrics, const market::FeedHubStats& stats, TimePoint now);

}  // namespace kavach::app
