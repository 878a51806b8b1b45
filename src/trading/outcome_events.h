#pragma once

// From news to journal events: what an answer of the broker or a happening at the venue means for an
// order, given the books as decided. Pure. News that the order table does not allow, that repeats itself
// or that contradicts what is known for certain becomes no event at all.

#include <vector>

#include "trading/desk_account.h"

namespace kavach::trading {

struct OutcomeEvents {
  std::vector<JournalEvent> events;   ///< to be recorded together
  std::vector<Happening> afterwards;  ///< to be taken as further news, after that
};

[[nodiscard]] OutcomeEvents events_of(const Books& books, const Order& order, const Fact& fact,
                                      TimePoint at);

/// Whether the fact leaves the question open: nothing definite came back.
[[nodiscard]] bool is_inconclusive(const Fact& fact);

}  // namespace kavach::trading
