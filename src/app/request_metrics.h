#pragma once

// Counts answered requests for the metrics: by route and class of status, their durations, refusals by
// token, offences by kind. Thread-safe; after a series has been seen once, counting takes a shared
// lock and an atomic addition.

#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/metrics.h"
#include "guard/offence.h"
#include "guard/request_record.h"

namespace kavach::app {

class RequestMetrics {
 public:
  /// The registry must outlive it.
  explicit RequestMetrics(MetricsRegistry& registry) : registry_{registry} {}

  void answered(const guard::RequestRecord& record, Monotonic total);
  void offence(guard::OffenceKind kind);

 private:
  struct Series {
    Counter* requests{nullptr};
    DurationHistogram* durations{nullptr};
  };
  using Key = std::pair<std::string, int>;  ///< route and class of status
  struct Earlier {
    using is_transparent = void;
    using View = std::pair<std::string_view, int>;
    static View view(const auto& key) { return {key.first, key.second}; }
    bool operator()(const auto& a, const auto& b) const { return view(a) < view(b); }
  };

  [[nodiscard]] Series series_of(std::string_view route, int status_class);

  MetricsRegistry& registry_;
  std::shared_mutex mutex_;
  std::map<Key, Series, Earlier> series_;
};

}  // namespace kavach::app
