#include "guard/security_headers.h"

#include <algorithm>

#include "core/text.h"

namespace kavach::guard {
namespace {

constexpr std::string_view kPermissionsDenied =
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(self), "
    "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self), screen-wake-lock=(), "
    "serial=(), usb=(), xr-spatial-tracking=()";

// Scripts and styles are files of our own; nothing inline, nothing evaluated, nothing from elsewhere.
// `connect-src 'self'` covers the WebSocket of the same origin (CSP 3).
std::map<std::string, std::string> default_directives() {
  return {{"default-src", "'none'"},
          {"script-src", "'self'"},
          {"style-src", "'self'"},
          {"img-src", "'self' data:"},
          {"font-src", "'self'"},
          {"connect-src", "'self'"},
          {"manifest-src", "'self'"},
          {"worker-src", "'self'"},
          {"object-src", "'none'"},
          {"base-uri", "'none'"},
          {"form-action", "'self'"},
          {"frame-ancestors", "'none'"},
          // Nothing of ours writes markup from text; what would is refused by the browser.
          {"require-trusted-types-for", "'script'"},
          {"trusted-types", "'none'"}};
}

bool is_header_safe(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

Result<void> check_directive(const std::string& name, const std::string& sources) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::InvalidInput, "CSP " + name + ": " + std::string{why});
  };
  if (name == "frame-ancestors" || name == "base-uri" || name == "object-src") return refuse("cannot be changed.");
  if (name.empty() || !std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; })) {
    return refuse("is not the name of a directive.");
  }
  if (!is_header_safe(sources) || sources.find(';') != std::string::npos ||
      sources.find(',') != std::string::npos) {
    return refuse("contains a character that would end the directive.");
  }
  for (const std::string_view source : split(sources, ' ')) {
    const std::string lower = to_lower(source);
    if (lower == "*" || lower == "http:" || lower == "https:" || lower.starts_with("'unsafe-")) {
      return refuse(std::string{source} + " would let injected code run.");
    }
    if (lower == "data:" && name != "img-src" && name != "font-src") {
      return refuse("data: would let injected code run.");
    }
  }
  return {};
}

bool has_header(const http::Response& response, std::string_view name) {
  return std::ranges::any_of(response.headers,
                             [&](const http::Header& header) { return equals_ignoring_case(header.name, name); });
}

void add_unless_present(http::Response& response, std::string_view name, const std::string& value) {
  if (!has_header(response, name)) response.with(std::string{name}, value);
}

}  // namespace

Result<SecurityHeaders> SecurityHeaders::create(const SecurityHeaderSettings& settings) {
  auto directives = default_directives();
  for (const auto& [name, sources] : settings.csp_directives) {
    if (auto checked = check_directive(name, sources); !checked) return pass_on(std::move(checked));
    directives[name] = sources;
  }
  if (!is_header_safe(settings.referrer_policy) || !is_header_safe(settings.permissions_policy)) {
    return fail(ErrorCode::InvalidInput, "REFERRER_POLICY or PERMISSIONS_POLICY contains a control character.");
  }
  SecurityHeaders out;
  if (settings.csp_enabled) {
    for (const auto& [name, sources] : directives) out.csp_ += name + " " + sources + "; ";
    out.csp_ += "report-uri " + std::string{kCspReportPath} + "; report-to csp";
    out.csp_header_ =
        settings.csp_report_only ? "Content-Security-Policy-Report-Only" : "Content-Security-Policy";
  }
  out.referrer_policy_ = settings.referrer_policy;
  out.permissions_policy_ =
      settings.permissions_policy.empty() ? std::string{kPermissionsDenied} : settings.permissions_policy;
  return out;
}

void SecurityHeaders::decorate(bool secure, http::Response& response) const {
  if (!csp_.empty()) {
    add_unless_present(response, csp_header_, csp_);
    add_unless_present(response, "Reporting-Endpoints", "csp=\"" + std::string{kCspReportPath} + "\"");
  }
  add_unless_present(response, "X-Content-Type-Options", "nosniff");
  add_unless_present(response, "X-Frame-Options", "DENY");  // for browsers without frame-ancestors
  add_unless_present(response, "Referrer-Policy", referrer_policy_);
  add_unless_present(response, "Permissions-Policy", permissions_policy_);
  add_unless_present(response, "Cross-Origin-Opener-Policy", "same-origin");
  add_unless_present(response, "Cross-Origin-Resource-Policy", "same-origin");
  // Private by default: only a handler that knows its answer is public says otherwise.
  add_unless_present(response, "Cache-Control", "no-store");
  if (secure) {
    add_unless_present(response, "Strict-Transport-Security", "max-age=63072000; includeSubDomains");
  }
}

}  // namespace kavach::guard
