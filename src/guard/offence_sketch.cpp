#include "guard/offence_sketch.h"

#include <algorithm>

namespace kavach::guard {

void OffenceSketch::age(TimePoint now) {
  const std::int64_t half_day = std::chrono::floor<std::chrono::hours>(now).time_since_epoch().count() / 12;
  if (current_.empty()) {
    current_.assign(kRows * cells_, 0);
    former_.assign(kRows * cells_, 0);
    half_day_ = half_day;
  }
  if (half_day == half_day_) return;
  former_.swap(current_);
  std::ranges::fill(current_, std::uint8_t{0});
  if (half_day != half_day_ + 1) std::ranges::fill(former_, std::uint8_t{0});
  half_day_ = half_day;
}

std::array<std::size_t, OffenceSketch::kRows> OffenceSketch::places(std::uint64_t key) const {
  std::array<std::size_t, kRows> at{};
  std::uint64_t hash = key ^ seed_;
  for (std::size_t row = 0; row < kRows; ++row) {
    hash = (hash ^ (hash >> 32U)) * 0xd6e8feb86659fd93ULL;
    hash ^= hash >> 29U;
    at[row] = row * cells_ + (static_cast<std::size_t>(hash >> 16U) & (cells_ - 1));
  }
  return at;
}

std::uint32_t OffenceSketch::estimate(const Generation& generation, const std::array<std::size_t, kRows>& at) {
  std::uint32_t least = 255;
  for (const std::size_t place : at) least = std::min<std::uint32_t>(least, generation[place]);
  return least;
}

std::uint32_t OffenceSketch::add(std::uint64_t key, std::uint32_t weight, TimePoint now) {
  age(now);
  const auto at = places(key);
  // Conservative: only the cells that would otherwise underestimate are raised.
  const std::uint32_t raised = std::min<std::uint32_t>(255, estimate(current_, at) + weight);
  for (const std::size_t place : at) {
    current_[place] = static_cast<std::uint8_t>(std::max<std::uint32_t>(current_[place], raised));
  }
  return raised + estimate(former_, at);
}

}  // namespace kavach::guard
