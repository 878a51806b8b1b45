#pragma once

// A histogram of durations whose buckets grow with the value (sixteen to each doubling), so that a
// percentile is right within 6 % from nanoseconds to minutes at a fixed size.
//
// Recording threads touch one atomic of the minute's part; whoever reads moves the minute into the
// total, so that trends and totals come from one counting.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/clock.h"

namespace kavach::audit {

struct LatencyFigures {
  std::int64_t count{0};
  Monotonic p50{};
  Monotonic p95{};
  Monotonic p99{};
  Monotonic p999{};
  Monotonic max{};
};

/// Plain counts. Not thread-safe.
class LatencyCounts {
 public:
  /// 2^40 ns, about 18 minutes; what is longer counts as that.
  static constexpr std::size_t kBuckets = (40 - 4 + 1) * 16;

  [[nodiscard]] static std::size_t bucket_of(Monotonic duration);
  /// The longest duration that falls into the bucket.
  [[nodiscard]] static Monotonic upper_bound_of(std::size_t bucket);

  void add(std::size_t bucket, std::uint64_t count) { counts_[bucket] += count; }
  void add(const LatencyCounts& other);
  /// Percentiles are upper bounds: "99 of 100 were not slower than".
  [[nodiscard]] LatencyFigures figures() const;

 private:
  std::array<std::uint64_t, kBuckets> counts_{};
};

/// `record` from any thread; `drain` and `total` under their owner's lock.
class LatencyHistogram {
 public:
  void record(Monotonic duration) {
    minute_[LatencyCounts::bucket_of(duration)].fetch_add(1, std::memory_order_relaxed);
  }
  /// What was recorded since the last drain, now also part of the total.
  LatencyCounts drain();
  /// Everything ever recorded; leaves the minute as it is.
  [[nodiscard]] LatencyCounts total() const;

 private:
  std::array<std::atomic<std::uint32_t>, LatencyCounts::kBuckets> minute_{};
  LatencyCounts total_;
};

}  // namespace kavach::audit
