#pragma once

// `/security/…`: bans, suspects, thresholds and the allow list of the console, and the endpoint for
// content security policy reports. docs/console-api.md is the contract.

#include "console/security_services.h"
#include "guard/route.h"

namespace kavach::console {

/// The services outlive the routes.
[[nodiscard]] guard::Routes security_routes(SecurityServices& services);

}  // namespace kavach::console
