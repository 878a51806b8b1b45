#pragma once

// The price of something that is not derived from anything else: an equity, an index, a commodity. Mean-
// reverting noise on a logarithmic scale, in three levels that nest: blocks of 15 minutes follow slow
// octaves; minutes bridge a block's open and close inside its range; steps bridge a minute's. So the
// range of a day needs 96 evaluations, not 345,600, and still no step ever leaves it.
// Immutable, pure; floating point, for simulation only.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "paper/simulated_time.h"

namespace kavach::paper {

struct Range {
  double open{0}, high{0}, low{0}, close{0};
};

class SimulatedProcess {
 public:
  static constexpr std::size_t kOctaveCount = 6;

  /// `volatility` is a day's standard deviation as a fraction, roughly.
  SimulatedProcess(std::uint64_t key, double reference, double volatility);

  /// `open`, here and below, spares the work when the close of the piece before is known: it is the same.
  [[nodiscard]] Range block(std::int64_t block, std::optional<double> open = std::nullopt) const;
  /// `within` is the range of the block that holds `minute` (counted since the epoch).
  [[nodiscard]] Range minute(std::int64_t minute, const Range& within,
                             std::optional<double> open = std::nullopt) const;
  /// The price at the end of `step`; `within` is the range of its minute.
  [[nodiscard]] double at(Step step, const Range& within) const;

  /// Which minute of a block (0..14) reaches its high and its low, and which step of a minute (0..239).
  struct Extremes {
    std::int64_t high, low;
  };
  [[nodiscard]] Extremes extreme_minutes(std::int64_t block, const Range& range) const;
  [[nodiscard]] Extremes extreme_steps(std::int64_t minute) const;

 private:
  [[nodiscard]] double boundary(std::int64_t block) const;
  [[nodiscard]] double minute_boundary(std::int64_t block, std::int64_t minute, const Range& within) const;

  struct Wave {
    std::uint64_t stream{0};
    double phase{0};
  };

  std::uint64_t key_;
  double reference_;
  double volatility_;
  std::array<Wave, kOctaveCount> waves_;
};

}  // namespace kavach::paper
