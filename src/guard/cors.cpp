#include "guard/cors.h"

#include <algorithm>

#include "core/text.h"
#include "guard/host_check.h"
#include "guard/refusals.h"

namespace kavach::guard {
namespace {

bool is_shared_path(std::string_view path) { return path.starts_with("/api/"); }

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

bool contains_ignoring_case(const std::vector<std::string>& all, std::string_view one) {
  return std::ranges::any_of(all, [&](const std::string& item) { return equals_ignoring_case(item, one); });
}

bool all_requested_headers_allowed(const std::vector<std::string>& allowed, std::string_view requested) {
  if (trim(requested).empty()) return true;
  return std::ranges::all_of(split(requested, ','), [&](std::string_view name) {
    return contains_ignoring_case(allowed, trim(name));
  });
}

}  // namespace

Result<Cors> Cors::create(CorsSettings settings) {
  for (const std::string& origin : settings.origins) {
    if (origin == "*") {
      if (settings.credentials) {
        return fail(ErrorCode::InvalidInput,
                    "CORS_ALLOWED_ORIGINS may not be * while CORS_ALLOW_CREDENTIALS is true: name the origins.");
      }
      continue;
    }
    if (host_name_of(authority_of_origin(origin)).empty()) {
      return fail(ErrorCode::InvalidInput,
                  "CORS_ALLOWED_ORIGINS: '" + origin + "' is not an origin; write https://host[:port].");
    }
  }
  return Cors{std::move(settings)};
}

bool Cors::allows_origin(std::string_view origin) const {
  if (!settings_.enabled || origin.empty() || origin == "null") return false;
  return std::ranges::any_of(settings_.origins,
                             [&](const std::string& allowed) { return allowed == "*" || allowed == origin; });
}

void Cors::name_origin(std::string_view origin, http::Response& response) const {
  const bool any = std::ranges::find(settings_.origins, "*") != settings_.origins.end();
  response.with("Access-Control-Allow-Origin", any ? "*" : std::string{origin});
  if (settings_.credentials) response.with("Access-Control-Allow-Credentials", "true");
}

std::optional<http::Response> Cors::preflight(const http::RequestHead& head) const {
  const std::string_view origin = head.header("Origin");
  const std::string_view method = head.header("Access-Control-Request-Method");
  if (head.method != http::Method::Options || origin.empty() || method.empty()) return std::nullopt;
  if (!is_shared_path(head.path) || !allows_origin(origin) ||
      std::ranges::find(settings_.methods, method) == settings_.methods.end() ||
      !all_requested_headers_allowed(settings_.headers, head.header("Access-Control-Request-Headers"))) {
    auto refusal = http::Response::text(403, std::string{row_of(Refusal::CorsOrigin).text});
    refusal.with("Vary", "Origin");
    return refusal;
  }
  auto response = http::Response::text(204, {});
  name_origin(origin, response);
  response.with("Access-Control-Allow-Methods", joined(settings_.methods))
      .with("Access-Control-Allow-Headers", joined(settings_.headers))
      .with("Access-Control-Max-Age", std::to_string(settings_.max_age.count()))
      .with("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  return response;
}

void Cors::decorate(const http::RequestHead& head, http::Response& response) const {
  if (!settings_.enabled || !is_shared_path(head.path)) return;
  // Even for a stranger: a cache must not give him the copy that names somebody else's origin.
  response.with("Vary", "Origin");
  const std::string_view origin = head.header("Origin");
  if (!allows_origin(origin)) return;
  name_origin(origin, response);
  response.with("Access-Control-Expose-Headers", joined(settings_.exposed_headers));
}

}  // namespace kavach::guard
