#pragma once

// Which generations of the master secrets there are, what still needs the older ones, and how the latest
// rotation stands: for the console and for `kavach keys list`. Public ids only. Blocks.

#include "app/foundation.h"
#include "console/key_services.h"

namespace kavach::app {

[[nodiscard]] Result<console::KeysView> report_keys(Foundation& base);

}  // namespace kavach::app
