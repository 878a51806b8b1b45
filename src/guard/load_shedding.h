#pragma once

// What is refused first when the machine cannot keep up. The signal is queueing delay: how long work
// waits between being complete and being started, reported by whoever starts it (the pipeline for
// requests, the I/O loops and the worker pool for their probes). As in CoDel (RFC 8289), a burst that
// drains is no overload; only a delay that never falls below the target for a whole interval is.
//
// Thread-safe and without locks. Essential traffic (cancel, close, kill switch) is never refused by
// delay, and a number of slots is kept for it that nothing else may take.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/clock.h"
#include "guard/route.h"

namespace kavach::guard {

struct SheddingLimits {
  std::chrono::milliseconds delay_target{20};
  std::chrono::milliseconds interval{100};
  std::int64_t in_flight_max{4'096};    ///< requests being handled
  std::int64_t essential_reserve{256};  ///< on top of these, for essential ones only
};

class LoadShedder {
 public:
  explicit LoadShedder(SheddingLimits limits) : limits_{limits} {}

  /// Held while a request is handled; gives its place back when it dies.
  class Slot {
   public:
    explicit Slot(std::atomic<std::int64_t>* in_flight) : in_flight_{in_flight} {}
    ~Slot() { release(); }
    Slot(Slot&& other) noexcept : in_flight_{std::exchange(other.in_flight_, nullptr)} {}
    Slot& operator=(Slot&& other) noexcept {
      if (this != &other) {
        release();
        in_flight_ = std::exchange(other.in_flight_, nullptr);
      }
      return *this;
    }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    void release() {
      if (in_flight_ != nullptr) in_flight_->fetch_sub(1, std::memory_order_relaxed);
      in_flight_ = nullptr;
    }
    std::atomic<std::int64_t>* in_flight_;
  };

  /// Something that had been ready for `delay` was started at `now`.
  void observe(Monotonic delay, Monotonic now);

  /// Nothing: refuse with 503 and `retry_after`. `known`: the request carries a credential; strangers are
  /// refused before callers who may turn out to be the owner.
  [[nodiscard]] std::optional<Slot> admit(Priority priority, bool known);

  /// 0: all is well; 1: deferrable refused; 2: strangers too; 3..10: a growing share of the rest.
  [[nodiscard]] int level() const { return level_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  [[nodiscard]] static std::chrono::seconds retry_after() { return std::chrono::seconds{1}; }

 private:
  static constexpr int kLevelMax = 10;
  [[nodiscard]] bool sheds(Priority priority, bool known);

  const SheddingLimits limits_;
  std::atomic<std::int64_t> interval_start_{0};
  std::atomic<std::int64_t> least_delay_{INT64_MAX};
  std::atomic<int> level_{0};
  std::atomic<std::uint32_t> turn_{0};
  std::atomic<std::int64_t> in_flight_{0};
};

}  // namespace kavach::guard
