#pragma once

// The console's rows of the route table for setup, sign-in, one's own account, other people's accounts
// and API keys. docs/console-api.md is the contract. The services outlive the routes.

#include "console/auth_services.h"
#include "guard/route.h"

namespace kavach::console {

/// `/auth/…`
[[nodiscard]] guard::Routes auth_routes(AuthServices& services);
/// `/users/api/…`, for owners
[[nodiscard]] guard::Routes user_routes(AuthServices& services);
/// `/settings/api/smtp…`, for owners
[[nodiscard]] guard::Routes mail_routes(AuthServices& services);
/// `/apikey…`
[[nodiscard]] guard::Routes apikey_routes(AuthServices& services);

}  // namespace kavach::console
