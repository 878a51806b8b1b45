#pragma once

// Order ids: fourteen digits, the IST date as YYMMDD and a number that starts from the millisecond of
// the day and never repeats or falls, not even across a restart within the same millisecond or when
// the wall clock is set back. Ids of one day sort by placement. Brokers get the id as the client's
// own reference, so it is also what an order of unknown outcome is looked up by.
// Thread-safe.

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"

namespace kavach::trading {

/// No id of that trading moment's date or later is less; a day's ids begin with it.
[[nodiscard]] std::string first_order_id_of_day(TimePoint at);

class OrderIds {
 public:
  /// No id at or below `order_id` (one found in the journal) is given out again.
  void seen(std::string_view order_id);
  /// Fails with ErrorCode::Busy when the day's hundred million numbers are used up.
  [[nodiscard]] Result<std::string> next(TimePoint now);

 private:
  std::atomic<std::int64_t> last_{0};
};

}  // namespace kavach::trading
