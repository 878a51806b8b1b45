#pragma once

// Where this room's encrypted columns live: the one list of their places, for those who write them and
// for the rotation of the encryption key.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/field_cipher.h"
#include "identity/principal.h"

namespace kavach::identity {

/// Keeps the texts that a FieldPlace only views.
class SealedPlace {
 public:
  [[nodiscard]] static SealedPlace totp_secret(UserId user) { return {"user_totp", user, "totp", "secret"}; }
  /// Bound to the key's digest: the copy belongs to that key and no other.
  [[nodiscard]] static SealedPlace api_key_copy(UserId user, std::string digest) {
    return {"api_keys", user, std::move(digest), "sealed_copy"};
  }
  /// Bound to the key's id, which outlives a rotation of the pepper.
  [[nodiscard]] static SealedPlace signing_secret(UserId user, std::int64_t key) {
    return {"api_keys", user, "k_" + std::to_string(key), "signing_secret"};
  }
  [[nodiscard]] static SealedPlace mail_password() { return {"mail_settings", 0, "1", "password"}; }

  [[nodiscard]] crypto::FieldPlace place() const { return {table_, user_, record_, column_}; }

 private:
  SealedPlace(std::string_view table, UserId user, std::string record, std::string_view column)
      : table_{table}, user_{std::to_string(user)}, record_{std::move(record)}, column_{column} {}

  std::string_view table_;
  std::string user_;
  std::string record_;
  std::string_view column_;
};

}  // namespace kavach::identity
