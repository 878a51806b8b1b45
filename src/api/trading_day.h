#pragma once

// The day the books show: it begins when the last session ended (`SESSION_EXPIRY_TIME`). A value.

#include "core/civil_time.h"

namespace kavach::api {

class TradingDay {
 public:
  TradingDay(TimeZone zone, TimeOfDay begins) : zone_{std::move(zone)}, begins_{begins} {}

  /// The latest beginning that is not after `now`.
  [[nodiscard]] TimePoint begun(TimePoint now) const {
    // Two days back there is always a beginning, whatever daylight saving does in between.
    TimePoint latest = zone_.next(now - std::chrono::hours{48}, begins_);
    for (TimePoint next = zone_.next(latest, begins_); next <= now; next = zone_.next(next, begins_)) {
      latest = next;
    }
    return latest;
  }

 private:
  TimeZone zone_;
  TimeOfDay begins_;
};

}  // namespace kavach::api
