#pragma once

// The instruments a fresh install trades without downloading anything: liquid NSE and BSE equities,
// indices, and index, equity, commodity and currency derivatives whose expiries follow the calendar.
// Names and contract terms resemble the real ones; reference prices are invented. Used when no broker's
// dump is loaded. Rebuild it each day: expiries roll, strikes stay.

#include <vector>

#include "core/civil_time.h"
#include "market/calendar.h"
#include "market/instrument.h"

namespace kavach::market {

/// About 7,000 rows; every contract expires on `today` or later.
[[nodiscard]] std::vector<Instrument> builtin_universe(const Calendar& calendar, Date today);

}  // namespace kavach::market
