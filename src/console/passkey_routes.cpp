// Passkeys: registering and removing them, and signing in with one.

#include <utility>

#include "console/auth_call.h"

namespace kavach::console {
namespace {

Task<http::Response> creation_options(AuthCall call) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  const auto user = call.services->users.find(call.user());
  if (!user) co_return failure_reply({ErrorCode::Unauthenticated, "Sign in first.", {}});
  co_return options_reply(call.services->passkeys.creation_options(*user));
}

Task<http::Response> add(AuthCall call) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  auto name = call.text("name");
  auto credential = credential_of(call);
  if (!name) co_return missing("name");
  if (!credential) co_return bad_request("The body needs an object credential.");
  auto renewal = renewal_of(call);
  if (!renewal) co_return failure_reply(renewal.error());
  const auto added = co_await call.services->passkeys.add(call.user(), std::move(*name), std::move(*credential),
                                                          call.actor(), call.executor(), std::move(renewal->write));
  if (!added) {
    Error error = added.error();
    if (error.code == ErrorCode::Unauthenticated) error.code = ErrorCode::InvalidInput;  // 401 reads as "signed out"
    co_return failure_reply(error);
  }
  DataReply out;
  out.json().object().field("id", added->id).field("name", added->name).end();
  auto response = out.reply();
  set_session_cookie(call, *renewal->session, response);
  co_return response;
}

Task<http::Response> remove(AuthCall call) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  auto renewal = renewal_of(call);
  if (!renewal) co_return failure_reply(renewal.error());
  auto also = std::move(renewal->write);
  // Without any second factor there is nothing recovery codes could stand in for.
  const bool last = call.services->passkeys.list(call.user()).size() == 1;
  if (last && !call.services->second_factors.status(call.user()).totp_enabled) {
    also = identity::both(call.services->second_factors.removal(call.user()), std::move(also));
  }
  const auto removed = co_await call.services->passkeys.remove(call.user(), call.call->path_values.at("id"), call.actor(),
                                                               call.executor(), std::move(also));
  if (!removed) co_return failure_reply(removed.error());
  auto response = done_reply("The passkey is removed.");
  set_session_cookie(call, *renewal->session, response);
  co_return response;
}

/// A passkey of the pending login's user, or anybody's when there is none.
identity::PasskeyRequest login_request(std::optional<identity::UserId> pending) {
  return {identity::PasskeyRequest::Purpose::Login, pending, {}};
}

Task<http::Response> request_options(AuthCall call) {
  const auto pending = call.services->login.pending_user(call.call->request.cookie(call.services->cookies.pending));
  co_return options_reply(call.services->passkeys.request_options(login_request(pending)));
}

Task<http::Response> log_in(AuthCall call) {
  auto credential = credential_of(call);
  if (!credential) co_return bad_request("The body needs an object credential.");
  const std::string pending{call.call->request.cookie(call.services->cookies.pending)};
  const auto waiting = call.services->login.take_try(pending);
  auto request = login_request(waiting ? std::optional{waiting->user} : std::nullopt);
  auto shown = co_await call.services->passkeys.authenticate(std::move(*credential), std::move(request), call.actor(),
                                                             call.executor());
  if (!shown) {
    if (shown.error().code == ErrorCode::Unauthenticated) call.services->login.note_failure("", "passkey", call.origin());
    co_return failure_reply(shown.error());
  }
  call.services->login.forget_pending(pending);
  const auto outcome = co_await call.services->login.admit(std::move(*shown), waiting, call.origin(), call.executor());
  if (std::holds_alternative<identity::LoginSuccess>(outcome)) co_await end_former_session(call);
  co_return login_reply(call, outcome, "The passkey was not accepted; try again.");
}

}  // namespace

void add_passkey_routes(AuthServices& services, guard::Routes& routes) {
  using http::Method;
  routes.push_back(auth_route(services, Method::Post, "/auth/login/passkey/options", Kind::PublicLogin, request_options));
  routes.push_back(auth_route(services, Method::Post, "/auth/login/passkey", Kind::PublicLogin, log_in));
  routes.push_back(auth_route(services, Method::Post, "/auth/passkeys/options", Kind::Sensitive, creation_options));
  routes.push_back(auth_route(services, Method::Post, "/auth/passkeys", Kind::Sensitive, add));
  routes.push_back(auth_route(services, Method::Delete, "/auth/passkeys/{id}", Kind::Sensitive, remove));
}

}  // namespace kavach::console
