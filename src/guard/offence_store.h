#pragma once

// Keeps what the guard knows in memory across a restart: offences, attempts, the tally and the rate
// buckets of long windows. `flush` writes what changed, `load` reads it back; both block and belong on
// a worker thread. What is lost at a crash is what happened since the last flush.

#include <memory>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "guard/attempt_book.h"
#include "guard/offence_tally.h"
#include "guard/offence_tracker.h"
#include "guard/rate_limiter.h"
#include "store/database.h"

namespace kavach::guard {

class OffenceStore {
 public:
  OffenceStore(store::Database& database, OffenceTracker& tracker, AttemptBook& attempts, OffenceTally& tally,
               RateLimiter& limiter, const Clock& clock)
      : database_{database}, tracker_{tracker}, attempts_{attempts}, tally_{tally}, limiter_{limiter}, clock_{clock} {}

  [[nodiscard]] Result<void> load();
  /// A bounded part of what has changed; once a second.
  [[nodiscard]] Result<void> flush();
  /// All of it; when the gateway stops.
  [[nodiscard]] Result<void> flush_all();
  /// Deletes what no window reaches any more; once an hour.
  [[nodiscard]] Result<void> sweep();

 private:
  struct Changes;
  [[nodiscard]] Result<void> write_changes(int transactions_max);
  [[nodiscard]] Result<void> write(std::shared_ptr<const Changes> changes);

  store::Database& database_;
  OffenceTracker& tracker_;
  AttemptBook& attempts_;
  OffenceTally& tally_;
  RateLimiter& limiter_;
  const Clock& clock_;
};

}  // namespace kavach::guard
