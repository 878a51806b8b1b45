#pragma once

// The console's rows of the route table that belong to trading, health and the console's own files.
// Sign-in, API keys and security have theirs beside this file. docs/console-api.md is the contract.

#include "console/services.h"
#include "guard/route.h"

namespace kavach::console {

/// `/console/api/…`: books, orders, instruments, prices, mode. The services outlive the routes.
[[nodiscard]] guard::Routes console_trading_routes(ConsoleServices& services);

/// `/health/status` for anybody, `/health/check` for a session.
[[nodiscard]] guard::Routes health_routes(HealthServices& services);

}  // namespace kavach::console
