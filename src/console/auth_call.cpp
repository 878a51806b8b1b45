#include "console/auth_call.h"

#include <string.h>  // explicit_bzero

#include <utility>

#include "core/civil_time.h"
#include "core/text.h"
#include "guard/csrf.h"

namespace kavach::console {
namespace {

constexpr std::size_t kBodyBytesMax = 16 * 1024;  // a passkey's answer is the largest

http::Response with_reason(int status, std::string_view message, std::string_view reason) {
  std::string body;
  JsonWriter json{body};
  json.object().field("status", "error").field("message", message);
  json.key("data").object().field("reason", reason).end().end();
  auto response = http::Response::json(status, std::move(body));
  response.refusal = reason;
  return response;
}

guard::Policy policy_of(Kind kind, http::Method method) {
  const bool changes = method != http::Method::Get;
  const bool has_body = method == http::Method::Post;
  guard::Policy policy{.access = guard::Access::Session,
                       .rate = changes ? guard::RateClass::ConsoleWrite : guard::RateClass::ConsoleRead,
                       .body = has_body ? guard::BodyKind::Json : guard::BodyKind::None,
                       .body_bytes_max = has_body ? kBodyBytesMax : 0,
                       .changes_state = changes,
                       .csrf = changes ? guard::Csrf::Required : guard::Csrf::NotApplicable,
                       .priority = guard::Priority::Normal};
  switch (kind) {
    case Kind::PublicRead: policy.access = guard::Access::Public; break;
    case Kind::PublicLogin:
    case Kind::PublicReset:
      policy.access = guard::Access::Public;
      policy.rate = kind == Kind::PublicLogin ? guard::RateClass::Login : guard::RateClass::Reset;
      policy.csrf = guard::Csrf::Required;  // by require_login_csrf: there is no session yet
      break;
    case Kind::Read:
    case Kind::Write: break;
    case Kind::Sensitive: policy.rate = guard::RateClass::ConsoleSensitive; break;
    case Kind::OwnerRead: policy.access = guard::Access::OwnerSession; break;
    case Kind::OwnerSensitive:
      policy.access = guard::Access::OwnerSession;
      policy.rate = guard::RateClass::ConsoleSensitive;
      break;
  }
  return policy;
}

}  // namespace

identity::Actor AuthCall::actor() const {
  return {call->principal.username, call->client.text(), call->request.request_id};
}

identity::LoginOrigin AuthCall::origin() const {
  return {call->client, std::string{call->request.header("User-Agent")},
          std::string{call->request.cookie(services->cookies.device)}, call->request.request_id};
}

std::optional<std::string> AuthCall::text(std::string_view name) const {
  const json::value* value = call->json_body().if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string{value->get_string()};
}

std::optional<Secret> AuthCall::secret(std::string_view name) const {
  json::value* value = call->body->as_object().if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  auto& text = value->get_string();
  Secret taken{std::string_view{text}};
  ::explicit_bzero(text.data(), text.size());
  wipe(call->request.body);
  return taken;
}

http::Response options_reply(const Result<std::string>& options) {
  if (!options) return failure_reply(options.error());
  DataReply out{1024};
  out.json().object().key("publicKey").raw(*options).end();
  return out.reply();
}

std::optional<json::object> credential_of(const AuthCall& call) {
  const auto* value = call.call->json_body().if_contains("credential");
  if (value == nullptr || !value->is_object()) return std::nullopt;
  return value->get_object();
}

Result<identity::Sessions::Renewal> renewal_of(const AuthCall& call) {
  return call.services->sessions.renewal(call.session_id(), true, identity::SessionEnd::Revoked, call.actor());
}

std::optional<http::Response> require_fresh(const AuthCall& call) {
  if (call.services->sessions.is_fresh(call.session_id())) return std::nullopt;
  return with_reason(403, "Confirm that it is you, then repeat this.", "step_up_required");
}

std::optional<http::Response> require_login_csrf(const AuthCall& call) {
  const guard::CsrfCheck check{[&](std::string_view cookie, std::string_view token) {
    const auto& of_session = call.call->csrf_token;
    if (!of_session.empty() && equal_in_constant_time(of_session, token)) return true;
    return call.services->login_csrf.verify(cookie, token);
  }};
  // Somebody signed in has no pre-session cookie; the token of the session is then the binding.
  std::string_view binding = call.call->request.cookie(call.services->cookies.pre_session);
  if (binding.empty()) binding = call.call->csrf_token;
  switch (check.judge(call.call->request, call.call->secure, binding)) {
    case guard::CsrfVerdict::Allowed: return std::nullopt;
    case guard::CsrfVerdict::BadToken:
      return with_reason(403, "Your page is out of date. Reload it and try again.", "csrf");
    case guard::CsrfVerdict::CrossSite:
      return with_reason(403, "Another site sent this request; it was refused.", "cross_site");
  }
  std::unreachable();
}

void set_session_cookie(const AuthCall& call, const identity::StartedSession& session, http::Response& response) {
  const auto& names = call.services->cookies;
  const auto lives = std::chrono::ceil<std::chrono::seconds>(session.ends_at - call.services->clock.now());
  response.with("Set-Cookie", identity::set_cookie(names.session, session.token.reveal(), names.secure, lives));
}

http::Response missing(std::string_view name) {
  return bad_request("The body needs a text " + std::string{name} + ".");
}

http::Response slow_down(std::chrono::seconds wait) {
  auto response = failure_reply(
      {ErrorCode::RateLimited, "Too many attempts; try again in " + std::to_string(wait.count()) + " seconds.", {}});
  std::erase_if(response.headers, [](const http::Header& header) { return header.name == "Retry-After"; });
  return response.with("Retry-After", std::to_string(wait.count()));
}

void write_time(JsonWriter& json, std::string_view name, std::optional<TimePoint> at) {
  json.key(name);
  if (at) {
    json.value(utc_text(*at));
  } else {
    json.null();
  }
}

guard::Route auth_route(AuthServices& services, http::Method method, std::string path, Kind kind,
                        AuthHandler handler) {
  const bool login = kind == Kind::PublicLogin || kind == Kind::PublicReset;
  return {.method = method,
          .path = std::move(path),
          .policy = policy_of(kind, method),
          .handle = [&services, handler, login](guard::Call& call) -> Task<http::Response> {
            const AuthCall mine{&call, &services};
            if (login) {
              if (auto refused = require_login_csrf(mine)) return ready(std::move(*refused));
            }
            return handler(mine);
          }};
}

}  // namespace kavach::console
