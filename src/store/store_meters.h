#pragma once

// What the metrics say about the store. Without a registry (commands, tests) nothing is measured.

#include <cstddef>

#include "core/clock.h"
#include "core/metrics.h"

namespace kavach::store {

/// The registry and clock, if any, must outlive it. Writer thread.
class StoreMeters {
 public:
  StoreMeters(MetricsRegistry* metrics, const Clock* clock) : clock_{clock} {
    if (metrics == nullptr || clock == nullptr) return;
    units_ = &metrics->counter("kavach_store_units_total", "Units of work taken by the writer.");
    failed_ = &metrics->counter("kavach_store_units_failed_total",
                                "Units of work that were refused or rolled back.");
    commits_ = &metrics->duration("kavach_store_commit_seconds",
                                  "From the begin of a transaction until it is durable.");
    waiting_ = &metrics->gauge("kavach_store_queue", "Units the writer took up at its last turn.");
  }

  [[nodiscard]] Monotonic now() const {
    return commits_ == nullptr ? Monotonic{} : clock_->monotonic();
  }
  void took_up(std::size_t units) {
    if (waiting_ != nullptr) waiting_->set(static_cast<std::int64_t>(units));
  }
  void committed(std::size_t units, std::size_t failed, Monotonic begun) {
    if (commits_ == nullptr) return;
    units_->add(units);
    failed_->add(failed);
    commits_->observe(clock_->monotonic() - begun);
  }

 private:
  const Clock* clock_;
  Counter* units_{nullptr};
  Counter* failed_{nullptr};
  DurationHistogram* commits_{nullptr};
  Gauge* waiting_{nullptr};
};

}  // namespace kavach::store
