#pragma once

// Every room's tables, in the order in which they are created.

#include <span>

#include "store/migration.h"

namespace kavach::app {

[[nodiscard]] std::span<const store::Schema> all_schemas();

}  // namespace kavach::app
