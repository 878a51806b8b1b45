#include "guard/csrf.h"

#include "core/text.h"
#include "guard/host_check.h"

namespace kavach::guard {

bool from_our_own_page(const http::RequestHead& head, bool secure) {
  const std::string_view site = head.header("Sec-Fetch-Site");
  // `none` is the user's own doing (address bar, bookmark), which no site can cause.
  if (!site.empty() && site != "same-origin" && site != "none") return false;
  if (head.header_count("Origin") > 1) return false;
  const std::string_view origin = head.header("Origin");
  // Absent: not a browser, or a browser that needs no proof (GET). The token decides.
  if (origin.empty()) return head.header_count("Origin") == 0;
  const std::string_view authority = authority_of_origin(origin);
  if (authority.empty() || !equals_ignoring_case(authority, head.header("Host"))) return false;
  return !secure || origin.starts_with("https://");
}

CsrfVerdict CsrfCheck::judge(const http::RequestHead& head, bool secure, std::string_view binding) const {
  if (!from_our_own_page(head, secure)) return CsrfVerdict::CrossSite;
  const std::string_view token = head.header("X-CSRF-Token");
  if (token.empty() || binding.empty() || head.header_count("X-CSRF-Token") != 1) {
    return CsrfVerdict::BadToken;
  }
  return token_check_(binding, token) ? CsrfVerdict::Allowed : CsrfVerdict::BadToken;
}

}  // namespace kavach::guard
