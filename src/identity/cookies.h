#pragma once

// The cookies of this room and how they are set. On https every name carries `__Host-`, which browsers
// accept only with Secure, Path=/ and no Domain: a neighbouring host cannot plant one. Pure; any thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kavach::identity {

struct CookieNames {
  explicit CookieNames(bool https);
  bool secure;
  std::string session;      ///< the session token
  std::string device;       ///< marks a browser that has signed in before
  std::string pending;      ///< between the password and the second factor
  std::string pre_session;  ///< what a CSRF token is bound to before login
};

/// The value of a Set-Cookie header. Without `max_age` the cookie ends with the browser.
[[nodiscard]] std::string set_cookie(std::string_view name, std::string_view value, bool secure,
                                     std::optional<std::chrono::seconds> max_age = std::nullopt);
[[nodiscard]] std::string clear_cookie(std::string_view name, bool secure);

}  // namespace kavach::identity
