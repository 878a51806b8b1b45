#pragma once

// Time, passed in. Code below app/ never reads a clock of its own (the style check refuses it), so a
// test runs a trading day in milliseconds.

#include <atomic>
#include <chrono>
#include <cstdint>

namespace kavach {

using Micros = std::chrono::microseconds;
/// Wall-clock time in UTC with microsecond resolution.
using TimePoint = std::chrono::sys_time<Micros>;
/// A monotonic instant in nanoseconds; only differences mean anything.
using Monotonic = std::chrono::nanoseconds;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
  [[nodiscard]] virtual Monotonic monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override;
  [[nodiscard]] Monotonic monotonic() const override;
};

/// A clock that moves only when told to. `jump` moves the wall clock alone, as an operator or NTP would.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start) : wall_{start.time_since_epoch().count()} {}
  [[nodiscard]] TimePoint now() const override { return TimePoint{Micros{wall_.load()}}; }
  [[nodiscard]] Monotonic monotonic() const override { return Monotonic{steady_.load()}; }
  void advance(Micros by) {
    wall_ += by.count();
    steady_ += by.count() * 1000;
  }
  void jump(Micros by) { wall_ += by.count(); }

 private:
  std::atomic<std::int64_t> wall_;
  std::atomic<std::int64_t> steady_{1};
};

[[nodiscard]] inline std::int64_t epoch_seconds(TimePoint at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}
[[nodiscard]] inline std::int64_t epoch_millis(TimePoint at) {
  return std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
}
[[nodiscard]] inline std::int64_t epoch_micros(TimePoint at) { return at.time_since_epoch().count(); }

}  // namespace kavach
