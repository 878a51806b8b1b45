#pragma once

// Time-based one-time passwords (RFC 6238 with SHA-1, six digits, 30 seconds: what every authenticator
// app assumes) and the texts around them. Pure functions. Replay is the caller's to refuse: it keeps
// the highest step it has accepted and asks for later ones only.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/random.h"
#include "core/secret.h"

namespace kavach::crypto {

inline constexpr std::int64_t kTotpStepSeconds = 30;
inline constexpr int kTotpDigits = 6;
inline constexpr std::int64_t kTotpDriftSteps = 1;  ///< how far a phone's clock may be off, either way

/// 20 random bytes, the HMAC's own size (RFC 4226, 4 R6).
[[nodiscard]] Secret new_totp_secret(const SecureRandom& random);
[[nodiscard]] std::string totp_code(const Secret& secret, std::int64_t step);
[[nodiscard]] std::int64_t totp_step(TimePoint at);
/// The step the code belongs to, if that lies within the drift and after `last_used_step`. Same work
/// for right and wrong codes.
[[nodiscard]] std::optional<std::int64_t> find_totp_step(const Secret& secret, std::string_view code,
                                                         TimePoint now, std::int64_t last_used_step);

/// RFC 4648 base32 without padding.
[[nodiscard]] Secret base32_encode(const Secret& bytes);
/// Case, blanks, dashes and trailing `=` do not matter; nothing on any other character.
[[nodiscard]] std::optional<Secret> base32_decode(std::string_view text);
/// `otpauth://totp/Issuer:account?secret=…&issuer=…`: a Secret, because it contains one.
[[nodiscard]] Secret totp_uri(const Secret& secret, std::string_view issuer, std::string_view account);

}  // namespace kavach::crypto
