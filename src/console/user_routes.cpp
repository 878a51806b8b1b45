// Accounts of other people, for owners.

#include <utility>

#include "console/auth_call.h"
#include "console/auth_routes.h"

namespace kavach::console {
namespace {

Task<http::Response> list(AuthCall call) {
  DataReply out{2048};
  auto& json = out.json();
  json.object().key("users").array();
  for (const auto& user : call.services->users.list()) {
    json.object().field("username", user->username).field("email", user->email);
    json.field("role", identity::name_of(user->role)).field("enabled", user->enabled);
    json.field("totp_enabled", call.services->second_factors.status(user->id).totp_enabled);
    json.field("passkeys", static_cast<std::int64_t>(call.services->passkeys.list(user->id).size()));
    write_time(json, "created_at", user->created_at);
    write_time(json, "last_login_at", user->last_login_at);
    json.end();
  }
  json.end().end();
  co_return out.reply();
}

Task<http::Response> add(AuthCall call) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  auto username = call.text("username");
  auto email = call.text("email");
  const auto role_name = call.text("role");
  auto password = call.secret("password");
  if (!username) co_return missing("username");
  if (!email) co_return missing("email");
  if (!password) co_return missing("password");
  const auto role = identity::parse_role(role_name.value_or(""));
  if (!role) co_return bad_request("role must be owner, trader or viewer.");
  identity::NewAccount account{std::move(*username), std::move(*email), std::move(*password), *role};
  const auto created =
      co_await call.services->accounts.add(std::move(account), false, call.actor(), call.executor());
  if (!created) co_return failure_reply(created.error());
  co_return done_reply("The account exists.");
}

Task<http::Response> set_enabled(AuthCall call, bool enabled) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  const auto username = call.text("username");
  if (!username) co_return missing("username");
  const auto user = call.services->users.find(*username);
  if (!user) co_return failure_reply({ErrorCode::NotFound, "There is no such user.", {}});
  if (!enabled && user->id == call.user()) {
    co_return failure_reply({ErrorCode::Conflict, "You cannot disable your own account.", {}});
  }
  const auto changed =
      co_await call.services->accounts.set_enabled(user->id, enabled, call.actor(), call.executor());
  if (!changed) co_return failure_reply(changed.error());
  co_return done_reply(enabled ? "The account is enabled." : "The account is disabled and signed out.");
}

Task<http::Response> disable(AuthCall call) { co_return co_await set_enabled(call, false); }
Task<http::Response> enable(AuthCall call) { co_return co_await set_enabled(call, true); }

}  // namespace

guard::Routes user_routes(AuthServices& services) {
  using http::Method;
  guard::Routes routes;
  routes.push_back(auth_route(services, Method::Get, "/users/api/list", Kind::OwnerRead, list));
  routes.push_back(auth_route(services, Method::Post, "/users/api/add", Kind::OwnerSensitive, add));
  routes.push_back(auth_route(services, Method::Post, "/users/api/disable", Kind::OwnerSensitive, disable));
  routes.push_back(auth_route(services, Method::Post, "/users/api/enable", Kind::OwnerSensitive, enable));
  return routes;
}

}  // namespace kavach::console
