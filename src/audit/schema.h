#pragma once

// The tables of this room: audit records and their sealed segments, traffic records, latency
// records.

#include "store/migration.h"

namespace kavach::audit {

[[nodiscard]] store::Schema audit_schema();

}  // namespace kavach::audit
