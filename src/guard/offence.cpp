#include "guard/offence.h"

#include <algorithm>

#include "core/text.h"

namespace kavach::guard {
namespace {

constexpr std::uint8_t kScannerWeight = 5;

// What browsers, crawlers and phones ask for without being told to.
constexpr std::array<std::string_view, 8> kHarmless{
    "/favicon.ico", "/robots.txt", "/sitemap.xml", "/manifest.json", "/site.webmanifest",
    "/service-worker.js", "/sw.js", "/browserconfig.xml"};
// An old page asks for files of the build before; developer tools ask for source maps.
constexpr std::array<std::string_view, 5> kHarmlessPrefixes{"/assets/", "/static/", "/.well-known/",
                                                            "/apple-touch-icon", "/socket.io"};
constexpr std::array<std::string_view, 24> kScanned{
    "/.env",      "/.git",         "/.aws",      "/.ssh",     "/.svn",      "/.htaccess", "/wp-",      "/wordpress",
    "/phpmyadmin", "/pma",         "/cgi-bin",   "/actuator", "/solr",      "/jenkins",   "/manager/", "/console/login",
    "/vendor/phpunit", "/boaform", "/hnap1",     "/owa/",     "/autodiscover", "/server-status", "/etc/passwd", "/proc/self"};
constexpr std::array<std::string_view, 8> kScannedEndings{".php", ".asp", ".aspx", ".jsp", ".cgi", ".bak", ".sql", ".env"};

}  // namespace

std::string_view name_of(OffenceKind kind) {
  switch (kind) {
    case OffenceKind::InvalidApiKey: return "invalid_api_key";
    case OffenceKind::NotFound: return "not_found";
    case OffenceKind::FailedLogin: return "failed_login";
    case OffenceKind::ForgedCsrf: return "forged_csrf";
    case OffenceKind::Malformed: return "malformed";
    case OffenceKind::RateAbuse: return "rate_abuse";
    case OffenceKind::WebSocketAbuse: return "websocket_abuse";
    case OffenceKind::OutOfScope: return "out_of_scope";
  }
  return "malformed";
}

std::optional<OffenceKind> offence_kind(std::string_view name) {
  const auto* found = std::ranges::find(kAllOffenceKinds, name, [](OffenceKind kind) { return name_of(kind); });
  if (found == kAllOffenceKinds.end()) return std::nullopt;
  return *found;
}

OffenceRules OffenceRules::defaults() {
  OffenceRules rules;
  rules.of(OffenceKind::InvalidApiKey) = {10, std::chrono::hours{48}};
  rules.of(OffenceKind::NotFound) = {20, std::chrono::hours{24}};
  rules.of(OffenceKind::FailedLogin) = {10, std::chrono::hours{24}};
  rules.of(OffenceKind::ForgedCsrf) = {20, std::chrono::hours{24}};
  rules.of(OffenceKind::Malformed) = {50, std::chrono::hours{24}};
  rules.of(OffenceKind::RateAbuse) = {100, std::chrono::hours{24}};
  rules.of(OffenceKind::WebSocketAbuse) = {50, std::chrono::hours{24}};
  rules.of(OffenceKind::OutOfScope) = {100, std::chrono::hours{24}};
  return rules;
}

std::uint8_t not_found_weight(std::string_view path) {
  const std::string lower = to_lower(path);
  if (std::ranges::find(kHarmless, lower) != kHarmless.end() || lower.ends_with(".map") ||
      std::ranges::any_of(kHarmlessPrefixes, [&](std::string_view prefix) { return lower.starts_with(prefix); })) {
    return 0;
  }
  const bool scanned =
      std::ranges::any_of(kScanned, [&](std::string_view part) { return lower.find(part) != std::string::npos; }) ||
      std::ranges::any_of(kScannedEndings, [&](std::string_view end) { return lower.ends_with(end); });
  return scanned ? kScannerWeight : 1;
}

}  // namespace kavach::guard
