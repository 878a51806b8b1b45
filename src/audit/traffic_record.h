#pragma once

// What is kept of each request, refused and banned ones included. Routes are templates, so a secret
// in a path is never stored; queries and bodies are not part of a record at all.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/net_address.h"

namespace kavach::audit {

/// As reported by the pipeline. The views need to live only during the call.
struct TrafficRecord {
  TimePoint at{};
  IpAddress address;  ///< canonical client address
  std::string_view method;
  std::string_view route;  ///< template; `-` when none matched
  std::string_view host;
  int status{0};
  std::string_view refusal;  ///< token of the defence that refused, or empty
  std::string_view request_id;
  std::string_view principal;  ///< user name, or empty
  Monotonic duration{};        ///< from the complete head to the finished reply
  Monotonic queue{};           ///< of which waiting for a thread
  Monotonic guard{};           ///< of which in the defences
  Monotonic handler{};         ///< of which in the handler
};

/// As stored.
struct TrafficRow {
  std::int64_t id{0};
  TimePoint at{};
  std::string address;
  std::string method;
  std::string route;
  std::string host;
  int status{0};
  std::string refusal;
  std::string request_id;
  std::string principal;
  std::int64_t duration_us{0};
  std::int64_t queue_us{0};
  std::int64_t guard_us{0};
  std::int64_t handler_us{0};
};

/// Empty and absent members match everything.
struct TrafficFilter {
  std::optional<TimePoint> from{};   ///< inclusive
  std::optional<TimePoint> until{};  ///< exclusive
  std::string address{};             ///< exact, canonical
  std::string method{};
  std::string route{};  ///< part of the template
  std::string principal{};
  std::string refusal{};
  std::string request_id{};
  std::optional<int> status{};
};

struct TrafficPage {
  std::vector<TrafficRow> rows;        ///< newest first
  std::optional<std::int64_t> before;  ///< the cursor of the next page, if there is one
};

struct TrafficStats {
  struct Minute {
    TimePoint at{};
    std::int64_t requests{0};
    std::int64_t errors{0};
  };
  struct Route {
    std::string route;
    std::int64_t requests{0};
    std::int64_t errors{0};
    std::int64_t average_us{0};
  };
  struct Status {
    int status{0};
    std::int64_t requests{0};
  };
  struct Address {
    std::string address;  ///< or, under flood, the network that is counted together
    std::int64_t requests{0};
  };
  std::int64_t total{0};            ///< requests, those only counted under flood included
  std::int64_t errors{0};           ///< status 400 and above
  std::int64_t refused{0};          ///< by a defence
  std::int64_t banned{0};           ///< of which from banned addresses
  std::int64_t average_us{0};       ///< of those that were not only counted
  std::vector<Minute> by_minute;    ///< of the last 60 minutes of the range, oldest first
  std::vector<Route> by_route;      ///< busiest first, at most 100
  std::vector<Status> by_status;    ///< by status
  std::vector<Address> by_address;  ///< busiest first, at most 20
};

}  // namespace kavach::audit
