#pragma once

// Against requests another site makes with the user's cookie. Three independent signs must agree: the
// token bound to the session, the Origin and Sec-Fetch-Site. The pipeline asks for every route whose
// policy says Csrf::Required; login is such a route, with the pre-session cookie as its binding, so
// nobody can be signed in to an attacker's account. Pure but for the token check; any thread.

#include <functional>
#include <string_view>

#include "http/message.h"

namespace kavach::guard {

enum class CsrfVerdict {
  Allowed,
  BadToken,   ///< missing or not this session's: an old page, or a forgery
  CrossSite,  ///< another origin sent it: always a forgery
};

class CsrfCheck {
 public:
  /// Whether `token` belongs to the session (or pre-session) `binding`; must compare in constant time.
  using TokenCheck = std::function<bool(std::string_view binding, std::string_view token)>;

  explicit CsrfCheck(TokenCheck token_check) : token_check_{std::move(token_check)} {}

  /// `secure`: the client reached us over HTTPS. The Host header has passed HostCheck before.
  [[nodiscard]] CsrfVerdict judge(const http::RequestHead& head, bool secure, std::string_view binding) const;

 private:
  TokenCheck token_check_;
};

/// Whether Origin and Sec-Fetch-Site allow that our own page sent this. For the WebSocket upgrade of a
/// session as well, which carries a cookie and no token.
[[nodiscard]] bool from_our_own_page(const http::RequestHead& head, bool secure);

}  // namespace kavach::guard
