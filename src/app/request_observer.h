#pragma once

// Where an answered request leaves its traces: the log, the traffic log, the latency histograms, the offence
// trackers, the refusal counters, the audit chain. Called on I/O threads; nothing here blocks.

#include "app/request_log.h"
#include "app/request_metrics.h"
#include "audit/audit_log.h"
#include "audit/latency_log.h"
#include "audit/traffic_log.h"
#include "core/clock.h"
#include "guard/defences.h"
#include "guard/request_record.h"

namespace kavach::app {

class RequestObserver final : public guard::RequestObserver {
 public:
  RequestObserver(store::Database& database, audit::AuditLog& audit, guard::Defences& defences,
                  MetricsRegistry& metrics, const Clock& clock, Logger& log);

  void answered(const guard::RequestRecord& record) override;
  void waited(std::size_t loop, Monotonic delay) override;
  void turned_away(const IpAddress& peer) override;
  /// An offence on a WebSocket; `token` as in docs/defences.md. `subject` is the digest of an unknown key, or the id
  /// of one that is not allowed from there.
  void abuse(const IpAddress& client, std::string_view token, std::string_view subject);
  /// Writes what is buffered. Four times a second.
  void tick();
  /// Deletes records older than the retention. On a worker.
  void prune(std::chrono::days retention);

  [[nodiscard]] audit::TrafficLog& traffic() { return traffic_; }
  [[nodiscard]] audit::LatencyLog& latency() { return latency_; }

 private:
  void measure(const guard::RequestRecord& record, Monotonic total);
  void count(const guard::RequestRecord& record);
  void audit_key(const guard::RequestRecord& record);

  audit::AuditLog& audit_;
  guard::Defences& defences_;
  const Clock& clock_;
  Logger& log_;
  RequestMetrics metrics_;
  RequestLog request_log_;
  audit::TrafficLog traffic_;
  audit::LatencyLog latency_;
};

}  // namespace kavach::app
