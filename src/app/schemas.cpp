#include "app/schemas.h"

#include <array>

#include "api/schema.h"
#include "app/schema.h"
#include "audit/schema.h"
#include "guard/schema.h"
#include "identity/schema.h"
#include "trading/schema.h"

namespace kavach::app {

std::span<const store::Schema> all_schemas() {
  static const std::array schemas{audit::audit_schema(), identity::identity_schema(), guard::guard_schema(),
                                  trading::trading_schema(), api::api_schema(),
                                  app_schema()};
  return schemas;
}

}  // namespace kavach::app
