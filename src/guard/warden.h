#pragma once

// Where offences end: counted, remembered, and at the threshold a ban. The pipeline's observer, the
// WebSocket and the webhooks call `report`, from any thread; it never blocks. The ban is enforced from
// memory at once and stored by a worker.

#include <cstddef>
#include <deque>
#include <string>

#include "core/clock.h"
#include "core/guarded.h"
#include "core/log.h"
#include "core/worker_pool.h"
#include "guard/attempt_book.h"
#include "guard/bans.h"
#include "guard/guard_settings.h"
#include "guard/offence.h"
#include "guard/offence_tally.h"
#include "guard/offence_tracker.h"
#include "guard/refusals.h"
#include "guard/security_events.h"

namespace kavach::guard {

/// What the warden works with; all of it outlives him.
struct WardenParts {
  OffenceTracker& tracker;
  AttemptBook& attempts;
  OffenceTally& tally;
  Bans& bans;
  const GuardSettings& settings;
  SecurityEvents& events;
  RefusalCounters& counters;
  WorkerPool& workers;
  const Clock& clock;
  Logger& log;
};

class Warden {
 public:
  explicit Warden(WardenParts parts) : parts_{parts} {}

  void report(const Offence& offence);

  /// Stores the bans that could not be stored yet; once a second, on a worker thread.
  void store_pending();
  [[nodiscard]] std::size_t pending() const;

 private:
  void punish(const Offence& offence, const OffenceStanding& standing);
  void note_attempt(const Offence& offence, const Cidr& network, TimePoint now);

  // Beyond this a ban is enforced, but forgotten at a restart.
  static constexpr std::size_t kPendingMax = 10'000;
  const WardenParts parts_;
  Guarded<std::deque<BanRequest>> pending_;
};

}  // namespace kavach::guard
