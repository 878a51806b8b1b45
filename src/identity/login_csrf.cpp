#include "identity/login_csrf.h"

#include "core/text.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kCookieBytes = 32;
constexpr std::size_t kCookieCharacters = 43;

}  // namespace

LoginCsrf::LoginCsrf(const crypto::KeyRing& ring) : mac_{ring.derive(crypto::Purpose::CsrfToken)} {}

std::string LoginCsrf::new_cookie(const SecureRandom& random) { return random.token(kCookieBytes); }

bool LoginCsrf::is_cookie(std::string_view cookie) {
  return cookie.size() == kCookieCharacters && from_base64url(cookie).has_value();
}

// The prefix keeps these tokens apart from the sessions', which are made under the same key.
std::string LoginCsrf::token(std::string_view cookie) const {
  return to_hex(mac_.sign({"before login ", cookie}));
}

bool LoginCsrf::verify(std::string_view cookie, std::string_view presented) const {
  return is_cookie(cookie) && equal_in_constant_time(token(cookie), presented);
}

}  // namespace kavach::identity
