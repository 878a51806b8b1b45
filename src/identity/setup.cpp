#include "identity/setup.h"

#include <utility>

namespace kavach::identity {
namespace {

constexpr UserId kNobody = 0;

std::unexpected<Error> has_owner() {
  return fail(ErrorCode::Conflict, "This gateway already has an owner; sign in instead.");
}

}  // namespace

Setup::Setup(Users& users, Accounts& accounts, OneTimeTokens& tokens, AttemptThrottle& throttle)
    : users_{users}, accounts_{accounts}, tokens_{tokens}, throttle_{throttle} {}

Task<Result<std::optional<Secret>>> Setup::prepare(Executor& executor) {
  if (!needed()) co_return std::optional<Secret>{};
  auto token = co_await tokens_.issue(TokenPurpose::Setup, kNobody, kTokenLives, executor);
  if (!token) co_return pass_on(std::move(token));
  co_return std::optional<Secret>{std::move(*token)};
}

Task<Result<UserId>> Setup::create_owner(std::string token, NewAccount account, Actor actor,
                                         Executor& executor) {
  if (!needed()) co_return has_owner();
  const AttemptThrottle::Keys keys{{"setup", AttemptThrottle::Rule{}}};
  if (const auto wait = throttle_.admit(keys)) {
    co_return fail(ErrorCode::RateLimited,
                   "Too many attempts; try again in " + std::to_string(wait->count()) + " seconds.");
  }
  auto valid = co_await tokens_.look_at(TokenPurpose::Setup, std::move(token), executor);
  if (!valid && valid.error().code == ErrorCode::NotFound) {
    co_return fail(ErrorCode::Forbidden,
                   "The setup token is not right. Copy it from the gateway's output, or restart it for a new one.");
  }
  throttle_.take_back(keys);
  if (!valid) co_return pass_on(std::move(valid));
  account.role = Role::Owner;
  auto created = co_await accounts_.add(std::move(account), true, std::move(actor), executor);
  if (!created) co_return created;
  // A failure to delete it is harmless: an owner exists, so no token is accepted any more.
  (void)co_await tokens_.revoke_all(TokenPurpose::Setup, kNobody, executor);
  co_return created;
}

}  // namespace kavach::identity
