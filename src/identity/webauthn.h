#pragma once

// The verification procedures of WebAuthn level 2 (sections 7.1 and 7.2), for ES256 and EdDSA keys and
// attestation `none`. Pure functions over what the browser sent; passkeys.h keeps challenges and keys.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace kavach::identity {

/// Who the browser must have talked to. From HOST_SERVER, never from a request.
struct RelyingParty {
  std::string id;      ///< `trade.example.org`
  std::string origin;  ///< `https://trade.example.org`
  /// A name, not an IP address, is needed; a loopback address becomes `localhost`. Nothing otherwise.
  [[nodiscard]] static std::optional<RelyingParty> from(std::string_view host_server);
};

inline constexpr std::int64_t kCoseEs256 = -7;
inline constexpr std::int64_t kCoseEdDsa = -8;

struct CredentialPublicKey {
  std::int64_t algorithm{0};
  std::vector<std::byte> x;
  std::vector<std::byte> y;  ///< empty for EdDSA
  /// `-7:hex:hex`, how it is stored.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<CredentialPublicKey> parse(std::string_view text);
};

struct NewCredential {
  std::vector<std::byte> id;
  CredentialPublicKey public_key;
  std::uint32_t sign_count{0};
};

enum class UserVerification {
  Required,     ///< the passkey stands instead of the password
  NotRequired,  ///< the password was right before
};

/// The browser's client data: challenge, base64url as it was sent out.
[[nodiscard]] std::optional<std::string> challenge_in(std::string_view client_data_json);

[[nodiscard]] Result<NewCredential> verify_registration(const RelyingParty& party, std::string_view challenge,
                                                        std::string_view client_data_json,
                                                        std::span<const std::byte> attestation_object,
                                                        UserVerification verification);

/// The authenticator's new signature counter.
[[nodiscard]] Result<std::uint32_t> verify_assertion(const RelyingParty& party, std::string_view challenge,
                                                     std::string_view client_data_json,
                                                     std::span<const std::byte> authenticator_data,
                                                     std::span<const std::byte> signature,
                                                     const CredentialPublicKey& key,
                                                     UserVerification verification);

/// Counters that go back mean a copied authenticator; those that stay zero are not kept.
[[nodiscard]] bool counter_may_follow(std::uint32_t stored, std::uint32_t presented);

}  // namespace kavach::identity
