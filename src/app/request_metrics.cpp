#include "app/request_metrics.h"

#include <mutex>

namespace kavach::app {

void RequestMetrics::answered(const guard::RequestRecord& record, Monotonic total) {
  const Series series = series_of(record.route, record.status / 100);
  series.requests->add();
  series.durations->observe(total);
  if (!record.refusal.empty()) {
    registry_.counter("kavach_refusals_total", "Requests that a defence refused, by token.", {{"token", record.refusal}})
        .add();
  }
}

void RequestMetrics::offence(guard::OffenceKind kind) {
  registry_.counter("kavach_offences_total", "Offences by kind.", {{"kind", guard::name_of(kind)}}).add();
}

// Routes are templates, so there are as many series as routes and classes, and no client can add one.
RequestMetrics::Series RequestMetrics::series_of(std::string_view route, int status_class) {
  const Earlier::View key{route, status_class};
  {
    const std::shared_lock lock{mutex_};
    if (const auto known = series_.find(key); known != series_.end()) return known->second;
  }
  const std::string status = std::to_string(status_class) + "xx";
  const Series fresh{
      &registry_.counter("kavach_requests_total", "Answered requests by route and class of status.",
                         {{"route", route}, {"status", status}}),
      &registry_.duration("kavach_request_seconds", "From the complete request to the reply, by route.", {{"route", route}})};
  const std::lock_guard lock{mutex_};
  return series_.try_emplace(Key{route, status_class}, fresh).first->second;
}

}  // namespace kavach::app
