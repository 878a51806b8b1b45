#pragma once

// How many offences there were in the last 24 hours, by the minute. Thread-safe, of fixed size.

#include <array>
#include <cstdint>
#include <vector>

#include "core/clock.h"
#include "core/guarded.h"

namespace kavach::guard {

class OffenceTally {
 public:
  struct Minute {
    std::int64_t minute{0};  ///< minutes since 1970
    std::int64_t offences{0};
  };

  void count(TimePoint now);
  [[nodiscard]] std::int64_t last_day(TimePoint now) const;
  /// The minutes that changed since the last call.
  [[nodiscard]] std::vector<Minute> changes();
  void restore(const Minute& minute);

 private:
  static constexpr std::size_t kMinutes = 24 * 60;
  struct Cell {
    Minute at;
    bool changed{false};
  };
  Guarded<std::array<Cell, kMinutes>> cells_;
};

}  // namespace kavach::guard
