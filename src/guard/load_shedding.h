#pragma once

// What is refused first when the machine cannot keep up. The signal is queueing delay: how long what is
// ready waits until an I/O thread comes to it (http/loop_probe.h). As in CoDel (RFC 8289), a burst that
// drains is no overload; only a delay that never falls below the target for a whole interval is.
//
// Thread-safe and without locks. Cancelling, closing and the kill switch, asked by somebody who is known
// here, are never refused by delay, and a number of places is kept for them that nothing else may take.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/clock.h"
#include "guard/route.h"

namespace kavach::guard {

struct SheddingLimits {
  std::chrono::milliseconds delay_target{5};  ///< as CoDel's
  std::chrono::milliseconds interval{100};
  /// Asked for in an interval below which a delay is not of the requests' making: something else keeps the
  /// machine busy, and refusing them would help nobody.
  std::uint32_t requests_min{20};
  std::int64_t in_flight_max{4'096};    ///< requests being handled
  std::int64_t essential_reserve{256};  ///< on top of these, for essential ones only
};

/// What can be said of a caller before he has proved who he is.
enum class Standing {
  Stranger,
  Claims,  ///< shows a credential, which may be worth nothing
  Known,   ///< his address has authenticated lately, or is trusted by configuration
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

  /// On I/O thread `loop` something that had been ready for `delay` was served at `now`. The thread that
  /// is furthest behind decides: a flood may hit one and spare the others.
  void observe(std::size_t loop, Monotonic delay, Monotonic now);

  /// False: refuse with 503 and `retry_after`. Asked before the body is read.
  [[nodiscard]] bool admits(Priority priority, Standing standing);
  /// A place among the requests being handled, or nothing: refuse likewise. Asked when the request is
  /// complete: whoever sends his body slowly holds no place meanwhile.
  [[nodiscard]] std::optional<Slot> enter(Priority priority, Standing standing);
  /// False: not even worth the reading. At the levels at which all that strangers want is refused anyway.
  [[nodiscard]] bool admit_connection(Standing standing);

  /// 0: all is well. Above it more and more is refused, in this order: what can wait; strangers; who only
  /// claims to be somebody; strangers' essential requests; known callers' ordinary requests, if it is they
  /// who ask for too much.
  [[nodiscard]] int level() const { return level_.load(std::memory_order_relaxed); }
  /// The standing delay of the last interval.
  [[nodiscard]] Monotonic waiting() const { return Monotonic{waiting_.load(std::memory_order_relaxed)}; }
  [[nodiscard]] std::int64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  [[nodiscard]] static std::chrono::seconds retry_after() { return std::chrono::seconds{1}; }

  static constexpr int kLevelMax = 14;

 private:
  static constexpr std::size_t kLoops = 64;  ///< more threads share
  /// The least delay of an interval; each on a cache line of its own.
  struct alignas(64) Least {
    std::atomic<std::int64_t> delay{INT64_MAX};
  };

  void judge(Monotonic standing_delay, bool after_silence);
  void count(Standing standing);
  [[nodiscard]] bool is_one_of(int percent);
  /// How many percent of such requests are refused at the present level.
  [[nodiscard]] int share(Priority priority, Standing standing) const;

  const SheddingLimits limits_;
  std::array<Least, kLoops> least_;
  std::atomic<std::int64_t> interval_start_{0};
  std::atomic<std::int64_t> waiting_{0};
  std::atomic<int> level_{0};
  std::atomic<int> calm_{0};  ///< intervals since the last standing delay
  std::atomic<std::uint32_t> asked_{0};  ///< in this interval
  std::atomic<std::uint32_t> asked_by_known_{0};
  std::atomic<std::uint32_t> turn_{0};
  std::atomic<std::int64_t> in_flight_{0};
};

}  // namespace kavach::guard
