#pragma once

// Live or analyze: whether a user's orders go to the live account or to the simulated one. The switch
// is per user, so that nobody can turn another trader's orders into simulated ones; it is stored and
// every change is audited. Wire handlers, console and stream ask it for the account to use.
//
// Thread-safe. Reading never locks.

#include <functional>
#include <set>

#include "audit/audit_log.h"
#include "core/guarded.h"
#include "core/result.h"
#include "identity/principal.h"
#include "store/database.h"
#include "trading/order_desk.h"

namespace kavach::api {

class ModeSwitch {
 public:
  ModeSwitch(store::Database& database, audit::AuditLog& audit);
  /// Reads what is stored. For start-up: blocks.
  [[nodiscard]] Result<void> load();

  [[nodiscard]] bool is_analyze(identity::UserId user) const;
  /// `analyze:<user id>` or `paper:<user id>`.
  [[nodiscard]] trading::AccountId account_of(identity::UserId user) const;
  /// `done` is called once the switch and its audit record are durable; the mode holds from then on.
  void set(const trading::Actor& actor, identity::UserId user, bool analyze, store::Done done);

 private:
  void hold(identity::UserId user, bool analyze);

  store::Database& database_;
  audit::AuditLog& audit_;
  Snapshot<std::set<identity::UserId>> analyzing_;  ///< replaced only on the store's writer thread
};

/// The account of `user` in the named mode.
[[nodiscard]] trading::AccountId account_in_mode(identity::UserId user, bool analyze);

}  // namespace kavach::api
