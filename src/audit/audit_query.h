#pragma once

// Searching and exporting the audit chain. Worker threads only.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/audit_sealer.h"
#include "audit/audit_segment.h"
#include "audit/export_text.h"

namespace kavach::audit {

/// Empty and absent members match everything.
struct AuditFilter {
  std::string kind{};                ///< exact, or a prefix when it ends in `.` (`login.`)
  std::string actor{};               ///< exact
  std::string address{};             ///< exact, canonical
  std::optional<TimePoint> from{};   ///< inclusive
  std::optional<TimePoint> until{};  ///< exclusive
};

struct AuditPage {
  std::vector<AuditRecord> rows;       ///< newest first
  std::optional<std::int64_t> before;  ///< the cursor of the next page, if there is one
};

[[nodiscard]] Result<AuditPage> search_audit(store::Database& database, const AuditFilter& filter,
                                             std::int64_t before_seq, int rows_max);

struct AuditExport {
  std::optional<TimePoint> from{};   ///< inclusive
  std::optional<TimePoint> until{};  ///< exclusive
  ExportFormat format{ExportFormat::JsonLines};
};

/// AuditSealer::sign, or what a test puts in its place. Thread-safe.
using SignHead = std::function<SignedHead(const ChainHead&)>;

/// All records between the first and the last of the range, each with its inclusion proof where its
/// segment is sealed. JSON lines carry the segments and end with the signed head, so that one file
/// is enough for script/verify_audit.py; for CSV those come from a head export.
[[nodiscard]] std::unique_ptr<Export> begin_audit_export(store::Database& database, SignHead sign,
                                                         const AuditExport& wanted);

/// The segments and the signed head as JSON lines: small, and worth keeping on another machine.
[[nodiscard]] std::unique_ptr<Export> begin_head_export(store::Database& database, SignHead sign);

}  // namespace kavach::audit
