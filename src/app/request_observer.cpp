#include "app/request_observer.h"

namespace kavach::app {

RequestObserver::RequestObserver(store::Database& database, const Clock& clock, Logger& log)
    : clock_{clock}, log_{log}, traffic_{database, log}, latency_{database, log, clock.now()} {}

void RequestObserver::answered(const guard::RequestRecord& record) {
  const Monotonic total = record.queue + record.guard + record.handler;
  traffic_.record({.at = clock_.now(),
                   .address = record.client,
                   .method = record.method,
                   .route = record.route,
                   .host = record.host,
                   .status = record.status,
                   .refusal = record.refusal,
                   .request_id = record.request_id,
                   .principal = record.username,
                   .duration = total,
                   .queue = record.queue,
                   .guard = record.guard,
                   .handler = record.handler});
  audit::StageTimes stages;
  stages.set(audit::Stage::Queue, record.queue);
  stages.set(audit::Stage::Guard, record.guard);
  stages.set(audit::Stage::Handler, record.handler);
  latency_.request(record.route, total, stages);
}

void RequestObserver::tick() {
  const TimePoint now = clock_.now();
  traffic_.tick(now);
  latency_.tick(now);
}

void RequestObserver::prune(std::chrono::days retention) {
  const TimePoint limit = clock_.now() - retention;
  for (const auto& pruned : {traffic_.prune(limit), latency_.prune(limit)}) {
    if (!pruned) log_.warning("retention.failed", {{"detail", pruned.error().detail}});
  }
}

}  // namespace kavach::app
