#pragma once

// The other end of bench/websocket_fanout: thousands of subscribers in one process of their own, on the
// second core, that read as fast as they can and time what they read.

#include <cstdint>

namespace kavach::bench {

struct ClientPlan {
  std::uint16_t port{0};
  int clients{1'000};
  bool every_topic{false};  ///< the first 16 topics each; else one topic each, in turn
  bool speaks_kavach{false};
  bool with_stalled{false};  ///< one more client that wants every topic and reads nothing
};

struct Measured {
  double deliveries_per_second{0};
  double p50_micros{0};
  double p99_micros{0};
  double p999_micros{0};
};

/// Connects, writes one byte to `ready`, reads until the server ends everything, and returns what was seen.
/// Ends the process when it cannot connect.
[[nodiscard]] Measured subscribe(const ClientPlan& plan, int ready);

}  // namespace kavach::bench
