#pragma once

// What is done to accounts as a whole: adding one, changing and resetting its password, disabling it.
// Each rule (policy, hashing off the I/O threads, ending of sessions) is applied here and nowhere else;
// the console, the setup and the command line call it. Tasks resume on their executor.
//
// Invariant: a change and the end of the sessions it ends are one unit of the store. A store that fails leaves
// both as they were, and the failure is told.

#include <string>

#include "core/secret.h"
#include "core/task.h"
#include "crypto/hashing_pool.h"
#include "identity/attempt_throttle.h"
#include "identity/sessions.h"
#include "identity/users.h"

namespace kavach::identity {

struct NewAccount {
  std::string username;
  std::string email;
  Secret password;
  Role role{Role::Viewer};
};

class Accounts {
 public:
  Accounts(Users& users, Sessions& sessions, crypto::HashingPool& hashing, AttemptThrottle& throttle);

  /// `only_as_first`: refuses when an owner exists (setup).
  [[nodiscard]] Task<Result<UserId>> add(NewAccount account, bool only_as_first, Actor actor,
                                         Executor& executor);
  /// Ends every session but `keep_session`, which goes on under a new token. Unauthenticated for a wrong
  /// current password.
  [[nodiscard]] Task<Result<StartedSession>> change_password(UserId user, Secret current, Secret next,
                                                             std::string keep_session, Actor actor,
                                                             Executor& executor);
  /// By whoever has proved the right to (a reset link, the command line). Ends every session. `also` is what
  /// the proof leaves behind (a link that is used up).
  [[nodiscard]] Task<Result<void>> reset_password(UserId user, Secret next, Actor actor, Executor& executor,
                                                  JoinedWrite also = {});
  /// For a change that asks for the password again. Guesses are throttled. Unauthenticated, RateLimited.
  [[nodiscard]] Task<Result<void>> confirm_password(UserId user, Secret password, Executor& executor);
  /// Disabling ends the user's sessions; its keys are refused from the same moment.
  [[nodiscard]] Task<Result<void>> set_enabled(UserId user, bool enabled, Actor actor, Executor& executor);

 private:
  [[nodiscard]] Task<Result<void>> set_password(UserId user, Secret next, Actor actor, Executor& executor,
                                                JoinedWrite also);

  Users& users_;
  Sessions& sessions_;
  crypto::HashingPool& hashing_;
  AttemptThrottle& throttle_;
};

}  // namespace kavach::identity
