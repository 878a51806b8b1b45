#include "console/security_routes.h"

#include "console/policies.h"
#include "console/security_handlers.h"
#include "guard/security_headers.h"

namespace kavach::console {
namespace {

using guard::Access;
using guard::BodyKind;
using guard::Csrf;
using guard::Priority;
using guard::RateClass;

constexpr std::size_t kBodyBytesMax = 16 * 1'024;
constexpr std::size_t kReportBytesMax = 8 * 1'024;

guard::Route row(http::Method method, std::string path, guard::Policy policy, SecurityServices& services,
                 SecurityHandler handler) {
  return {.method = method,
          .path = std::move(path),
          .policy = policy,
          .handle = [&services, handler](guard::Call& call) { return handler(&call, &services); }};
}

/// Who attacks the gateway, and how close each is to a ban, is for the owner only.
constexpr guard::Policy kReads = reading_policy(Access::OwnerSession);

constexpr guard::Policy acts(RateClass rate, BodyKind body, std::size_t bytes_max) {
  auto policy = acting_policy(Access::OwnerSession, rate, bytes_max);
  policy.body = body;
  return policy;
}

Task<http::Response> take_report(guard::Call* call, SecurityServices* services) {
  services->csp_reports.note(call->request.body);
  co_return http::Response::text(204, {});
}

/// Browsers send it without a session, so it may cost nothing: small, counted, shed first.
constexpr guard::Policy kReports{.access = Access::Public,
                                 .rate = RateClass::Default,
                                 .body = BodyKind::Raw,
                                 .body_bytes_max = kReportBytesMax,
                                 .changes_state = false,
                                 .csrf = Csrf::NotApplicable,
                                 .priority = Priority::Deferrable};

}  // namespace

guard::Routes security_routes(SecurityServices& services) {
  using http::Method;
  constexpr auto kWrite = acts(RateClass::ConsoleWrite, BodyKind::Json, kBodyBytesMax);
  constexpr auto kSensitive = acts(RateClass::ConsoleSensitive, BodyKind::Json, kBodyBytesMax);
  constexpr auto kRemoval = acts(RateClass::ConsoleWrite, BodyKind::None, 0);
  const auto upload = acts(RateClass::ConsoleSensitive, BodyKind::Raw, services.upload_bytes_max);
  guard::Routes routes;
  const auto add = [&](Method method, const char* path, const guard::Policy& policy, SecurityHandler handler) {
    routes.push_back(row(method, path, policy, services, handler));
  };
  add(Method::Get, "/security/api/data", kReads, show_security);
  add(Method::Get, "/security/stats", kReads, show_security_totals);
  add(Method::Post, "/security/ban", kWrite, ban_network);
  add(Method::Post, "/security/ban-host", kWrite, ban_host);
  add(Method::Post, "/security/unban", kSensitive, unban_network);
  add(Method::Post, "/security/clear-404", kWrite, forget_not_found);
  add(Method::Post, "/security/settings", kSensitive, change_settings);
  add(Method::Get, "/security/allowlist", kReads, show_allow_list);
  add(Method::Post, "/security/allowlist", kSensitive, allow_network);
  add(Method::Delete, "/security/allowlist", kRemoval, disallow_network);
  add(Method::Get, "/security/bans/export", kReads, export_bans);
  add(Method::Get, "/security/bans/history/export", kReads, export_ban_history);
  add(Method::Post, "/security/bans/import", upload, import_bans);
  add(Method::Get, "/security/allowlist/export", kReads, export_allow_list);
  add(Method::Post, "/security/allowlist/import", upload, import_allow_list);
  routes.push_back(row(Method::Post, std::string{guard::kCspReportPath}, kReports, services, take_report));
  return routes;
}

}  // namespace kavach::console
