// Enrolling, renewing and removing second factors. Every change asks for a fresh proof, so a stolen cookie alone can
// neither add nor remove one.

#include <utility>

#include "console/auth_call.h"
#include "identity/qr_code.h"

namespace kavach::console {
namespace {

Task<http::Response> status(AuthCall call) {
  const auto user = call.services->users.find(call.user());
  if (!user) co_return failure_reply({ErrorCode::Unauthenticated, "Sign in first.", {}});
  const auto factors = call.services->second_factors.status(user->id);
  DataReply out;
  auto& json = out.json();
  json.object().field("totp_enabled", factors.totp_enabled);
  json.field("recovery_codes_left", static_cast<std::int64_t>(factors.recovery_codes_left));
  json.key("required_for").object();
  json.field("login", user->required_for.login).field("reset", user->required_for.reset);
  json.field("sensitive", user->required_for.sensitive).end();
  json.key("passkeys").array();
  for (const auto& passkey : call.services->passkeys.list(user->id)) {
    json.object().field("id", passkey.id).field("name", passkey.name);
    write_time(json, "created_at", passkey.created_at);
    write_time(json, "last_used_at", passkey.last_used_at);
    json.end();
  }
  json.end();
  json.end();
  co_return out.reply();
}

http::Response codes_reply(const std::vector<Secret>& codes) {
  DataReply out;
  auto& json = out.json();
  json.object().key("recovery_codes").array();
  for (const auto& code : codes) json.value(code.reveal());
  json.end().end();
  auto response = out.reply();
  response.with("Cache-Control", "no-store");
  return response;
}

Task<http::Response> begin(AuthCall call) {
  const auto enrolment = co_await call.services->second_factors.begin(call.user(), call.call->principal.username,
                                                                      call.session_id(), call.actor(), call.executor());
  if (!enrolment) co_return failure_reply(enrolment.error());
  const auto qr = identity::qr_code(enrolment->uri);
  if (!qr) co_return failure_reply(qr.error());
  DataReply out{4096};
  auto& json = out.json();
  json.object().field("secret", enrolment->base32.reveal()).field("uri", enrolment->uri.reveal());
  json.key("qr").object().field("size", qr->size).field("modules", qr->modules.reveal()).end().end();
  auto response = out.reply();
  response.with("Cache-Control", "no-store");
  co_return response;
}

Task<http::Response> confirm(AuthCall call) {
  auto code = call.text("code");
  if (!code) co_return missing("code");
  auto renewal = renewal_of(call);
  if (!renewal) co_return failure_reply(renewal.error());
  const auto codes = co_await call.services->second_factors.confirm(call.user(), std::move(*code), call.session_id(),
                                                                    call.actor(), call.executor(), std::move(renewal->write));
  if (!codes) co_return failure_reply(codes.error());
  auto response = codes_reply(*codes);
  set_session_cookie(call, *renewal->session, response);
  co_return response;
}

Task<http::Response> renew_codes(AuthCall call) {
  const bool has_passkey = call.services->passkeys.has_any(call.user());
  const auto codes = co_await call.services->second_factors.renew_recovery_codes(call.user(), has_passkey, call.actor(),
                                                                                 call.executor());
  if (!codes) co_return failure_reply(codes.error());
  co_return codes_reply(*codes);
}

Task<http::Response> disable(AuthCall call) {
  auto renewal = renewal_of(call);
  if (!renewal) co_return failure_reply(renewal.error());
  const bool has_passkey = call.services->passkeys.has_any(call.user());
  const auto disabled = co_await call.services->second_factors.disable(call.user(), has_passkey, call.actor(),
                                                                       call.executor(), std::move(renewal->write));
  if (!disabled) co_return failure_reply(disabled.error());
  auto response = done_reply("The second factor is off.");
  set_session_cookie(call, *renewal->session, response);
  co_return response;
}

Task<http::Response> require_for(AuthCall call) {
  const auto* wanted = call.call->json_body().if_contains("required_for");
  if (wanted == nullptr || !wanted->is_object()) co_return bad_request("required_for must be an object.");
  const auto flag = [&](std::string_view name) -> std::optional<bool> {
    const auto* value = wanted->get_object().if_contains(name);
    if (value == nullptr || !value->is_bool()) return std::nullopt;
    return value->get_bool();
  };
  const auto login = flag("login");
  const auto reset = flag("reset");
  const auto sensitive = flag("sensitive");
  if (!login || !reset || !sensitive) {
    co_return bad_request("required_for needs login, reset and sensitive, each true or false.");
  }
  const auto changed = co_await call.services->users.set_required_for(call.user(), {*login, *reset, *sensitive},
                                                                      call.actor(), call.executor());
  if (!changed) co_return failure_reply(changed.error());
  co_return done_reply("Saved.");
}

Task<http::Response> configure(AuthCall call) {
  const auto action = call.text("action");
  if (!action) co_return missing("action");
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  if (*action == "begin") co_return co_await begin(call);
  if (*action == "confirm") co_return co_await confirm(call);
  if (*action == "recovery_codes") co_return co_await renew_codes(call);
  if (*action == "disable") co_return co_await disable(call);
  if (*action == "require") co_return co_await require_for(call);
  co_return bad_request("action must be begin, confirm, recovery_codes, disable or require.");
}

}  // namespace

void add_second_factor_routes(AuthServices& services, guard::Routes& routes) {
  using http::Method;
  routes.push_back(auth_route(services, Method::Get, "/auth/2fa/status", Kind::Read, status));
  routes.push_back(auth_route(services, Method::Post, "/auth/2fa/configure", Kind::Sensitive, configure));
}

}  // namespace kavach::console
