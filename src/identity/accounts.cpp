#include "identity/accounts.h"

#include <utility>

#include "identity/hashing_task.h"
#include "identity/password_policy.h"

namespace kavach::identity {
namespace {

std::unexpected<Error> no_such_user() { return fail(ErrorCode::NotFound, "There is no such user."); }

AttemptThrottle::Keys confirm_keys(UserId user) {
  return {{"confirm " + std::to_string(user), AttemptThrottle::Rule{}}};
}

}  // namespace

Accounts::Accounts(Users& users, Sessions& sessions, crypto::HashingPool& hashing, AttemptThrottle& throttle)
    : users_{users}, sessions_{sessions}, hashing_{hashing}, throttle_{throttle} {}

Task<Result<UserId>> Accounts::add(NewAccount account, bool only_as_first, Actor actor, Executor& executor) {
  if (auto valid = check_username(account.username); !valid) co_return pass_on(std::move(valid));
  if (auto valid = check_email(account.email); !valid) co_return pass_on(std::move(valid));
  auto strong = check_password(account.password, account.username, account.email);
  if (!strong) co_return pass_on(std::move(strong));
  auto hash = co_await hash_of(hashing_, std::move(account.password), executor);
  if (!hash) co_return pass_on(std::move(hash));
  NewUser user{std::move(account.username), std::move(account.email), account.role, std::move(*hash)};
  co_return co_await users_.create(std::move(user), only_as_first, std::move(actor), executor);
}

Task<Result<void>> Accounts::set_password(UserId id, Secret next, Actor actor, Executor& executor, JoinedWrite also) {
  const auto user = users_.find(id);
  if (!user) co_return no_such_user();
  if (auto strong = check_password(next, user->username, user->email); !strong) co_return strong;
  auto hash = co_await hash_of(hashing_, std::move(next), executor);
  if (!hash) co_return pass_on(std::move(hash));
  co_return co_await users_.set_password_hash(id, std::move(*hash), std::move(actor), executor, std::move(also));
}

Task<Result<void>> Accounts::confirm_password(UserId id, Secret password, Executor& executor) {
  const auto user = users_.find(id);
  if (!user) co_return no_such_user();
  const auto keys = confirm_keys(id);
  if (const auto wait = throttle_.admit(keys)) {
    co_return fail(ErrorCode::RateLimited,
                   "Too many wrong passwords; try again in " + std::to_string(wait->count()) + " seconds.");
  }
  const auto verdict = co_await verdict_on(hashing_, std::move(password), user->password_hash, executor);
  if (!verdict) {
    throttle_.take_back(keys);
    co_return pass_on(verdict);
  }
  if (!verdict->matches) co_return fail(ErrorCode::Unauthenticated, "The current password is not right.");
  throttle_.forget(keys.front().name);
  co_return Result<void>{};
}

Task<Result<StartedSession>> Accounts::change_password(UserId user, Secret current, Secret next,
                                                       std::string keep_session, Actor actor, Executor& executor) {
  auto confirmed = co_await confirm_password(user, std::move(current), executor);
  if (!confirmed) co_return pass_on(std::move(confirmed));
  auto renewal = sessions_.renewal(std::move(keep_session), false, SessionEnd::PasswordChanged, actor);
  if (!renewal) co_return pass_on(std::move(renewal));
  auto changed = co_await set_password(user, std::move(next), std::move(actor), executor, std::move(renewal->write));
  if (!changed) co_return pass_on(std::move(changed));
  co_return std::move(*renewal->session);
}

Task<Result<void>> Accounts::reset_password(UserId user, Secret next, Actor actor, Executor& executor,
                                            JoinedWrite also) {
  auto sessions = sessions_.ending(user, {}, SessionEnd::PasswordChanged, actor);
  co_return co_await set_password(user, std::move(next), std::move(actor), executor,
                                  both(std::move(sessions), std::move(also)));
}

Task<Result<void>> Accounts::set_enabled(UserId user, bool enabled, Actor actor, Executor& executor) {
  JoinedWrite sessions;
  if (!enabled) sessions = sessions_.ending(user, {}, SessionEnd::AccountDisabled, actor);
  co_return co_await users_.set_enabled(user, enabled, std::move(actor), executor, std::move(sessions));
}

}  // namespace kavach::identity
