#pragma once

// Every key of the gateway, from three master secrets: APP_KEY, API_KEY_PEPPER and FERNET_SALT. Each
// master has a current generation and older ones that stay readable until a rotation has finished.
// Keys are derived per purpose (HKDF, RFC 5869), so that no key serves two purposes and a leaked
// derived key reveals neither its master nor its siblings.
//
// Any thread. All keys are replaced in one step by `adopt`, so whoever keeps a ring and asks it for keys
// when they are needed follows a rotation; whoever keeps a key does not.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/guarded.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/hmac.h"

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
  /// From now on the keys of `fresh`. A generation that `fresh` lacks opens nothing any more.
  void adopt(KeyRing fresh);

  struct NamedKey {
    std::string id;  ///< 8 hexadecimal characters, safe to store and to show
    Secret key;
  };
  /// 32 bytes, from the current generation of the purpose's master, with its id.
  [[nodiscard]] NamedKey current(Purpose purpose) const;
  /// The same from the generation of this id; nothing for an unknown one.
  [[nodiscard]] std::optional<NamedKey> find(Purpose purpose, std::string_view id) const;
  /// The key of `current`.
  [[nodiscard]] Secret derive(Purpose purpose) const { return current(purpose).key; }
  /// The same from every generation, current first.
  [[nodiscard]] std::vector<Secret> derive_all(Purpose purpose) const;

  using Macs = std::vector<HmacSha256>;
  /// HMACs under every generation's key, current first, never empty. Made once: costs no derivation.
  [[nodiscard]] std::shared_ptr<const Macs> macs(Purpose purpose) const;

  struct NamedPepper {
    std::string id;
    std::shared_ptr<const Secret> secret;  ///< appended to a password before hashing
  };
  [[nodiscard]] NamedPepper pepper() const;
  /// Null for an unknown id.
  [[nodiscard]] std::shared_ptr<const Secret> pepper(std::string_view id) const;

  /// The ids of a master's generations, current first, never empty.
  [[nodiscard]] std::vector<std::string> ids(Master master) const;
  [[nodiscard]] std::string current_id(Master master) const;

 private:
  struct Generation {
    std::string id;
    Secret secret;
  };
  using Line = std::vector<Generation>;  ///< current first, never empty
  struct Keys {
    Line app;
    Line pepper;
    Line field;
    std::vector<Macs> macs;  ///< by purpose

    [[nodiscard]] const Line& line(Master master) const;
  };

  using KeysPtr = std::shared_ptr<const Keys>;

  explicit KeyRing(KeysPtr keys) : keys_{std::make_unique<Snapshot<KeysPtr>>(std::move(keys))} {}
  [[nodiscard]] KeysPtr keys() const { return *keys_->read(); }

  std::unique_ptr<Snapshot<KeysPtr>> keys_;  ///< never null but after a move
};

/// The public name of a master secret: from an HKDF output of its own, never from the secret itself.
[[nodiscard]] std::string key_id(const Secret& master);

}  // namespace kavach::crypto
