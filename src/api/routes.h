#pragma once

// The REST API as rows of the route table: /api/v1/…, its published description, and
// /api/config/host. `services` must outlive the routes.

#include "api/services.h"
#include "guard/route.h"

namespace kavach::api {

[[nodiscard]] guard::Routes api_routes(ApiServices& services);

}  // namespace kavach::api
