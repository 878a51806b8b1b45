#pragma once

// For somebody who has lost the authenticator: it goes, with the recovery codes and the passkeys, and every
// session ends, for one of them may be the thief's. All of it is one unit of the store: there is no moment, and
// no failure, in which the factors are gone and a session of before lives on. Called by the command line, whose
// caller may write the data folder anyway; this way it is audited.
//
// Tasks resume on their executor.

#include "core/task.h"
#include "identity/passkeys.h"
#include "identity/second_factors.h"
#include "identity/sessions.h"
#include "identity/users.h"

namespace kavach::identity {

class SecondFactorReset {
 public:
  struct Parts {
    store::Database& database;
    audit::AuditLog& audit;
    SecondFactors& second_factors;
    Passkeys& passkeys;
    Sessions& sessions;
  };
  explicit SecondFactorReset(Parts parts) : parts_{parts} {}

  /// The password alone opens the account afterwards.
  [[nodiscard]] Task<Result<void>> run(UserPtr user, Actor actor, Executor& executor);

 private:
  Parts parts_;
};

}  // namespace kavach::identity
