#pragma once

#include "store/migration.h"

namespace kavach::trading {

/// The journal and the snapshots that shorten its replay.
[[nodiscard]] store::Schema trading_schema();

}  // namespace kavach::trading
