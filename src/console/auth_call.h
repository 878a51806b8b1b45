#pragma once

// The pieces the auth handlers share: one call with its services, strict reading of bodies, the proof a
// sensitive change needs, and the rows' policies. Not for other rooms.

#include <optional>
#include <string>
#include <string_view>

#include "console/auth_services.h"
#include "console/reply.h"
#include "core/secret.h"
#include "guard/route.h"

namespace kavach::console {

struct AuthCall {
  guard::Call* call;
  AuthServices* services;

  [[nodiscard]] identity::Actor actor() const;
  [[nodiscard]] identity::LoginOrigin origin() const;
  [[nodiscard]] identity::UserId user() const { return call->principal.user; }
  [[nodiscard]] const std::string& session_id() const { return call->principal.credential_id; }
  [[nodiscard]] Executor& executor() const { return *call->executor; }

  /// A text of the body; nothing when it is absent or of another type.
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  /// The same for what must not stay in memory: it is wiped from the body and from the request.
  [[nodiscard]] std::optional<Secret> secret(std::string_view name) const;
};

using AuthHandler = Task<http::Response> (*)(AuthCall);

/// What a browser is asked for in a passkey's ceremony.
[[nodiscard]] http::Response options_reply(const Result<std::string>& options);
/// The browser's answer, the object `credential`.
[[nodiscard]] std::optional<json::object> credential_of(const AuthCall& call);
/// A changed second factor is a change of privilege: in its own unit other sessions end and this one gets a new
/// token, whose cookie goes with the answer.
[[nodiscard]] Result<identity::Sessions::Renewal> renewal_of(const AuthCall& call);

/// Refuses a sensitive change unless the session is fresh: 403 with the reason `step_up_required`.
[[nodiscard]] std::optional<http::Response> require_fresh(const AuthCall& call);
/// For public routes that change state: the pre-session token (or the session's) and the origin.
[[nodiscard]] std::optional<http::Response> require_login_csrf(const AuthCall& call);

/// The cookies of a session that has just been started or rotated.
void set_session_cookie(const AuthCall& call, const identity::StartedSession& session, http::Response& response);

/// `"name": must be a text`, as 400.
[[nodiscard]] http::Response missing(std::string_view name);
/// 429 with Retry-After.
[[nodiscard]] http::Response slow_down(std::chrono::seconds wait);
void write_time(JsonWriter& json, std::string_view name, std::optional<TimePoint> at);

enum class Kind {
  PublicRead,
  PublicLogin,   ///< POST, counted as logins
  PublicReset,   ///< POST, counted as resets
  Read,
  Write,
  Sensitive,
  OwnerRead,
  OwnerSensitive,
};
[[nodiscard]] guard::Route auth_route(AuthServices& services, http::Method method, std::string path, Kind kind,
                                      AuthHandler handler);

void add_login_routes(AuthServices& services, guard::Routes& routes);
void add_account_routes(AuthServices& services, guard::Routes& routes);
void add_second_factor_routes(AuthServices& services, guard::Routes& routes);
void add_passkey_routes(AuthServices& services, guard::Routes& routes);
void add_reset_routes(AuthServices& services, guard::Routes& routes);

/// What a login ends in, with its cookies.
[[nodiscard]] http::Response login_reply(const AuthCall& call, const identity::LoginOutcome& outcome,
                                         std::string_view refusal);
/// The browser's former session, of whomever, does not outlive a new login.
[[nodiscard]] Task<void> end_former_session(AuthCall call);

}  // namespace kavach::console
