#pragma once

// The intervals of the wire contract, and candles of a simulated instrument over a session. Pure but for the
// path's memory.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/civil_time.h"
#include "market/quote.h"
#include "paper/simulated_instrument.h"

namespace kavach::paper {

struct Interval {
  enum class Unit { Steps, Days, Weeks, Months, Quarters, Years };
  Unit unit{Unit::Steps};
  Step steps{0};  ///< of an intraday interval
};
/// `1s` … `4h`, `D`, `W`, `M`, `Q`, `Y` exactly as the wire contract lists them.
[[nodiscard]] std::optional<Interval> parse_interval(std::string_view text);

/// The first day of the period that holds `date`.
[[nodiscard]] Date period_start(Interval::Unit unit, Date date);

/// One candle over [from, to) of a session.
[[nodiscard]] market::Candle candle(SimulatedInstrument& instrument, const StepRange& session, Step from, Step to);
/// Candles of `interval` aligned to the session's opening, up to and including the step `until`.
[[nodiscard]] std::vector<market::Candle> intraday_candles(SimulatedInstrument& instrument,
                                                           const StepRange& session, Step interval, Step until);

}  // namespace kavach::paper
