#pragma once

// The PHC string form of an Argon2id hash: `$argon2id$v=19$m=65536,t=3,p=4$salt$hash` with unpadded
// standard base64. Used by PasswordHasher; pure functions.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/password_hasher.h"

namespace kavach::crypto {

struct Phc {
  Argon2Cost cost;
  std::vector<std::byte> salt;
  std::vector<std::byte> hash;
};

/// Nothing for another algorithm or version, for costs above kArgon2CostMax or below Argon2's own
/// minimum, and for a salt (8 to 64 bytes) or hash (16 to 64 bytes) of unusual length.
[[nodiscard]] std::optional<Phc> parse_phc(std::string_view text);
[[nodiscard]] std::string format_phc(const Phc& phc);

}  // namespace kavach::crypto
