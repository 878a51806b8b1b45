#include "paper/simulated_path.h"

#include <algorithm>
#include <utility>

namespace kavach::paper {

void TickBar::merge(const TickBar& later) {
  high = std::max(high, later.high);
  low = std::min(low, later.low);
  close = later.close;
}

TickBar SimulatedPath::priced(const Range& underlying, Step from, Step to,
                              std::optional<std::int64_t> open) const {
  const Step middle = from + (to - from) / 2;
  const std::int64_t start = open ? *open : contract_.ticks(underlying.open, from);
  const std::int64_t close = contract_.ticks(underlying.close, to);
  const std::int64_t high = contract_.ticks(underlying.high, middle);
  const std::int64_t low = contract_.ticks(underlying.low, middle);
  return {start, std::max({start, close, high, low}), std::min({start, close, high, low}), close};
}

// A put is at its high where its underlying is at its low.
SimulatedProcess::Extremes SimulatedPath::oriented(SimulatedProcess::Extremes extremes) const {
  if (contract_.falls_when_underlying_rises()) std::swap(extremes.high, extremes.low);
  return extremes;
}

const SimulatedPath::Piece& SimulatedPath::block(std::int64_t index) {
  if (block_.index == index) return block_;
  const bool follows = block_.index == index - 1;
  const auto open = follows ? std::optional{block_.underlying.close} : std::nullopt;
  const auto open_ticks = follows ? std::optional{block_.bar.close} : std::nullopt;
  block_.index = index;
  block_.underlying = process_.block(index, open);
  block_.bar = priced(block_.underlying, index * kBlock, (index + 1) * kBlock, open_ticks);
  return block_;
}

const SimulatedPath::Piece& SimulatedPath::minute(std::int64_t index) {
  if (minute_.index == index) return minute_;
  const Piece& within = block(index / kMinutesPerBlock);
  const bool follows = minute_.index == index - 1 && index % kMinutesPerBlock != 0;
  const auto open = follows ? std::optional{minute_.underlying.close} : std::nullopt;
  const auto open_ticks = follows ? std::optional{minute_.bar.close} : std::nullopt;
  minute_.index = index;
  minute_.underlying = process_.minute(index, within.underlying, open);
  TickBar bar = priced(minute_.underlying, index * kMinute, (index + 1) * kMinute, open_ticks);
  // Time decay and the smile bend prices a little within a block; the block's range is what was promised.
  for (std::int64_t* price : {&bar.open, &bar.high, &bar.low, &bar.close}) {
    *price = std::clamp(*price, within.bar.low, within.bar.high);
  }
  const auto extremes = oriented(process_.extreme_minutes(within.index, within.underlying));
  if (index % kMinutesPerBlock == extremes.high) bar.high = within.bar.high;
  if (index % kMinutesPerBlock == extremes.low) bar.low = within.bar.low;
  minute_.bar = bar;
  return minute_;
}

std::int64_t SimulatedPath::last(Step step) {
  const Piece& within = minute(step / kMinute);
  const Step index = step % kMinute;
  const auto extremes = oriented(process_.extreme_steps(within.index));
  if (index == extremes.high) return within.bar.high;
  if (index == extremes.low) return within.bar.low;
  if (index == kMinute - 1) return within.bar.close;
  const std::int64_t price = contract_.ticks(process_.at(step, within.underlying), step);
  return std::clamp(price, within.bar.low, within.bar.high);
}

TickBar SimulatedPath::range(Step from, Step to) {
  std::optional<TickBar> out;
  const auto take = [&out](const TickBar& bar) {
    if (out) {
      out->merge(bar);
    } else {
      out = bar;
    }
  };
  Step at = from;
  while (at < to) {
    if (at % kBlock == 0 && at + kBlock <= to) {
      take(block(at / kBlock).bar);
      at += kBlock;
    } else if (at % kMinute == 0 && at + kMinute <= to) {
      take(minute(at / kMinute).bar);
      at += kMinute;
    } else {
      const std::int64_t price = last(at);
      const std::int64_t open = out ? out->close : opening(at);
      take({open, std::max(open, price), std::min(open, price), price});
      ++at;
    }
  }
  return *out;
}

// A step opens where the one before it closed; the first of a session has none before it.
std::int64_t SimulatedPath::opening(Step step) {
  return step % kMinute == 0 ? minute(step / kMinute).bar.open : last(step - 1);
}

}  // namespace kavach::paper
