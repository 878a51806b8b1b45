#pragma once

// Which peppers stored hashes still need: an older one can be forgotten when nothing names it any more.

#include <cstddef>
#include <map>
#include <string>

#include "core/result.h"
#include "store/database.h"

namespace kavach::identity {

struct PepperUses {
  std::size_t passwords{0};
  std::size_t api_keys{0};  ///< not revoked
};

/// By pepper id. Blocks.
[[nodiscard]] Result<std::map<std::string, PepperUses>> pepper_uses(store::Database& database);

}  // namespace kavach::identity
