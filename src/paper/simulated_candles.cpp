#include "paper/simulated_candles.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace kavach::paper {
namespace {

constexpr std::array<std::string_view, 18> kIntraday{"1s",  "5s",  "10s", "15s", "30s", "45s", "1m", "2m", "3m",
                                                     "5m",  "10m", "15m", "20m", "30m", "1h",  "2h", "3h", "4h"};
constexpr std::array kSeconds{1,   5,   10,  15,    30,    45,    60,    120,   180,
                              300, 600, 900, 1'200, 1'800, 3'600, 7'200, 10'800, 14'400};
static_assert(kIntraday.size() == kSeconds.size());

Price to_price(std::int64_t ticks, Price tick) { return Price::from_units(ticks * tick.units()); }

}  // namespace

std::optional<Interval> parse_interval(std::string_view text) {
  for (std::size_t i = 0; i < kIntraday.size(); ++i) {
    if (kIntraday[i] == text) return Interval{Interval::Unit::Steps, kSeconds[i] * kStepsPerSecond};
  }
  if (text == "D") return Interval{Interval::Unit::Days, 0};
  if (text == "W") return Interval{Interval::Unit::Weeks, 0};
  if (text == "M") return Interval{Interval::Unit::Months, 0};
  if (text == "Q") return Interval{Interval::Unit::Quarters, 0};
  if (text == "Y") return Interval{Interval::Unit::Years, 0};
  return std::nullopt;
}

Date period_start(Interval::Unit unit, Date date) {
  using std::chrono::month;
  const auto first_of = [&](unsigned number) { return Date{date.year(), month{number}, std::chrono::day{1}}; };
  const auto number = static_cast<unsigned>(date.month());
  switch (unit) {
    case Interval::Unit::Steps:
    case Interval::Unit::Days: return date;
    case Interval::Unit::Weeks: {
      const std::chrono::sys_days day{date};
      return Date{day - (std::chrono::weekday{day} - std::chrono::Monday)};
    }
    case Interval::Unit::Months: return first_of(number);
    case Interval::Unit::Quarters: return first_of((number - 1) / 3 * 3 + 1);
    case Interval::Unit::Years: return first_of(1);
  }
  return date;
}

market::Candle candle(SimulatedInstrument& instrument, const StepRange& session, Step from, Step to) {
  const TickBar bar = instrument.path.range(from, to);
  market::Candle out;
  out.start = time_of(from);
  out.open = to_price(bar.open, instrument.tick);
  out.high = to_price(bar.high, instrument.tick);
  out.low = to_price(bar.low, instrument.tick);
  out.close = to_price(bar.close, instrument.tick);
  out.volume = instrument.liquidity.volume(to - 1, session) - instrument.liquidity.volume(from - 1, session);
  out.open_interest = instrument.liquidity.open_interest(to - 1);
  return out;
}

std::vector<market::Candle> intraday_candles(SimulatedInstrument& instrument, const StepRange& session,
                                             Step interval, Step until) {
  const Step end = std::min(session.close, until + 1);
  std::vector<market::Candle> out;
  for (Step from = session.open; from < end; from += interval) {
    out.push_back(candle(instrument, session, from, std::min(from + interval, end)));
  }
  return out;
}

}  // namespace kavach::paper
