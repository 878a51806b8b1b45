#pragma once

// Keyed digests (RFC 2104). HmacSha256 is built once per key and hashes both key pads then, so that a
// lookup of a session or an API key costs about 0.2 microseconds. Immutable, usable from any thread.

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/secret.h"
#include "crypto/sha256.h"

namespace kavach::crypto {

class HmacSha256 {
 public:
  explicit HmacSha256(std::span<const std::byte> key);
  explicit HmacSha256(const Secret& key) : HmacSha256{key.bytes()} {}

  [[nodiscard]] Digest256 sign(std::span<const std::byte> message) const;
  [[nodiscard]] Digest256 sign(std::string_view message) const;
  /// The digest of the parts put one after the other; the caller separates them unambiguously.
  [[nodiscard]] Digest256 sign(std::initializer_list<std::string_view> parts) const;
  [[nodiscard]] std::string hex(std::string_view message) const;
  /// Constant time in the digest.
  [[nodiscard]] bool verify(std::string_view message, std::span<const std::byte> digest) const;

 private:
  [[nodiscard]] Digest256 close(Sha256 inner) const;

  Sha256 inner_;  ///< state after the inner pad
  Sha256 outer_;
};

/// HMAC-SHA-1, which RFC 6238 authenticators use. For nothing else.
[[nodiscard]] std::array<std::byte, 20> hmac_sha1(std::span<const std::byte> key,
                                                  std::span<const std::byte> message);

}  // namespace kavach::crypto
