#pragma once

// Fernet tokens (github.com/fernet/spec, version 0x80): AES-128-CBC and HMAC-SHA-256 over the whole
// token. Chosen because OpenAlgo stores its broker tokens this way, so they can be carried over and
// back. Immutable; any thread.

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/random.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/hmac.h"

namespace kavach::crypto {

class Fernet {
 public:
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kTokenBytesMax = 1U << 20U;

  /// `key`: 16 bytes to sign with, then 16 bytes to encrypt with.
  explicit Fernet(const Secret& key);
  /// The key as its usual text, 44 characters of base64url.
  [[nodiscard]] static Result<Fernet> from_text(const Secret& text);
  /// PBKDF2-HMAC-SHA-256 of a password, as OpenAlgo derives its key (100,000 iterations).
  [[nodiscard]] static Fernet from_password(const Secret& password, std::string_view salt,
                                            int iterations = 100'000);

  [[nodiscard]] std::string seal(std::string_view plaintext, TimePoint now,
                                 const SecureRandom& random) const;
  /// The same with a given initialisation vector, for the specification's vectors.
  [[nodiscard]] std::string seal_with(std::string_view plaintext, TimePoint now,
                                      std::span<const std::byte, 16> iv) const;

  struct Lifetime {
    TimePoint now;
    std::chrono::seconds ttl;
  };
  /// With a lifetime, a token older than its ttl or more than a minute from the future is refused.
  /// Every refusal reads alike: a caller learns nothing about which check failed.
  [[nodiscard]] Result<Secret> open(std::string_view token,
                                    std::optional<Lifetime> lifetime = std::nullopt) const;

 private:
  HmacSha256 signer_;
  Secret encryption_key_;
};

}  // namespace kavach::crypto
