#pragma once

// Time that never goes back, for everything that expires. It runs at the monotonic clock's pace and
// takes over every forward step of the wall clock, so a session that has ended stays ended when the
// clock is set back, and setting the clock back does not lengthen one either. Thread-safe, lock-free.
//
// A wall clock that was once wrongly ahead therefore keeps the effect until a restart.

#include <atomic>
#include <cstdint>

#include "core/clock.h"

namespace kavach::identity {

class ForwardClock {
 public:
  explicit ForwardClock(const Clock& clock) : clock_{clock} {}

  [[nodiscard]] TimePoint now() const {
    const std::int64_t monotonic = std::chrono::floor<Micros>(clock_.monotonic()).count();
    return TimePoint{Micros{monotonic + raised_to(epoch_micros(clock_.now()) - monotonic)}};
  }
  /// From now on not before `at`: the watermark of an earlier run.
  void not_before(TimePoint at) {
    (void)raised_to(epoch_micros(at) - std::chrono::floor<Micros>(clock_.monotonic()).count());
  }

 private:
  std::int64_t raised_to(std::int64_t offset) const {
    std::int64_t seen = offset_.load(std::memory_order_relaxed);
    while (seen < offset && !offset_.compare_exchange_weak(seen, offset)) {
    }
    return seen < offset ? offset : seen;
  }

  const Clock& clock_;
  mutable std::atomic<std::int64_t> offset_{INT64_MIN / 2};  ///< wall minus monotonic, the largest seen
};

}  // namespace kavach::identity
