#pragma once

// Notices a denial of service in the making: requests wait longer than they should for several
// seconds in a row while more of them arrive than usual. It only reports; load shedding decides
// what to refuse.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "core/clock.h"
#include "core/net_address.h"

namespace kavach::audit {

struct FloodReport {
  struct Source {
    Cidr offender;
    std::uint64_t requests{0};  ///< certainly so many; exact for whoever was always among the tracked
  };
  std::uint64_t requests_per_second{0};
  Monotonic queueing{};         ///< the shortest wait of the last second: nobody got through faster
  std::vector<Source> sources;  ///< busiest first
};

/// Thread-safe. `observe` takes a short lock.
class FloodDetector {
 public:
  struct Limits {
    /// The shortest wait in a whole second that is still fine (CoDel's idea: a standing queue, not
    /// a burst, keeps even the luckiest request waiting).
    Monotonic queueing_target{std::chrono::milliseconds{5}};
    std::uint64_t rate_min{200};  ///< requests a second below which nothing is called a flood
    int seconds_in_a_row{3};
    std::size_t sources_tracked{256};
    std::size_t sources_reported{10};
    Micros quiet_after_report{std::chrono::minutes{5}};
  };
  using OnFlood = std::function<void(const FloodReport&)>;

  /// `on_flood` is called on the thread whose request completed the pattern, and must not block.
  FloodDetector(Limits limits, OnFlood on_flood)
      : limits_{limits}, on_flood_{std::move(on_flood)} {}

  /// `is_known`: somebody who has proved who he is. As long as strangers send most, he is not named.
  void observe(TimePoint now, const IpAddress& source, Monotonic queueing, bool is_known = false);

 private:
  struct Tracked {
    Cidr offender;
    std::uint64_t requests{0};
    std::uint64_t inherited{0};  ///< of these, the predecessor's: who comes late must not be accused of them
    bool is_known{false};
  };

  void count_source(const IpAddress& source, bool is_known);
  /// Judges the second that is over; true when a report is due.
  [[nodiscard]] bool close_second(TimePoint now);
  [[nodiscard]] FloodReport report() const;

  const Limits limits_;
  const OnFlood on_flood_;
  std::mutex mutex_;
  TimePoint second_{};
  std::uint64_t requests_{0};
  std::uint64_t requests_of_known_{0};
  Monotonic shortest_{Monotonic::max()};
  int bad_seconds_{0};
  TimePoint quiet_until_{};
  std::vector<Tracked> sources_;
};

}  // namespace kavach::audit
