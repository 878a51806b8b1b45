#pragma once

// Every key of the gateway, from three master secrets: APP_KEY, API_KEY_PEPPER and FERNET_SALT. Each
// master has a current generation and older ones that stay readable until a rotation has finished.
// Keys are derived per purpose (HKDF, RFC 5869), so that no key serves two purposes and a leaked
// derived key reveals neither its master nor its siblings. Immutable after construction; any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/secret.h"

namespace kavach::crypto {

/// What a derived key is for, and which master it comes from.
enum class Purpose {
  SessionDigest,      ///< app key: how session ids are stored
  CsrfToken,          ///< app key
  DeviceCookie,       ///< app key: marks a browser that has signed in before
  OneTimeToken,       ///< app key: setup, reset and pending-login tokens
  RecoveryCode,       ///< app key: how recovery codes are stored
  OAuthState,         ///< app key
  PasskeyHandle,      ///< app key: the opaque user handle of passkeys
  OffenceDigest,      ///< app key: how wrong API keys appear in offence records
  AuditSigning,       ///< app key: 32-byte seed of the Ed25519 key that signs audit heads
  Backup,             ///< app key: encrypts backups
  ApiKeyDigest,       ///< pepper: how API keys are found
  FieldEncryption,    ///< Fernet salt: root of all encrypted columns
};

/// Which master secrets exist.
enum class Master { App, Pepper, Field };
[[nodiscard]] Master master_of(Purpose purpose);

/// One master secret over time.
struct Generations {
  Secret current;
  std::vector<Secret> older;  ///< newest first
};

class KeyRing {
 public:
  static constexpr std::size_t kMasterBytesMin = 32;

  /// Refuses a master shorter than 32 characters, and two masters that are equal.
  [[nodiscard]] static Result<KeyRing> create(Generations app, Generations pepper, Generations field);

  /// 32 bytes, from the current generation of the purpose's master.
  [[nodiscard]] Secret derive(Purpose purpose) const;
  /// The same from every generation, current first.
  [[nodiscard]] std::vector<Secret> derive_all(Purpose purpose) const;

  struct NamedKey {
    std::string id;  ///< 8 hexadecimal characters, safe to store and to show
    Secret key;
  };
  /// derive_all with the generations' ids.
  [[nodiscard]] std::vector<NamedKey> named(Purpose purpose) const;

  /// The id of the current generation.
  [[nodiscard]] const std::string& current_id(Master master) const;
  /// The pepper that is appended to a password before hashing; null for an unknown id.
  [[nodiscard]] const Secret* pepper(std::string_view id) const;

 private:
  struct Generation {
    std::string id;
    Secret secret;
  };
  using Line = std::vector<Generation>;  ///< current first, never empty

  KeyRing() = default;
  [[nodiscard]] const Line& line(Master master) const;

  Line app_;
  Line pepper_;
  Line field_;
};

/// The public name of a master secret: from an HKDF output of its own, never from the secret itself.
[[nodiscard]] std::string key_id(const Secret& master);

}  // namespace kavach::crypto
