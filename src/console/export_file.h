#pragma once

// An export as a file that somebody takes away: in pieces while it is read, and on record.

#include <atomic>
#include <memory>
#include <string_view>

#include "audit/audit_log.h"
#include "audit/export_text.h"
#include "core/clock.h"
#include "core/worker_pool.h"
#include "guard/call.h"

namespace kavach::console {

/// What outlives an export.
struct ExportPlace {
  WorkerPool& workers;
  std::atomic<int>& running;
  audit::AuditLog& audit;
  const Clock& clock;
};

/// Answers `pieces` as `<stem>-<date>.csv` or `.jsonl`, and records `records.exported`. 503 when `kExportsMax` are
/// running. The caller has been asked for a fresh second factor.
[[nodiscard]] http::Response export_file(const guard::Call& call, const ExportPlace& place, std::string_view stem,
                                         audit::ExportFormat format, std::unique_ptr<audit::Export> pieces);

}  // namespace kavach::console
