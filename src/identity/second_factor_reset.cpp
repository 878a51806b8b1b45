#include "identity/second_factor_reset.h"

#include <utility>

#include "identity/commit.h"

namespace kavach::identity {

Task<Result<void>> SecondFactorReset::run(UserPtr user, Actor actor, Executor& executor) {
  const auto held = parts_.second_factors.status(user->id);
  const auto passkeys = static_cast<std::int64_t>(parts_.passkeys.list(user->id).size());
  store::Unit unit = [this, user, held, passkeys, actor](store::Transaction& transaction) -> Result<void> {
    return parts_.audit.append(transaction, actor.event("second_factor.reset", {{"username", user->username},
                                                                                {"totp", held.totp_enabled},
                                                                                {"passkeys", passkeys}}));
  };
  auto factors = both(parts_.second_factors.removal(user->id), parts_.passkeys.removal_of_all(user->id));
  auto sessions = parts_.sessions.ending(user->id, {}, SessionEnd::Revoked, std::move(actor));
  co_return co_await commit(executor, parts_.database, std::move(unit), [] {},
                            both(std::move(factors), std::move(sessions)));
}

}  // namespace kavach::identity
