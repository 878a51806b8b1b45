#include "paper/simulated_process.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "paper/simulated_noise.h"

namespace kavach::paper {
namespace {

// Separate streams of random numbers drawn from one key.
enum Stream : std::uint64_t { kOctave = 0, kBlockWick = 100, kMinutePath, kMinuteWick, kMinutePick, kStepPath,
                              kStepPick };

struct Octave {
  double blocks;  // its period
  double weight;  // in days' volatility
};
// A random walk gains the square root of its time, so weights grow with the root of the period. Periods share
// no factor, or highs would recur at the same hour.
constexpr std::array<Octave, SimulatedProcess::kOctaveCount> kOctaves{Octave{4.3, 0.17},   Octave{16.7, 0.33}, Octave{61.0, 0.63},
                              Octave{239.0, 1.25}, Octave{967.0, 2.5}, Octave{3'847.0, 5.0}};

// Standard deviations of shorter spans as a fraction of a session's 375 minutes.
constexpr double kBlockShare = 0.2;      // sqrt(15 / 375)
constexpr double kMinuteShare = 0.0516;  // sqrt(1 / 375)
constexpr double kBridge = 0.6;          // how far a path strays from the line between open and close
constexpr double kWick = 0.35;           // how far a range reaches beyond open and close, at most

double window(double x) { return 4.0 * x * (1.0 - x); }

// Open and close with wicks of random length.
Range widened(double open, double close, double wick, std::uint64_t hash) {
  const double up = wick * (0.1 + 0.9 * unit(hash));
  const double down = wick * (0.1 + 0.9 * unit(mix(hash, std::uint64_t{1})));
  const double low = std::min(open, close);
  return {open, std::max(open, close) + up, std::max(low - down, low * 0.5), close};
}

}  // namespace

SimulatedProcess::SimulatedProcess(std::uint64_t key, double reference, double volatility)
    : key_{key}, reference_{reference}, volatility_{volatility} {
  for (std::size_t i = 0; i < waves_.size(); ++i) {
    const std::uint64_t stream = mix(key, kOctave + i);
    // A phase of its own keeps one instrument's turning points from being another's.
    waves_[i] = {stream, unit(stream) * 1'000.0};
  }
}

double SimulatedProcess::boundary(std::int64_t block) const {
  double sum = 0;
  for (std::size_t i = 0; i < kOctaves.size(); ++i) {
    const double at = static_cast<double>(block) / kOctaves[i].blocks + waves_[i].phase;
    sum += kOctaves[i].weight * value_noise(waves_[i].stream, at);
  }
  return reference_ * std::exp(volatility_ * sum);
}

Range SimulatedProcess::block(std::int64_t block, std::optional<double> open) const {
  const double start = open ? *open : boundary(block);
  const double close = boundary(block + 1);
  return widened(start, close, reference_ * volatility_ * kBlockShare * kWick, mix(mix(key_, kBlockWick), block));
}

double SimulatedProcess::minute_boundary(std::int64_t block, std::int64_t minute, const Range& within) const {
  if (minute == 0) return within.open;
  if (minute == kMinutesPerBlock) return within.close;
  const double x = static_cast<double>(minute) / static_cast<double>(kMinutesPerBlock);
  const std::uint64_t stream = mix(mix(key_, kMinutePath), block);
  const double noise = 0.65 * value_noise(stream, static_cast<double>(minute) / 4.0) +
                       0.35 * value_noise(mix(stream, std::uint64_t{1}), static_cast<double>(minute) / 1.3);
  const double stray = reference_ * volatility_ * kBlockShare * kBridge * window(x) * noise;
  return std::clamp(within.open + (within.close - within.open) * x + stray, within.low, within.high);
}

Range SimulatedProcess::minute(std::int64_t minute, const Range& within, std::optional<double> open) const {
  const std::int64_t block = minute / kMinutesPerBlock;
  const std::int64_t index = minute % kMinutesPerBlock;
  const double start = open ? *open : minute_boundary(block, index, within);
  const double close = minute_boundary(block, index + 1, within);
  Range range = widened(start, close, reference_ * volatility_ * kMinuteShare * kWick,
                        mix(mix(key_, kMinuteWick), minute));
  range.high = std::min(range.high, within.high);
  range.low = std::max(range.low, within.low);
  const Extremes extremes = extreme_minutes(block, within);
  if (index == extremes.high) range.high = within.high;
  if (index == extremes.low) range.low = within.low;
  return range;
}

double SimulatedProcess::at(Step step, const Range& within) const {
  const std::int64_t minute = step / kMinute;
  const Step index = step % kMinute;
  const Extremes extremes = extreme_steps(minute);
  if (index == extremes.high) return within.high;
  if (index == extremes.low) return within.low;
  const double x = static_cast<double>(index + 1) / static_cast<double>(kMinute);
  const std::uint64_t stream = mix(mix(key_, kStepPath), minute);
  const auto place = static_cast<double>(index);
  const double noise = 0.5 * value_noise(stream, place / 37.0) +
                       0.3 * value_noise(mix(stream, std::uint64_t{1}), place / 7.0) +
                       0.2 * value_noise(mix(stream, std::uint64_t{2}), place);
  const double stray = reference_ * volatility_ * kMinuteShare * kBridge * window(x) * noise;
  return std::clamp(within.open + (within.close - within.open) * x + stray, within.low, within.high);
}

// A rising block has its low early and its high late.
SimulatedProcess::Extremes SimulatedProcess::extreme_minutes(std::int64_t block, const Range& range) const {
  const std::uint64_t hash = mix(mix(key_, kMinutePick), block);
  const auto early = static_cast<std::int64_t>(hash % 5);
  const auto late = 10 + static_cast<std::int64_t>((hash >> 32) % 5);
  return range.close >= range.open ? Extremes{late, early} : Extremes{early, late};
}

// Never the last step, which is the minute's close.
SimulatedProcess::Extremes SimulatedProcess::extreme_steps(std::int64_t minute) const {
  const std::uint64_t hash = mix(mix(key_, kStepPick), minute);
  const auto first = static_cast<std::int64_t>(hash % 119);
  const auto second = 119 + static_cast<std::int64_t>((hash >> 32) % 120);
  return (hash >> 63) != 0 ? Extremes{first, second} : Extremes{second, first};
}

}  // namespace kavach::paper
