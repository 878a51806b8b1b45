#pragma once

// What an import will do, decided before anything is changed: which users, keys, bans and settings of an
// OpenAlgo install come over, in this gateway's own terms, and what does not, each with its reason. A dry
// run shows the plan's report; the real one carries the plan out in one transaction.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/foundation.h"
#include "app/import_openalgo.h"
#include "app/openalgo_source.h"
#include "core/json.h"
#include "crypto/key_ring.h"
#include "guard/bans.h"
#include "identity/account_import.h"

namespace kavach::app {

/// A user with what is his; `known` when an account of that name is here already.
struct ImportedPerson {
  identity::ImportedAccount account;
  std::string old_id;
  std::optional<identity::UserId> known;
  std::vector<identity::ImportedKey> keys;
};

struct ImportedMail {
  identity::MailSettings settings;
  std::optional<Secret> password;
};

/// What the transaction will write.
struct ImportPlan {
  std::vector<ImportedPerson> people;
  std::optional<ImportedMail> mail;
  json::object guard_changes;
  bool analyze{false};
  std::vector<guard::BanRequest> bans;
  ImportReport report;
};

/// `ring` has the install's pepper among its older ones. Reads the database, changes nothing. An error is
/// one of this gateway; what is wrong with a row of the install is in the report.
[[nodiscard]] Result<ImportPlan> plan_import(Foundation& base, const OpenAlgoTables& tables,
                                             const OpenAlgoSecrets& secrets, const crypto::KeyRing& ring,
                                             const std::function<void(const std::string&)>& progress);

/// Writes all of it inside the caller's transaction. Adds to the report what turned out to be here already.
[[nodiscard]] Result<void> carry_out(ImportPlan& plan, Foundation& base, const crypto::KeyRing& ring,
                                     store::Transaction& transaction);

}  // namespace kavach::app
