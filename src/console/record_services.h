#pragma once

// What the pages of records and connections are built from: traffic, latency, logs, audit, live
// connections. `app` owns all of it and keeps it alive as long as the routes.

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "audit/audit_query.h"
#include "audit/audit_verify.h"
#include "audit/latency_log.h"
#include "audit/traffic_log.h"
#include "console/log_tail.h"
#include "core/clock.h"
#include "core/worker_pool.h"
#include "guard/call.h"
#include "market/feed_hub.h"
#include "store/database.h"

namespace kavach::console {

struct RecordServices {
  store::Database& database;
  audit::TrafficLog& traffic;
  audit::LatencyLog& latency;
  const LogTail& log_tail;
  const Clock& clock;
  WorkerPool& workers;
  std::function<audit::AuditTrust()> audit_trust;
  audit::SignHead sign_head;
  audit::AuditLog& audit;
  /// Whether the caller has shown a second factor within the last minutes.
  std::function<bool(const guard::Call&)> is_fresh;
  std::atomic<int> exports_running{0};
};

/// One WebSocket client, as the stream room reports it.
struct ConnectionRow {
  std::string id;
  std::string username;
  std::string address;
  TimePoint opened_at{};
  std::size_t subscriptions{0};
  std::size_t queued_bytes{0};
  std::uint64_t sent{0};
  std::uint64_t conflated{0};
  Micros lag{0};  ///< how long it has been behind
};

struct ConnectionServices {
  const market::FeedHub& hub;
  std::function<std::vector<ConnectionRow>()> connections;
  /// False when there is no such connection. May be empty: then none can be closed from here.
  std::function<bool(const std::string& id)> close;
};

}  // namespace kavach::console
