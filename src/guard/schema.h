#pragma once

// The guard's tables: bans and their history, the allow list, live settings, rate buckets, offences.

#include "store/migration.h"

namespace kavach::guard {

[[nodiscard]] store::Schema guard_schema();

}  // namespace kavach::guard
