#pragma once

// Where rooms leave audit records. audit/audit_chain.h implements it as a hash chain whose head
// moves inside the transaction of what it records.

#include "audit/event.h"
#include "core/result.h"
#include "store/database.h"

namespace kavach::audit {

class AuditLog {
 public:
  virtual ~AuditLog() = default;
  /// Appends inside the caller's transaction: both become durable or neither. Writer thread.
  [[nodiscard]] virtual Result<void> append(store::Transaction& transaction,
                                            const Event& event) = 0;
  /// Queues a unit of its own, for facts that no other write accompanies. Any thread, never blocks.
  /// Under flood, equal (kind, address) events are counted into summaries instead of rows.
  virtual void record(Event event) = 0;
};

}  // namespace kavach::audit
