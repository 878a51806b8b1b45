#pragma once

// The tables of this room. Times are microseconds since the epoch, ids of users are numbers given by
// the gateway (so that they are alike on every store), digests are hexadecimal text.

#include "store/migration.h"

namespace kavach::identity {

[[nodiscard]] store::Schema identity_schema();

}  // namespace kavach::identity
