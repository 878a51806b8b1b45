#pragma once

// Ed25519 (RFC 8032). The audit chain signs its heads with it; an auditor needs only the public key.
// Immutable; any thread.

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/secret.h"

struct evp_pkey_st;

namespace kavach::crypto {

using Ed25519Public = std::array<std::byte, 32>;
using Ed25519Signature = std::array<std::byte, 64>;

class Ed25519Signer {
 public:
  /// `seed`: exactly 32 bytes, for example KeyRing::derive(Purpose::AuditSigning).
  explicit Ed25519Signer(const Secret& seed);
  [[nodiscard]] Ed25519Signature sign(std::string_view message) const;
  [[nodiscard]] const Ed25519Public& public_key() const { return public_key_; }

 private:
  struct Release {
    void operator()(evp_pkey_st* key) const noexcept;
  };
  std::unique_ptr<evp_pkey_st, Release> key_;
  Ed25519Public public_key_{};
};

[[nodiscard]] bool verify_ed25519(std::span<const std::byte> public_key, std::string_view message,
                                  std::span<const std::byte> signature);

}  // namespace kavach::crypto
