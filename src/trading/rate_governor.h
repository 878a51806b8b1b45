#pragma once

// The regulator's order rate: never more than a number of messages to one exchange segment within any
// second and any minute, counted over everything an account sends. Orders that add exposure stop
// earlier than cancels and reductions, which therefore always find room.
// Not thread-safe; lives under its account's lock.

#include <chrono>
#include <deque>
#include <map>

#include "core/clock.h"
#include "market/instrument.h"
#include "trading/risk.h"

namespace kavach::trading {

class RateGovernor {
 public:
  /// Counts the message and says true, or says false and counts nothing. A limit of 0 is none.
  [[nodiscard]] bool admit(const RiskLimits& limits, market::Exchange segment, bool adds_exposure,
                           Monotonic now);

 private:
  std::map<market::Exchange, std::deque<Monotonic>> sent_;  ///< of the last minute, oldest first
};

}  // namespace kavach::trading
