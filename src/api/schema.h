#pragma once

// The api room's tables: each user's trading mode and chart preferences.

#include "store/migration.h"

namespace kavach::api {

[[nodiscard]] store::Schema api_schema();

}  // namespace kavach::api
