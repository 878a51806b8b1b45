#pragma once

// Prometheus metrics on a listener of their own (METRICS_ADDRESS), so that they can be bound to where
// only the monitoring reaches: `GET /metrics` and nothing else. There is no authentication; no series
// holds a name, key or address of anybody. Constructed by the gateway.

#include <functional>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "http/handler.h"
#include "http/server.h"

namespace kavach::app {

class MetricsListener {
 public:
  /// `address` as METRICS_ADDRESS allows it. `refresh` sets the gauges before each reading; it is called
  /// on the listener's thread and must not block. All references outlive the listener.
  MetricsListener(const std::string& address, const MetricsRegistry& registry, std::function<void()> refresh,
                  const Clock& clock, Logger& log);
  ~MetricsListener();

  /// Unavailable when the port is in use.
  [[nodiscard]] Result<void> start();
  void stop();
  [[nodiscard]] std::uint16_t port() const;

 private:
  class Answers;
  std::unique_ptr<Answers> answers_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace kavach::app
