#pragma once

// CSRF before there is a session: a random cookie, and a token that is its keyed digest. An attacker's
// page can neither read the one nor make the other, so it cannot sign a victim in as somebody else.
// (A session's own token is ActiveSession::csrf_token.) A form that was open while APP_KEY was rotated
// stays good. Any thread.

#include <string>
#include <string_view>

#include "core/random.h"
#include "crypto/hmac.h"
#include "crypto/key_ring.h"

namespace kavach::identity {

class LoginCsrf {
 public:
  /// `ring` must outlive this.
  explicit LoginCsrf(const crypto::KeyRing& ring) : ring_{ring} {}
  explicit LoginCsrf(crypto::KeyRing&&) = delete;

  [[nodiscard]] static std::string new_cookie(const SecureRandom& random);
  /// Whether the text can be a cookie of ours.
  [[nodiscard]] static bool is_cookie(std::string_view cookie);
  [[nodiscard]] std::string token(std::string_view cookie) const;
  [[nodiscard]] bool verify(std::string_view cookie, std::string_view token) const;

 private:
  const crypto::KeyRing& ring_;
};

}  // namespace kavach::identity
