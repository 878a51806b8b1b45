#include "identity/login_csrf.h"

#include <algorithm>

#include "core/text.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kCookieBytes = 32;
constexpr std::size_t kCookieCharacters = 43;

// The prefix keeps these tokens apart from the sessions', which are made under the same key.
std::string token_under(const crypto::HmacSha256& mac, std::string_view cookie) {
  return to_hex(mac.sign({"before login ", cookie}));
}

}  // namespace

std::string LoginCsrf::new_cookie(const SecureRandom& random) { return random.token(kCookieBytes); }

bool LoginCsrf::is_cookie(std::string_view cookie) {
  return cookie.size() == kCookieCharacters && from_base64url(cookie).has_value();
}

std::string LoginCsrf::token(std::string_view cookie) const {
  return token_under(ring_.macs(crypto::Purpose::CsrfToken)->front(), cookie);
}

bool LoginCsrf::verify(std::string_view cookie, std::string_view presented) const {
  const auto macs = ring_.macs(crypto::Purpose::CsrfToken);
  return is_cookie(cookie) && std::ranges::any_of(*macs, [&](const crypto::HmacSha256& mac) {
           return equal_in_constant_time(token_under(mac, cookie), presented);
         });
}

}  // namespace kavach::identity
