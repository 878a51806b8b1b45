// One's own API keys. A key is shown in full once; making, replacing and showing one needs a fresh
// proof, revoking one does not: whoever must stop a key must not be stopped.

#include <utility>

#include "console/auth_call.h"
#include "console/auth_routes.h"

namespace kavach::console {
namespace {

constexpr std::int64_t kDaysMax = 3650;
constexpr std::int64_t kGraceMinutesMax = 7 * 24 * 60;

Task<http::Response> list(AuthCall call) {
  DataReply out{4096};
  auto& json = out.json();
  json.object().key("keys").array();
  auto views = call.services->api_keys.list(call.user());
  for (auto view = views.rbegin(); view != views.rend(); ++view) {
    json.object().field("id", view->id).field("name", view->name).field("scope", identity::name_of(view->scope));
    json.field("masked", view->masked);
    write_time(json, "created_at", view->created_at);
    write_time(json, "expires_at", view->expires_at);
    json.key("allow").array();
    for (const auto& network : view->allow) json.value(network.text());
    json.end();
    write_time(json, "last_used_at", view->last_used_at);
    json.key("last_used_address");
    if (view->last_used_address.empty()) {
      json.null();
    } else {
      json.value(view->last_used_address);
    }
    json.field("status", identity::name_of(view->status)).field("retrievable", view->retrievable);
    json.field("exposed", view->exposed).field("signing_required", view->signing_required).end();
  }
  json.end().end();
  co_return out.reply();
}

http::Response created_reply(const identity::CreatedApiKey& created) {
  DataReply out;
  out.json().object().field("id", created.id).field("name", created.name).field("api_key", created.key.reveal()).end();
  auto response = out.reply();
  response.with("Cache-Control", "no-store");
  return response;
}

/// What the body says, or why it cannot be.
Result<identity::NewApiKey> request_of(const AuthCall& call) {
  identity::NewApiKey request;
  request.user = call.user();
  const auto name = call.text("name");
  if (!name) return fail(ErrorCode::InvalidInput, "The body needs a text name.");
  request.name = *name;
  const auto scope = identity::parse_key_scope(call.text("scope").value_or(""));
  if (!scope) return fail(ErrorCode::InvalidInput, "scope must be read, square-off or trade.");
  request.scope = *scope;
  const auto& body = call.call->json_body();
  if (const auto* days = body.if_contains("expires_days"); days != nullptr && !days->is_null()) {
    if (!days->is_int64() || days->get_int64() < 1 || days->get_int64() > kDaysMax) {
      return fail(ErrorCode::InvalidInput, "expires_days must be a whole number from 1 to 3650, or null.");
    }
    request.lives = std::chrono::hours{24 * days->get_int64()};
  }
  if (const auto* allow = body.if_contains("allow"); allow != nullptr && !allow->is_null()) {
    if (!allow->is_array()) return fail(ErrorCode::InvalidInput, "allow must be a list of addresses or networks.");
    for (const auto& entry : allow->get_array()) {
      const auto network = entry.is_string() ? Cidr::parse(std::string_view{entry.get_string()}) : std::nullopt;
      if (!network) return fail(ErrorCode::InvalidInput, "allow takes networks such as 203.0.113.0/24.");
      request.allow.push_back(*network);
    }
  }
  if (const auto* keep = body.if_contains("retrievable"); keep != nullptr) {
    if (!keep->is_bool()) return fail(ErrorCode::InvalidInput, "retrievable must be true or false.");
    request.retrievable = keep->get_bool();
  }
  return request;
}

Task<http::Response> create(AuthCall call) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  auto request = request_of(call);
  if (!request) co_return failure_reply(request.error());
  const auto created =
      co_await call.services->api_keys.create(std::move(*request), call.actor(), call.executor());
  if (!created) co_return failure_reply(created.error());
  co_return created_reply(*created);
}

/// The key's id if it is the caller's own.
std::optional<std::string> own_key(const AuthCall& call) {
  const auto& id = call.call->path_values.at("id");
  for (const auto& view : call.services->api_keys.list(call.user())) {
    if (view.id == id) return id;
  }
  return std::nullopt;
}

http::Response no_such_key() { return failure_reply({ErrorCode::NotFound, "There is no such API key.", {}}); }

Task<http::Response> revoke(AuthCall call) {
  const auto id = own_key(call);
  if (!id) co_return no_such_key();
  const auto revoked = co_await call.services->api_keys.revoke(*id, call.actor(), call.executor());
  if (!revoked) co_return failure_reply(revoked.error());
  co_return done_reply("The key is revoked.");
}

Task<http::Response> regenerate(AuthCall call) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  const auto id = own_key(call);
  if (!id) co_return no_such_key();
  std::int64_t grace = 0;
  if (const auto* minutes = call.call->json_body().if_contains("grace_minutes"); minutes != nullptr) {
    if (!minutes->is_int64() || minutes->get_int64() < 0 || minutes->get_int64() > kGraceMinutesMax) {
      co_return bad_request("grace_minutes must be a whole number from 0 to 10080.");
    }
    grace = minutes->get_int64();
  }
  const auto created = co_await call.services->api_keys.regenerate(*id, std::chrono::minutes{grace}, call.actor(),
                                                                   call.executor());
  if (!created) co_return failure_reply(created.error());
  co_return created_reply(*created);
}

Task<http::Response> reveal(AuthCall call) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  const auto id = own_key(call);
  if (!id) co_return no_such_key();
  const auto key = co_await call.services->api_keys.reveal(*id, call.actor(), call.executor());
  if (!key) co_return failure_reply(key.error());
  DataReply out;
  out.json().object().field("id", *id).field("api_key", key->reveal()).end();
  auto response = out.reply();
  response.with("Cache-Control", "no-store");
  co_return response;
}

Task<http::Response> require_signing(AuthCall call) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  const auto id = own_key(call);
  if (!id) co_return no_such_key();
  const auto secret = co_await call.services->api_keys.require_signing(*id, call.actor(), call.executor());
  if (!secret) co_return failure_reply(secret.error());
  DataReply out;
  out.json().object().field("id", *id).field("signing_secret", secret->reveal()).end();
  auto response = out.reply();
  response.with("Cache-Control", "no-store");
  co_return response;
}

}  // namespace

guard::Routes apikey_routes(AuthServices& services) {
  using http::Method;
  guard::Routes routes;
  routes.push_back(auth_route(services, Method::Get, "/apikey", Kind::Read, list));
  routes.push_back(auth_route(services, Method::Post, "/apikey", Kind::Sensitive, create));
  routes.push_back(auth_route(services, Method::Delete, "/apikey/{id}", Kind::Write, revoke));
  routes.push_back(auth_route(services, Method::Post, "/apikey/{id}/regenerate", Kind::Sensitive, regenerate));
  routes.push_back(auth_route(services, Method::Post, "/apikey/{id}/reveal", Kind::Sensitive, reveal));
  routes.push_back(auth_route(services, Method::Post, "/apikey/{id}/signing", Kind::Sensitive, require_signing));
  return routes;
}

}  // namespace kavach::console
