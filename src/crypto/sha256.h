#pragma once

// SHA-256 (FIPS 180-4), one-shot and in parts. Values, no locks, no failure.
//
// OpenSSL's EVP layer allocates on every digest; its plain SHA-256 functions do not, and give a state
// that can be copied, which the keyed digests below this room's API need (hmac.h).

#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace kavach::crypto {

using Digest256 = std::array<std::byte, 32>;

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = default;
  Sha256& operator=(const Sha256&) = default;

  Sha256& update(std::span<const std::byte> bytes);
  Sha256& update(std::string_view text);
  /// Call once; the object is spent afterwards.
  [[nodiscard]] Digest256 finish();

 private:
  SHA256_CTX state_;
};

[[nodiscard]] Digest256 sha256(std::span<const std::byte> bytes);
[[nodiscard]] Digest256 sha256(std::string_view text);
/// 64 lower-case hexadecimal characters.
[[nodiscard]] std::string sha256_hex(std::string_view text);

}  // namespace kavach::crypto
