#pragma once

// The tables this room keeps beside those of the rooms it puts together: the rotations of the master
// secrets (app/rotation_record.h).

#include "store/migration.h"

namespace kavach::app {

[[nodiscard]] store::Schema app_schema();

}  // namespace kavach::app
