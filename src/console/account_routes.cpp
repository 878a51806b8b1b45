// One's own account: step-up, change of password, the list of signed-in devices.

#include <utility>

#include "console/auth_call.h"
#include "core/civil_time.h"

namespace kavach::console {
namespace {

/// A wrong proof is what the thief of a session tries: it counts like a failed login. 401 would read as "signed out".
template <class T>
Result<T> judged(const AuthCall& call, Result<T> proved, std::string_view what_for) {
  if (proved || proved.error().code != ErrorCode::Unauthenticated) return proved;
  call.services->login.note_failure(call.call->principal.username, what_for, call.origin());
  proved.error().code = ErrorCode::InvalidInput;
  return proved;
}

Task<Result<void>> prove_with_code(AuthCall call, std::string code, std::chrono::seconds& wait) {
  const auto check = co_await call.services->login.prove(call.user(), std::move(code), call.origin(), call.executor());
  switch (check.outcome) {
    case identity::CodeCheck::Outcome::Accepted: co_return Result<void>{};
    case identity::CodeCheck::Outcome::Wrong:
      co_return fail(ErrorCode::InvalidInput, "That code is not right; wait for the next one and try again.");
    case identity::CodeCheck::Outcome::RateLimited:
      wait = check.retry_after;
      co_return fail(ErrorCode::RateLimited, "Too many attempts.");
    case identity::CodeCheck::Outcome::Unavailable: break;
  }
  co_return fail(ErrorCode::Unavailable, "The gateway cannot check codes right now.");
}

identity::PasskeyRequest step_up_request(const AuthCall& call) {
  return {identity::PasskeyRequest::Purpose::StepUp, call.user(), {}};
}

Task<Result<void>> prove_with_passkey(AuthCall call, json::object credential) {
  const auto user = co_await call.services->passkeys.authenticate(std::move(credential), step_up_request(call), call.actor(),
                                                                  call.executor());
  if (user) co_return Result<void>{};
  if (user.error().code != ErrorCode::Unauthenticated) co_return pass_on(user);
  co_return fail(ErrorCode::Unauthenticated, "That passkey was not accepted; try again.");
}

Task<http::Response> passkey_options(AuthCall call) {
  co_return options_reply(call.services->passkeys.request_options(step_up_request(call)));
}

/// A code or a passkey where a second factor is enrolled and asked for, else the password.
Task<http::Response> step_up(AuthCall call) {
  const auto user = call.services->users.find(call.user());
  const bool enrolled =
      call.services->second_factors.status(call.user()).totp_enabled || call.services->passkeys.has_any(call.user());
  auto code = call.text("code");
  auto password = call.secret("password");
  auto credential = credential_of(call);
  Result<void> proved = fail(ErrorCode::InvalidInput, "Send a code or a passkey's answer, or the password when no second factor is enrolled.");
  std::chrono::seconds wait{0};
  if (code && enrolled) {
    proved = co_await prove_with_code(call, std::move(*code), wait);
  } else if (credential) {
    proved = judged(call, co_await prove_with_passkey(call, std::move(*credential)), "step_up");
  } else if (password && user && (!enrolled || !user->required_for.sensitive)) {
    proved = judged(call, co_await call.services->accounts.confirm_password(call.user(), std::move(*password), call.executor()),
                    "step_up");
  }
  if (wait.count() > 0) co_return slow_down(wait);
  if (!proved) co_return failure_reply(proved.error());
  const auto rotated = co_await call.services->sessions.rotate(call.session_id(), true, call.actor(), call.executor());
  if (!rotated) co_return failure_reply(rotated.error());
  DataReply out;
  out.json().object();
  write_time(out.json(), "fresh_until", rotated->fresh_until);
  out.json().end();
  auto response = out.reply();
  set_session_cookie(call, *rotated, response);
  co_return response;
}

Task<http::Response> change_password(AuthCall call) {
  auto current = call.secret("current_password");
  auto next = call.secret("new_password");
  if (!current) co_return missing("current_password");
  if (!next) co_return missing("new_password");
  auto changed = judged(call,
                        co_await call.services->accounts.change_password(call.user(), std::move(*current), std::move(*next),
                                                                         call.session_id(), call.actor(), call.executor()),
                        "password_change");
  if (!changed) co_return failure_reply(changed.error());
  auto response = done_reply("Password changed; all other sessions were signed out.");
  set_session_cookie(call, *changed, response);
  co_return response;
}

Task<http::Response> active_sessions(AuthCall call) {
  DataReply out{2048};
  auto& json = out.json();
  json.object().key("sessions").array();
  for (const auto& view : call.services->sessions.list(call.user())) {
    json.object().field("id", view.id);
    write_time(json, "created_at", view.created_at);
    write_time(json, "last_seen_at", view.last_seen_at);
    write_time(json, "expires_at", view.ends_at);
    json.field("address", view.address).field("device", view.device);
    json.field("current", view.id == call.session_id()).end();
  }
  json.end().end();
  co_return out.reply();
}

Task<http::Response> end_session(AuthCall call) {
  const auto ended = co_await call.services->sessions.end(call.call->path_values.at("id"), call.user(),
                                                          identity::SessionEnd::Revoked, call.actor(), call.executor());
  if (!ended) co_return failure_reply(ended.error());
  co_return done_reply("The session has ended.");
}

}  // namespace

void add_account_routes(AuthServices& services, guard::Routes& routes) {
  using http::Method;
  routes.push_back(auth_route(services, Method::Post, "/auth/step-up", Kind::Sensitive, step_up));
  routes.push_back(auth_route(services, Method::Post, "/auth/step-up/passkey", Kind::Sensitive, passkey_options));
  routes.push_back(auth_route(services, Method::Post, "/auth/change-password", Kind::Sensitive, change_password));
  routes.push_back(auth_route(services, Method::Get, "/auth/active-sessions", Kind::Read, active_sessions));
  routes.push_back(auth_route(services, Method::Delete, "/auth/active-sessions/{id}", Kind::Write, end_session));
}

}  // namespace kavach::console
