#pragma once

// How a journal event reads in the audit chain. Pure.

#include "audit/event.h"
#include "trading/journal_event.h"

namespace kavach::trading {

/// The record of one event: its kind, who caused it, and what matters of it. No secret reaches a
/// journal event, so none can reach the record.
[[nodiscard]] audit::Event audit_record(const JournalEvent& event, const Actor& actor);

}  // namespace kavach::trading
