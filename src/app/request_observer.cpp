#include "app/request_observer.h"

namespace kavach::app {

RequestObserver::RequestObserver(store::Database& database, audit::AuditLog& audit, guard::Defences& defences,
                                 MetricsRegistry& metrics, const Clock& clock, Logger& log)
    : audit_{audit},
      defences_{defences},
      clock_{clock}, log_{log}, metrics_{metrics}, request_log_{clock, log}, traffic_{database, log}, latency_{database, log, clock.now()} {}

void RequestObserver::answered(const guard::RequestRecord& record) {
  const Monotonic total = record.queue + record.guard + record.handler;
  // A host that was let in is one of ours; any other is a text of the client's.
  const std::string host = record.refusal.empty() ? std::string{record.host} : guard::presentable(record.host);
  traffic_.record({.at = clock_.now(),
                   .address = record.client,
                   .method = record.method,
                   .route = record.route,
                   .host = host,
                   .status = record.status,
                   .refusal = record.refusal,
                   .request_id = record.request_id,
                   .principal = record.username,
                   .duration = total,
                   .queue = record.queue,
                   .guard = record.guard,
                   .handler = record.handler});
  measure(record, total);
  request_log_.answered(record, total);
  metrics_.answered(record, total);
  defences_.observe_arrival(record.client);
  if (record.refusal.empty()) return;
  count(record);
  if (!record.key_id.empty()) audit_key(record);
}

void RequestObserver::waited(std::size_t loop, Monotonic delay) { defences_.observe_waiting(loop, delay); }

void RequestObserver::turned_away(const IpAddress& peer) { defences_.observe_arrival(peer); }

// A request that placed one order is told apart by the order's stages. Of a batch each order is a row of its
// own, from the desk's side.
void RequestObserver::measure(const guard::RequestRecord& record, Monotonic total) {
  const bool single = record.orders.size() == 1;
  if (!single) {
    audit::StageTimes stages;
    stages.set(audit::Stage::Queue, record.queue);
    stages.set(audit::Stage::Guard, record.guard);
    stages.set(audit::Stage::Handler, record.handler);
    latency_.request(record.route, total, stages);
  }
  for (const guard::PlacedOrder& order : record.orders) {
    audit::OrderLatency latency{clock_.now(), order.order_id, std::string{record.route}, order.status, total, order.stages};
    if (single) {
      latency.stages.set(audit::Stage::Queue, record.queue);
      latency.stages.set(audit::Stage::Guard, record.guard);
      latency.stages.set(audit::Stage::Validation, order.asked - record.handled_at);
      latency.stages.set(audit::Stage::Reply, record.answered_at - order.answered);
    } else {
      latency.route += " (each order)";
      latency.total = order.answered - order.asked;
    }
    latency_.order(std::move(latency));
  }
}

// Which refusals are offences. A store that cannot answer, a full pool or a missing key never is one.
void RequestObserver::count(const guard::RequestRecord& record) {
  using guard::OffenceKind;
  using guard::Refusal;
  // The server has finer words for a request that breaks HTTP; to the defences they are one.
  const auto refusal = guard::refusal_of(record.refusal)
                           .or_else([] { return std::optional{Refusal::MalformedRequest}; });
  // A slow link is no attack, and a bug of ours no offence.
  if (record.refusal == "internal" || record.status == 408) return;
  defences_.counters.count(*refusal);
  const auto report = [&](OffenceKind kind, std::string_view subject = {}) {
    metrics_.offence(kind);
    defences_.warden.report({kind, record.client, subject, record.host});
  };
  switch (*refusal) {
    case Refusal::InvalidApiKey: report(OffenceKind::InvalidApiKey, record.attempted_key); return;
    case Refusal::NotFound: report(OffenceKind::NotFound, record.path); return;
    case Refusal::CrossSite: report(OffenceKind::ForgedCsrf); return;
    case Refusal::MalformedRequest:
    case Refusal::AmbiguousClientAddress: report(OffenceKind::Malformed); return;
    case Refusal::AddressRateLimited: report(OffenceKind::RateAbuse); return;
    case Refusal::OutOfScope:
    case Refusal::KeyAddressNotAllowed: report(OffenceKind::OutOfScope); return;
    case Refusal::Banned:
    case Refusal::MisdirectedHost:
    case Refusal::Overloaded:
    case Refusal::RateLimited:
    case Refusal::MissingCredential:
    case Refusal::KeyInQuery:
    case Refusal::SessionExpired:
    case Refusal::OwnerOnly:
    case Refusal::BadSignature:
    case Refusal::CsrfToken:
    case Refusal::StepUpRequired:
    case Refusal::ConfirmRequired:
    case Refusal::MethodNotAllowed:
    case Refusal::MalformedBody:
    case Refusal::BodyTooLarge:
    case Refusal::UnsupportedUpload:
    case Refusal::CorsOrigin:
    case Refusal::StorageUnavailable: return;
  }
}

// A key that exists was tried where it may not be: it may be in other hands.
void RequestObserver::audit_key(const guard::RequestRecord& record) {
  using guard::Refusal;
  const auto refusal = guard::refusal_of(record.refusal);
  if (refusal != Refusal::OutOfScope && refusal != Refusal::KeyAddressNotAllowed && refusal != Refusal::BadSignature &&
      refusal != Refusal::InvalidApiKey) {
    return;
  }
  audit_.record({"apikey.refused", record.username, record.client.text(), record.request_id,
                 {{"key", record.key_id}, {"reason", record.refusal}, {"route", record.route}}});
}

void RequestObserver::abuse(const IpAddress& client, std::string_view token, std::string_view subject) {
  using guard::OffenceKind;
  const auto kind = token == "invalid_api_key"   ? OffenceKind::InvalidApiKey
                    : token == "api_key_address" ? OffenceKind::OutOfScope
                                                 : OffenceKind::WebSocketAbuse;
  metrics_.offence(kind);
  defences_.warden.report({kind, client, subject, {}});
  if (kind != OffenceKind::OutOfScope) return;
  const auto reason = guard::row_of(guard::Refusal::KeyAddressNotAllowed).token;
  audit_.record({"apikey.refused", {}, client.text(), {}, {{"key", subject}, {"reason", reason}, {"route", "/ws"}}});
}

void RequestObserver::tick() {
  const TimePoint now = clock_.now();
  traffic_.tick(now);
  latency_.tick(now);
  request_log_.tick();
}

void RequestObserver::prune(std::chrono::days retention) {
  const TimePoint limit = clock_.now() - retention;
  for (const auto& pruned : {traffic_.prune(limit), latency_.prune(limit)}) {
    if (!pruned) log_.warning("retention.failed", {{"detail", pruned.error().detail}});
  }
}

}  // namespace kavach::app
