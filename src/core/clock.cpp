#include "core/clock.h"

namespace kavach {

TimePoint SystemClock::now() const {
  return std::chrono::floor<Micros>(std::chrono::system_clock::now());
}

Monotonic SystemClock::monotonic() const {
  return std::chrono::duration_cast<Monotonic>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace kavach
