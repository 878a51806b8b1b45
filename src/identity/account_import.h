#pragma once

// Accounts of another gateway, written inside the importer's one transaction, so that an import is
// there whole or not at all. Passwords and API keys keep their hashes; the caller has put the pepper
// they were made under into the key ring. In-memory snapshots follow through the change counters.

#include <optional>
#include <string>
#include <vector>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "crypto/field_cipher.h"
#include "crypto/hmac.h"
#include "identity/actor.h"
#include "identity/mailer.h"
#include "identity/users.h"
#include "store/database.h"

namespace kavach::identity {

struct ImportedAccount {
  NewUser user;                ///< `password_hash` as PasswordHasher::imported gives it
  std::optional<Secret> totp;  ///< the decoded secret
};

struct ImportedKey {
  std::string name;
  Secret key;
  std::string stored_hash;
};

class AccountImport {
 public:
  struct Parts {
    audit::AuditLog& audit;
    const crypto::FieldCipher& cipher;
    const crypto::HmacSha256 digests;  ///< of the current pepper
    Actor actor;
    TimePoint now;
  };
  explicit AccountImport(Parts parts) : parts_{std::move(parts)} {}

  /// The account of this name or mail address, if there is one already.
  [[nodiscard]] static Result<std::optional<UserId>> find(store::Reader& reader, const std::string& username,
                                                          const std::string& email);
  /// A second factor that comes along is in force at once.
  [[nodiscard]] Result<UserId> add(store::Transaction& transaction, const ImportedAccount& account) const;
  /// A key for trading from anywhere, as it was. False when this very key is there already.
  [[nodiscard]] Result<bool> add_key(store::Transaction& transaction, UserId user, const ImportedKey& key) const;
  /// False when mail is set up already: that stays.
  [[nodiscard]] Result<bool> add_mail(store::Transaction& transaction, const MailSettings& mail,
                                      const std::optional<Secret>& password) const;

 private:
  Parts parts_;
};

}  // namespace kavach::identity
