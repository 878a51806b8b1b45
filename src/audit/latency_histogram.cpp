#include "audit/latency_histogram.h"

#include <algorithm>
#include <bit>

namespace kavach::audit {
namespace {

constexpr unsigned kSubBits = 4;
constexpr std::uint64_t kSub = 1U << kSubBits;

}  // namespace

std::size_t LatencyCounts::bucket_of(Monotonic duration) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  if (value < kSub) return value;
  const unsigned doublings = static_cast<unsigned>(std::bit_width(value)) - 1 - kSubBits;
  const std::size_t bucket = (doublings + 1) * kSub + ((value >> doublings) - kSub);
  return std::min(bucket, kBuckets - 1);
}

Monotonic LatencyCounts::upper_bound_of(std::size_t bucket) {
  if (bucket < kSub) return Monotonic{static_cast<std::int64_t>(bucket)};
  const std::uint64_t doublings = bucket / kSub - 1;
  const std::uint64_t first = (kSub + bucket % kSub) << doublings;
  return Monotonic{static_cast<std::int64_t>(first + (std::uint64_t{1} << doublings) - 1)};
}

void LatencyCounts::add(const LatencyCounts& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
}

LatencyFigures LatencyCounts::figures() const {
  LatencyFigures figures;
  std::uint64_t count = 0;
  for (const auto bucket : counts_) count += bucket;
  figures.count = static_cast<std::int64_t>(count);
  if (count == 0) return figures;
  struct Rank {
    std::uint64_t permille;
    Monotonic LatencyFigures::* figure;
  };
  static constexpr std::array kRanks{
      Rank{500, &LatencyFigures::p50}, Rank{950, &LatencyFigures::p95},
      Rank{990, &LatencyFigures::p99}, Rank{999, &LatencyFigures::p999},
      Rank{1000, &LatencyFigures::max}};
  std::uint64_t seen = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < kBuckets && next < kRanks.size(); ++i) {
    seen += counts_[i];
    // The smallest bucket with at least this share at or below it.
    while (next < kRanks.size() && seen * 1000 >= kRanks[next].permille * count && seen > 0) {
      figures.*(kRanks[next].figure) = upper_bound_of(i);
      ++next;
    }
  }
  return figures;
}

LatencyCounts LatencyHistogram::drain() {
  LatencyCounts minute;
  for (std::size_t i = 0; i < minute_.size(); ++i) {
    if (minute_[i].load(std::memory_order_relaxed) == 0) continue;
    minute.add(i, minute_[i].exchange(0, std::memory_order_relaxed));
  }
  total_.add(minute);
  return minute;
}

LatencyCounts LatencyHistogram::total() const {
  LatencyCounts all = total_;
  for (std::size_t i = 0; i < minute_.size(); ++i) {
    all.add(i, minute_[i].load(std::memory_order_relaxed));
  }
  return all;
}

}  // namespace kavach::audit
