#pragma once

// The simulated market's grid: steps of 250 ms since the epoch, minutes of 240 steps, blocks of 15
// minutes. Every exchange opens on a block's edge and closes on a minute's.

#include <chrono>
#include <cstdint>

#include "core/clock.h"

namespace kavach::paper {

using Step = std::int64_t;

inline constexpr Micros kStepLength{250'000};
inline constexpr Step kStepsPerSecond = 4;
inline constexpr Step kMinute = 60 * kStepsPerSecond;
inline constexpr Step kMinutesPerBlock = 15;
inline constexpr Step kBlock = kMinutesPerBlock * kMinute;

/// The step that contains `at`.
[[nodiscard]] inline Step step_of(TimePoint at) {
  const auto micros = at.time_since_epoch();
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<1, kStepsPerSecond>>>(micros).count();
}
[[nodiscard]] inline TimePoint time_of(Step step) { return TimePoint{kStepLength * step}; }

/// One trading session in steps, [open, close).
struct StepRange {
  Step open{0};
  Step close{0};
  friend bool operator==(const StepRange&, const StepRange&) = default;
};

}  // namespace kavach::paper
