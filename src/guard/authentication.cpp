#include "guard/authentication.h"

#include <string.h>  // explicit_bzero

#include "core/secret.h"
#include "core/text.h"
#include "crypto/sha256.h"
#include "http/percent.h"
#include "identity/request_signing.h"

namespace kavach::guard {
namespace {

constexpr std::size_t kKeyLengthMax = 256;

bool is_json_type(std::string_view type) {
  const auto essence = to_lower(trim(type.substr(0, type.find(';'))));
  return essence == "application/json" ||
         (essence.starts_with("application/") && essence.ends_with("+json"));
}

// The key as the route's clients send it: JSON body, header, or for GET the query.
std::string presented_key(const Call& call, const Route& route) {
  if (call.body) {
    if (const auto* value = call.json_body().if_contains("apikey")) {
      return value->is_string() ? std::string{value->get_string()} : std::string{};
    }
  }
  if (const auto header = call.request.header("X-API-KEY"); !header.empty()) return std::string{header};
  if (route.method == http::Method::Get) return call.request.query_value("apikey");
  return {};
}

void forget_query_key(std::string& query) {
  std::string kept;
  for (const std::string_view pair : split(query, '&')) {
    const auto name = http::percent_decode(pair.substr(0, pair.find('=')), http::Plus::Space);
    if (name && *name == "apikey") continue;
    if (!kept.empty()) kept += '&';
    kept += pair;
  }
  wipe(query);
  query = std::move(kept);
}

// After this nothing that handles the call can leak the key.
void forget_key(Call& call) {
  if (call.request.has_query("apikey")) forget_query_key(call.request.query);
  for (http::Header& header : call.request.headers) {
    if (equals_ignoring_case(header.name, "X-API-KEY")) wipe(header.value);
  }
  if (!call.body) return;
  auto& body = call.body->as_object();
  if (auto* value = body.if_contains("apikey"); value != nullptr && value->is_string()) {
    ::explicit_bzero(value->get_string().data(), value->get_string().size());
  }
  body["apikey"] = "authenticated";
  wipe(call.request.body);
}

Refused key_refusal(const Call& call, const Route& route, KeyVerdict::Outcome outcome) {
  switch (outcome) {
    case KeyVerdict::Outcome::Unknown:
    case KeyVerdict::Outcome::Expired:
      return {row_of(Refusal::InvalidApiKey).token, route.shape.invalid_key(call)};
    case KeyVerdict::Outcome::AddressRefused: return refuse(Refusal::KeyAddressNotAllowed);
    case KeyVerdict::Outcome::Busy: return refuse(Refusal::Overloaded, {{"Retry-After", "1"}});
    case KeyVerdict::Outcome::Unavailable:
    case KeyVerdict::Outcome::Accepted: break;
  }
  return refuse(Refusal::StorageUnavailable, {{"Retry-After", "5"}});
}

// What the client must have signed. Taken before the key is wiped from the body.
identity::SignedRequest signed_request(const http::Request& request) {
  return {std::string{http::name_of(request.method)},
          request.path + (request.query.empty() ? "" : "?" + request.query),
          crypto::sha256_hex(request.body),
          std::string{request.header("X-Timestamp")},
          std::string{request.header("X-Nonce")},
          std::string{request.header("X-Signature")}};
}

Task<std::optional<Refused>> check_signature(const Call& call, Credentials& credentials,
                                             identity::SignedRequest request) {
  auto checked =
      co_await credentials.check_signature(call.principal.credential_id, std::move(request), *call.executor);
  if (checked) co_return std::nullopt;
  if (checked.error().code == ErrorCode::Unauthenticated) co_return refuse(Refusal::BadSignature);
  co_return refuse(Refusal::StorageUnavailable, {{"Retry-After", "5"}});
}

// Nobody is known to ask; the record keeps whose key it was.
void disown(Call& call) {
  call.refused_key = std::move(call.principal.credential_id);
  call.principal = {};
}

Task<std::optional<Refused>> authenticate_key(Call& call, const Route& route,
                                              Credentials& credentials) {
  if (route.method != http::Method::Get && call.request.has_query("apikey")) {
    credentials.note_exposed(call.request.query_value("apikey"), call.client);
    co_return refuse(Refusal::KeyInQuery);
  }
  std::string key = presented_key(call, route);
  if (key.empty() || key.size() > kKeyLengthMax) {
    co_return Refused{row_of(Refusal::MissingCredential).token, route.shape.missing_key(call)};
  }
  auto verdict = credentials.judge_key(key, call.client);
  if (!verdict) {
    Secret secret{key};
    verdict = co_await resume_on<KeyVerdict>(*call.executor, [&](auto complete) {
      credentials.verify_key(std::move(secret), call.client, std::move(complete));
    });
  }
  wipe(key);
  std::optional<identity::SignedRequest> to_check;
  if (verdict->outcome == KeyVerdict::Outcome::Accepted && credentials.signature_required(verdict->principal)) {
    to_check = signed_request(call.request);
  }
  forget_key(call);
  call.principal = std::move(verdict->principal);
  call.attempted_key = std::move(verdict->attempted);
  if (verdict->outcome != KeyVerdict::Outcome::Accepted) {
    auto refusal = key_refusal(call, route, verdict->outcome);
    disown(call);
    co_return refusal;
  }
  if (!to_check) co_return std::nullopt;
  auto refusal = co_await check_signature(call, credentials, std::move(*to_check));
  // Whoever has the key without its secret must not use up the owner's rate.
  if (refusal) disown(call);
  co_return refusal;
}

std::optional<Refused> authenticate_session(Call& call, const Route& route, Credentials& credentials) {
  const auto cookie = call.request.cookie(credentials.session_cookie_name());
  if (!cookie.empty()) {
    if (auto verdict = credentials.session(cookie, call.client)) {
      call.principal = std::move(verdict->principal);
      call.csrf_token = std::move(verdict->csrf_token);
      return std::nullopt;
    }
  }
  if (route.policy.access == Access::Public) return std::nullopt;
  return refuse(cookie.empty() ? Refusal::MissingCredential : Refusal::SessionExpired);
}

}  // namespace

Refused refuse(Refusal refusal, std::vector<http::Header> headers) {
  const RefusalRow& row = row_of(refusal);
  Refused refused{row.token, error_reply(row.status, row.text)};
  refused.response.headers = std::move(headers);
  return refused;
}

bool is_api_path(std::string_view path) { return path.starts_with("/api/"); }

http::Response error_reply(int status, std::string_view message, bool bare) {
  std::string body;
  JsonWriter out{body};
  out.object();
  if (!bare) out.field("status", "error");
  out.field("message", message).end();
  return http::Response::json(status, std::move(body));
}

std::optional<Refused> parse_body(Call& call, const Route& route) {
  if (route.policy.body != BodyKind::Json) return std::nullopt;
  const bool bare = is_api_path(call.request.path);
  // A browser form cannot send this type without a preflight, so it also stands against CSRF. The
  // wire contract's clients (chart alerts) are let off: their credential is in the body.
  if (!bare && !is_json_type(call.request.header("Content-Type"))) {
    return Refused{row_of(Refusal::MalformedBody).token,
                   error_reply(415, "Send the body as application/json.")};
  }
  auto parsed = parse_json(call.request.body);
  if (!parsed || !parsed->is_object()) {
    return Refused{row_of(Refusal::MalformedBody).token,
                   error_reply(400, bare ? row_of(Refusal::MalformedBody).text : "The body must be a JSON object.", bare)};
  }
  call.body = std::move(*parsed);
  return std::nullopt;
}

Task<std::optional<Refused>> authenticate(Call& call, const Route& route, Credentials& credentials) {
  if (is_for_keys(route.policy.access)) co_return co_await authenticate_key(call, route, credentials);
  co_return authenticate_session(call, route, credentials);
}

}  // namespace kavach::guard
