#pragma once

// Recognises a browser in which somebody has signed in to an account before. It proves nothing about
// who sits there: it only lets the owner past the delays that strangers' guesses cause, and tells new
// devices from known ones. A change of password makes all devices unknown, a new APP_KEY none. Any thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/random.h"
#include "crypto/hmac.h"
#include "crypto/key_ring.h"
#include "identity/users.h"

namespace kavach::identity {

class DeviceCookies {
 public:
  static constexpr std::chrono::hours kLasts{24 * 365};

  /// `ring` must outlive this.
  explicit DeviceCookies(const crypto::KeyRing& ring) : ring_{ring} {}
  explicit DeviceCookies(crypto::KeyRing&&) = delete;
  /// `<device id>.<digest>`, bound to the account and to its present password.
  [[nodiscard]] std::string issue(const User& user, const SecureRandom& random) const;
  /// The device's id when the cookie is this account's.
  [[nodiscard]] std::optional<std::string> device_of(const User& user, std::string_view cookie) const;

 private:
  const crypto::KeyRing& ring_;
};

}  // namespace kavach::identity
