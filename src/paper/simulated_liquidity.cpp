#include "paper/simulated_liquidity.h"

#include <algorithm>
#include <cmath>

#include "paper/simulated_noise.h"

namespace kavach::paper {
namespace {

enum Stream : std::uint64_t { kDay = 400, kMinuteVolume, kInterest, kTrade, kTouch, kQuantity, kOrders, kGap,
                              kTotal };

constexpr double kStepsPerDay = 24.0 * 3'600 * kStepsPerSecond;
constexpr double kInterestInDays = 2.5;   // open interest over a day's volume
constexpr double kJitter = 0.8;           // of a minute's volume; below 1 keeps the sum rising
constexpr Step kBookLife = 8;             // deep quantities change every two seconds

// Trading is busy at the open and the close: the integral of 0.6 + 1.2 (2x - 1)^2.
double traded_by(double x) {
  const double centred = 2.0 * x - 1.0;
  return 0.6 * x + 0.2 * (centred * centred * centred + 1.0);
}

}  // namespace

double SimulatedLiquidity::share_of_day(std::int64_t minute, std::int64_t minutes, Step open) const {
  const auto at = [minutes](std::int64_t index) {
    return traded_by(static_cast<double>(index) / static_cast<double>(minutes));
  };
  if (minute <= 0 || minute >= minutes) return at(minute);
  const std::uint64_t hash = mix(mix(terms_.key, kMinuteVolume), open / kMinute + minute);
  return at(minute) + (at(minute + 1) - at(minute)) * kJitter * (unit(hash) - 0.5);
}

std::int64_t SimulatedLiquidity::volume(Step step, const StepRange& session) const {
  if (!terms_.traded || step < session.open) return 0;
  const Step traded = std::min(step + 1, session.close) - session.open;
  const std::int64_t minutes = (session.close - session.open) / kMinute;
  const std::int64_t minute = traded / kMinute;
  const double into = static_cast<double>(traded % kMinute) / static_cast<double>(kMinute);
  const double before = share_of_day(minute, minutes, session.open);
  const double after = into > 0 ? share_of_day(minute + 1, minutes, session.open) : before;
  const double day = terms_.lots_per_day * std::exp(unit(mix(mix(terms_.key, kDay), session.open)) - 0.5);
  return static_cast<std::int64_t>(day * (before + (after - before) * into)) * terms_.lot_size;
}

std::int64_t SimulatedLiquidity::open_interest(Step step) const {
  if (!terms_.derivative) return 0;
  const double wave = value_noise(mix(terms_.key, kInterest), static_cast<double>(step) / kStepsPerDay);
  const double lots = terms_.lots_per_day * kInterestInDays * (1.0 + 0.15 * wave);
  return static_cast<std::int64_t>(lots) * terms_.lot_size;
}

std::int64_t SimulatedLiquidity::last_quantity(Step step) const {
  if (!terms_.traded) return 0;
  const std::uint64_t hash = mix(mix(terms_.key, kTrade), step);
  return static_cast<std::int64_t>(1 + hash % (terms_.derivative ? 5 : 180)) * terms_.lot_size;
}

SimulatedLiquidity::Touch SimulatedLiquidity::touch(std::int64_t last, Step step) const {
  const std::uint64_t hash = mix(mix(terms_.key, kTouch), step);
  const auto spread = 1 + static_cast<std::int64_t>(hash & 1U);
  const auto below = static_cast<std::int64_t>((hash >> 8) % static_cast<std::uint64_t>(spread + 1));
  const std::int64_t bid = std::max<std::int64_t>(last - below, 1);
  return {bid, bid + spread};
}

std::uint64_t SimulatedLiquidity::random(Step step, bool buy, int level, std::uint64_t what) const {
  const Step life = level == 0 ? 1 : kBookLife;
  const std::uint64_t place = static_cast<std::uint64_t>(level) * 2 + (buy ? 1 : 0);
  return mix(mix(mix(terms_.key, what), step / life), place);
}

std::int64_t SimulatedLiquidity::quantity(Step step, bool buy, int level) const {
  const std::uint64_t lots_max = (terms_.derivative ? 12U : 600U) * (1U + static_cast<unsigned>(level));
  return static_cast<std::int64_t>(1 + random(step, buy, level, kQuantity) % lots_max) * terms_.lot_size;
}

std::int64_t SimulatedLiquidity::orders(Step step, bool buy, int level) const {
  const std::int64_t lots = quantity(step, buy, level) / terms_.lot_size;
  const auto wanted = static_cast<std::int64_t>(1 + random(step, buy, level, kOrders) % 24);
  return std::min(lots, wanted);
}

std::int64_t SimulatedLiquidity::gap(Step step, bool buy, int level) const {
  return 1 + static_cast<std::int64_t>(random(step, buy, level + 1, kGap) % 4 == 0);
}

std::int64_t SimulatedLiquidity::total(Step step, bool buy) const {
  if (!terms_.traded) return 0;
  std::int64_t shown = 0;
  for (int level = 0; level < 5; ++level) shown += quantity(step, buy, level);
  const double resting = terms_.lots_per_day * 0.02 * (0.7 + 0.6 * unit(random(step, buy, 1, kTotal)));
  return shown + static_cast<std::int64_t>(resting) * terms_.lot_size;
}

}  // namespace kavach::paper
