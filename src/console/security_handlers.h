#pragma once

// The pieces `security_routes` is put together from; not for other rooms. Every handler gets pointers
// that outlive it.

#include <optional>
#include <string>
#include <string_view>

#include "console/security_services.h"
#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "guard/ban.h"
#include "guard/call.h"

namespace kavach::console {

using SecurityHandler = Task<http::Response> (*)(guard::Call*, SecurityServices*);

// security_view.cpp
Task<http::Response> show_security(guard::Call* call, SecurityServices* services);
Task<http::Response> show_security_totals(guard::Call* call, SecurityServices* services);
Task<http::Response> show_allow_list(guard::Call* call, SecurityServices* services);

// security_acts.cpp
Task<http::Response> ban_network(guard::Call* call, SecurityServices* services);
Task<http::Response> ban_host(guard::Call* call, SecurityServices* services);
Task<http::Response> unban_network(guard::Call* call, SecurityServices* services);
Task<http::Response> forget_not_found(guard::Call* call, SecurityServices* services);
Task<http::Response> change_settings(guard::Call* call, SecurityServices* services);
Task<http::Response> allow_network(guard::Call* call, SecurityServices* services);
Task<http::Response> disallow_network(guard::Call* call, SecurityServices* services);

// security_files.cpp
Task<http::Response> export_bans(guard::Call* call, SecurityServices* services);
Task<http::Response> export_ban_history(guard::Call* call, SecurityServices* services);
Task<http::Response> export_allow_list(guard::Call* call, SecurityServices* services);
Task<http::Response> import_bans(guard::Call* call, SecurityServices* services);
Task<http::Response> import_allow_list(guard::Call* call, SecurityServices* services);

/// 403 `step_up_required`, or nothing when the caller has just shown who he is.
[[nodiscard]] std::optional<http::Response> step_up_refusal(const guard::Call& call, const SecurityServices& services);

/// Adds to the allow list, stored, audited and in force. Blocks; for workers.
[[nodiscard]] Result<void> allow_all(SecurityServices& services, const std::vector<guard::AllowedNetwork>& entries,
                                     const std::string& request_id);

}  // namespace kavach::console
