#pragma once

// The console's rows of the route table that belong to trading, records, connections and health.
// Sign-in, API keys and security have theirs beside this file. docs/console-api.md is the contract.

#include "console/backup_services.h"
#include "console/key_services.h"
#include "console/record_services.h"
#include "console/services.h"
#include "guard/route.h"

namespace kavach::console {

/// `/console/api/…`: books, orders, instruments, prices, mode. The services outlive the routes.
[[nodiscard]] guard::Routes console_trading_routes(ConsoleServices& services);

/// `/health/status` for anybody, `/health/check` for a session.
[[nodiscard]] guard::Routes health_routes(HealthServices& services);

/// `/traffic/…`, `/latency/…`, `/audit/…`, `/logs/…`, for the owner.
[[nodiscard]] guard::Routes record_routes(RecordServices& services);

/// `/connections/…`, for the owner.
[[nodiscard]] guard::Routes connection_routes(ConnectionServices& services);

/// `/backup/…`, for the owner.
[[nodiscard]] guard::Routes backup_routes(BackupServices& services);

/// `/keys/…`, for the owner.
[[nodiscard]] guard::Routes key_routes(KeyServices& services);

/// `/settings/api/data`, for the owner.
[[nodiscard]] guard::Routes setting_routes(SettingServices& services);

}  // namespace kavach::console
