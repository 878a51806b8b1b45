#pragma once

// What tells a browser to defend its user: on every reply, errors included. The pipeline calls
// `decorate` last. Immutable; any thread.

#include <map>
#include <string>
#include <string_view>

#include "core/result.h"
#include "http/message.h"

namespace kavach::guard {

struct SecurityHeaderSettings {
  bool csp_enabled{true};
  bool csp_report_only{false};
  /// Replaces a directive's sources, or adds a directive: `{"img-src", "'self' https://logo.example"}`.
  std::map<std::string, std::string> csp_directives;
  std::string referrer_policy{"no-referrer"};
  std::string permissions_policy;  ///< empty: every powerful feature is denied
};

class SecurityHeaders {
 public:
  /// Fails for a directive that would undo the policy: `unsafe-inline`, `unsafe-eval`, a bare `*`, a
  /// change of `frame-ancestors`, `base-uri` or `object-src`, or a character that ends a header.
  [[nodiscard]] static Result<SecurityHeaders> create(const SecurityHeaderSettings& settings);

  /// Headers the handler has set itself (Cache-Control of a static file) stay. `secure` adds HSTS.
  void decorate(bool secure, http::Response& response) const;

  [[nodiscard]] const std::string& content_security_policy() const { return csp_; }

 private:
  SecurityHeaders() = default;
  std::string csp_;
  std::string csp_header_;
  std::string referrer_policy_;
  std::string permissions_policy_;
};

/// Where browsers send reports of what the policy blocked.
inline constexpr std::string_view kCspReportPath = "/security/csp-report";

}  // namespace kavach::guard
