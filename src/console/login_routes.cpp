// Setup, the CSRF token, login with and without a second factor, logout.

#include <utility>

#include "console/auth_call.h"
#include "core/civil_time.h"

namespace kavach::console {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

Task<http::Response> check_setup(AuthCall call) {
  DataReply out;
  out.json().object().field("needs_setup", call.services->setup.needed()).end();
  co_return out.reply();
}

Task<http::Response> set_up(AuthCall call) {
  auto username = call.text("username");
  auto email = call.text("email");
  auto token = call.text("setup_token");
  auto password = call.secret("password");
  if (!username) co_return missing("username");
  if (!email) co_return missing("email");
  if (!password) co_return missing("password");
  if (!token) co_return missing("setup_token");
  const std::string shown = *username;
  identity::NewAccount owner{std::move(*username), std::move(*email), std::move(*password), identity::Role::Owner};
  const auto created = co_await call.services->setup.create_owner(std::move(*token), std::move(owner), call.actor(),
                                                                  call.executor());
  if (!created) co_return failure_reply(created.error());
  DataReply out;
  out.json().object().field("username", shown).end();
  co_return out.reply();
}

Task<http::Response> csrf_token(AuthCall call) {
  const auto& services = *call.services;
  std::string token = call.call->csrf_token;
  std::string new_cookie;
  if (token.empty()) {
    std::string cookie{call.call->request.cookie(services.cookies.pre_session)};
    if (!identity::LoginCsrf::is_cookie(cookie)) {
      cookie = identity::LoginCsrf::new_cookie(services.random);
      new_cookie = cookie;
    }
    token = services.login_csrf.token(cookie);
  }
  std::string body;
  JsonWriter{body}.object().field("status", "success").field("csrf_token", token).end();
  auto response = http::Response::json(200, std::move(body));
  response.with("Cache-Control", "no-store");
  if (!new_cookie.empty()) {
    response.with("Set-Cookie",
                  identity::set_cookie(services.cookies.pre_session, new_cookie, services.cookies.secure));
  }
  co_return response;
}

http::Response signed_in(const AuthCall& call, const identity::LoginSuccess& success) {
  const auto& names = call.services->cookies;
  DataReply out;
  out.json().object().field("username", success.user->username).field("role", identity::name_of(success.user->role));
  out.json().end();
  auto response = out.reply();
  set_session_cookie(call, success.session, response);
  response.with("Set-Cookie", identity::clear_cookie(names.pending, names.secure));
  response.with("Set-Cookie", identity::clear_cookie(names.pre_session, names.secure));
  if (!success.device_cookie.empty()) {
    response.with("Set-Cookie", identity::set_cookie(names.device, success.device_cookie, names.secure,
                                                     identity::DeviceCookies::kLasts));
  }
  return response;
}

http::Response second_factor_wanted(const AuthCall& call, const identity::SecondFactorRequired& required) {
  const auto& names = call.services->cookies;
  DataReply out;
  auto& json = out.json();
  json.object().field("totp_required", true).key("methods").array();
  for (const auto& method : required.methods) json.value(method);
  json.end().end();
  auto response = out.reply();
  response.with("Set-Cookie", identity::set_cookie(names.pending, required.pending_token.reveal(), names.secure,
                                                   std::chrono::minutes{5}));
  return response;
}

Task<http::Response> log_in(AuthCall call) {
  auto username = call.text("username");
  auto password = call.secret("password");
  if (!username) co_return missing("username");
  if (!password) co_return missing("password");
  const auto outcome = co_await call.services->login.login(std::move(*username), std::move(*password), call.origin(),
                                                           call.executor());
  if (std::holds_alternative<identity::LoginSuccess>(outcome)) co_await end_former_session(call);
  co_return login_reply(call, outcome, "The user name or password is not right.");
}

Task<http::Response> log_in_with_code(AuthCall call) {
  auto code = call.text("code");
  if (!code) co_return missing("code");
  std::string pending{call.call->request.cookie(call.services->cookies.pending)};
  const auto outcome = co_await call.services->login.finish(std::move(pending), std::move(*code), call.origin(),
                                                            call.executor());
  if (std::holds_alternative<identity::LoginSuccess>(outcome)) co_await end_former_session(call);
  co_return login_reply(call, outcome, "That code is not right, or the sign-in took too long; start again.");
}

Task<http::Response> log_out(AuthCall call) {
  const auto ended = co_await call.services->sessions.end(call.session_id(), call.user(), identity::SessionEnd::Logout,
                                                          call.actor(), call.executor());
  if (!ended) co_return failure_reply(ended.error());
  const auto& names = call.services->cookies;
  auto response = done_reply("Signed out.");
  response.with("Set-Cookie", identity::clear_cookie(names.session, names.secure));
  response.with("Clear-Site-Data", "\"cache\"");
  co_return response;
}

Task<http::Response> session_status(AuthCall call) {
  const auto& services = *call.services;
  const auto user = services.users.find(call.user());
  if (!user) co_return failure_reply({ErrorCode::Unauthenticated, "Sign in first.", {}});
  std::optional<TimePoint> ends_at;
  for (const auto& view : services.sessions.list(user->id)) {
    if (view.id == call.session_id()) ends_at = view.ends_at;
  }
  DataReply out;
  auto& json = out.json();
  json.object().field("username", user->username).field("email", user->email);
  json.field("role", identity::name_of(user->role));
  write_time(json, "expires_at", ends_at);
  json.field("totp_enabled", services.second_factors.status(user->id).totp_enabled);
  json.field("mode", services.is_analyze && services.is_analyze(user->id) ? "analyze" : "live").end();
  co_return out.reply();
}

}  // namespace

http::Response login_reply(const AuthCall& call, const identity::LoginOutcome& outcome, std::string_view refusal) {
  return std::visit(
      Overloaded{[&](const identity::LoginSuccess& success) { return signed_in(call, success); },
                 [&](const identity::SecondFactorRequired& required) { return second_factor_wanted(call, required); },
                 [&](const identity::LoginRefused&) {
                   return failure_reply({ErrorCode::Unauthenticated, std::string{refusal}, {}});
                 },
                 [](const identity::LoginRateLimited& limited) { return slow_down(limited.retry_after); },
                 [](const identity::LoginUnavailable& unavailable) { return failure_reply(unavailable.reason); }},
      outcome);
}

Task<void> end_former_session(AuthCall call) {
  if (call.call->principal.credential != identity::Credential::Session) co_return;
  (void)co_await call.services->sessions.end(call.session_id(), call.user(), identity::SessionEnd::Logout,
                                             call.actor(), call.executor());
}

void add_login_routes(AuthServices& services, guard::Routes& routes) {
  using http::Method;
  routes.push_back(auth_route(services, Method::Get, "/auth/check-setup", Kind::PublicRead, check_setup));
  routes.push_back(auth_route(services, Method::Post, "/auth/setup", Kind::PublicLogin, set_up));
  routes.push_back(auth_route(services, Method::Get, "/auth/csrf-token", Kind::PublicRead, csrf_token));
  routes.push_back(auth_route(services, Method::Post, "/auth/login", Kind::PublicLogin, log_in));
  routes.push_back(auth_route(services, Method::Post, "/auth/login/totp", Kind::PublicLogin, log_in_with_code));
  routes.push_back(auth_route(services, Method::Post, "/auth/logout", Kind::Write, log_out));
  routes.push_back(auth_route(services, Method::Get, "/auth/session-status", Kind::Read, session_status));
}

}  // namespace kavach::console
