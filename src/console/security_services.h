#pragma once

// What the security routes are built from. `app` owns all of it and keeps it alive as long as the routes.

#include <cstddef>
#include <atomic>
#include <functional>

#include "audit/audit_log.h"
#include "console/csp_reports.h"
#include "core/clock.h"
#include "core/worker_pool.h"
#include "guard/call.h"
#include "guard/defences.h"
#include "store/database.h"

namespace kavach::console {

struct SecurityServices {
  guard::Defences& defences;
  store::Database& database;
  audit::AuditLog& audit;
  WorkerPool& workers;
  const Clock& clock;
  CspReports& csp_reports;
  /// Whether the caller has shown a second factor (or his password) in the last minutes.
  std::function<bool(const guard::Call&)> is_fresh;
  std::size_t upload_bytes_max{1'048'576};
  std::atomic<int> exports_running{0};
};

}  // namespace kavach::console
