#pragma once

// One instrument's prices in ticks over time: a contract over its underlying's process, with the ranges of
// blocks, minutes and steps nested exactly. Remembers the block and minute last asked for, so it is cheap
// to walk; not thread-safe for that reason.

#include <cstdint>
#include <optional>

#include "paper/simulated_contract.h"
#include "paper/simulated_process.h"

namespace kavach::paper {

struct TickBar {
  std::int64_t open{0}, high{0}, low{0}, close{0};
  void merge(const TickBar& later);
};

class SimulatedPath {
 public:
  SimulatedPath(const SimulatedProcess& process, const SimulatedContract& contract)
      : process_{process}, contract_{contract} {}

  /// The price at the end of `step`.
  [[nodiscard]] std::int64_t last(Step step);
  /// Everything traded in [from, to), which is not empty.
  [[nodiscard]] TickBar range(Step from, Step to);

 private:
  struct Piece {
    std::int64_t index{-1};
    Range underlying;
    TickBar bar;
  };

  const Piece& block(std::int64_t index);
  const Piece& minute(std::int64_t index);
  [[nodiscard]] std::int64_t opening(Step step);
  [[nodiscard]] TickBar priced(const Range& underlying, Step from, Step to,
                               std::optional<std::int64_t> open) const;
  [[nodiscard]] SimulatedProcess::Extremes oriented(SimulatedProcess::Extremes extremes) const;

  SimulatedProcess process_;
  SimulatedContract contract_;
  Piece block_;
  Piece minute_;
};

}  // namespace kavach::paper
