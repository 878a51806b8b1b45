#pragma once

// The first owner. Whoever reaches a fresh gateway's port first does not own it: creating the owner
// needs a one-time token that only the operator has seen, printed when the gateway starts without an
// owner, or `kavach setup` on the machine itself.

#include <optional>
#include <string>

#include "identity/accounts.h"
#include "identity/one_time_tokens.h"

namespace kavach::identity {

class Setup {
 public:
  static constexpr std::chrono::hours kTokenLives{24};

  Setup(Users& users, Accounts& accounts, OneTimeTokens& tokens, AttemptThrottle& throttle);

  [[nodiscard]] bool needed() const { return !users_.has_owner(); }
  /// At start-up: a fresh token to print, or nothing when an owner exists. Former tokens are void.
  [[nodiscard]] Task<Result<std::optional<Secret>>> prepare(Executor& executor);
  /// Forbidden for a wrong or used token, Conflict when an owner exists. A refused password or name
  /// leaves the token valid.
  [[nodiscard]] Task<Result<UserId>> create_owner(std::string token, NewAccount account, Actor actor,
                                                  Executor& executor);

 private:
  Users& users_;
  Accounts& accounts_;
  OneTimeTokens& tokens_;
  AttemptThrottle& throttle_;
};

}  // namespace kavach::identity
