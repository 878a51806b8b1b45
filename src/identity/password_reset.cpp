#include "identity/password_reset.h"

#include <utility>

#include "core/text.h"
#include "crypto/sha256.h"
#include "identity/block_on.h"
#include "identity/password_policy.h"

namespace kavach::identity {
namespace {

// A code of six digits is all that stands here, so the waits are long. One address, and one link, has the first;
// all addresses together have the second, which is some seventeen tries a day. Codes beside a link are counted apart
// from codes alone: strangers have no link, so the link stays whatever they do.
constexpr AttemptThrottle::Rule kResetRule{3, std::chrono::minutes{10}, std::chrono::hours{6}};
constexpr AttemptThrottle::Rule kAllResetsRule{9, std::chrono::minutes{10}, std::chrono::hours{6}};
// Nobody may fill somebody's mailbox. The longest wait for all addresses together is as long as a link lives: when
// strangers have used it up, the owner has a good link of theirs in his mailbox, or gets one at once.
constexpr AttemptThrottle::Rule kMailRule{3, std::chrono::minutes{5}, std::chrono::hours{1}};
constexpr AttemptThrottle::Rule kAllMailsRule{6, std::chrono::minutes{5}, PasswordReset::kLinkLives};

/// Ties a passkey's challenge to the link without keeping the link.
std::string link_digest(std::string_view token) { return crypto::sha256_hex(token); }

std::unexpected<Error> wrong_code() {
  return fail(ErrorCode::Unauthenticated, "That code is not right; wait for the next one and try again.");
}

}  // namespace

PasswordReset::PasswordReset(Parts parts) : parts_{std::move(parts)} {}

void PasswordReset::request(std::string name_or_email, Actor actor) {
  parts_.mailer.run([this, name = std::move(name_or_email), actor = std::move(actor)] { send_link(name, actor); });
}

void PasswordReset::send_link(const std::string& name_or_email, const Actor& actor) {
  const auto user = parts_.users.find_by_name_or_email(name_or_email);
  if (!user || !user->enabled || !parts_.mailer.settings()) return;
  const std::string account = "reset mail " + std::to_string(user->id);
  if (parts_.throttle.admit({{account + " " + source_of(actor), kMailRule}, {account, kAllMailsRule}})) return;
  InlineExecutor here;
  const auto token = block_on(parts_.tokens.issue(TokenPurpose::PasswordReset, user->id, kLinkLives, here));
  if (!token) {
    parts_.log.warning("password_reset.not_sent", {{"detail", token.error().detail}});
    return;
  }
  parts_.audit.record(actor.event("password.reset_requested", {{"username", user->username}}));
  Mail mail;
  mail.to = user->email;
  mail.subject = "Reset your Kavach password";
  // The token stands behind `#`: browsers do not send that part to servers, logs or other sites.
  mail.text = "Somebody, probably you, asked to reset the password of " + user->username + ".\n\n" +
              parts_.host_server + "/reset-password#token=" + std::string{token->reveal()} +
              "\n\nThe link works once, for 15 minutes. If you did not ask for it, there is nothing to do:\n"
              "your password stays as it is.\n";
  parts_.mailer.deliver_now(mail);
}

Task<Result<UserPtr>> PasswordReset::account_of(std::string token, Executor& executor) {
  auto owner = co_await parts_.tokens.look_at(TokenPurpose::PasswordReset, std::move(token), executor);
  if (!owner) co_return pass_on(std::move(owner));
  auto user = parts_.users.find(*owner);
  if (!user || !user->enabled) co_return std::unexpected{link_over()};
  co_return user;
}

std::vector<std::string> PasswordReset::methods_of(const User& user) const {
  if (!user.required_for.reset) return {};
  return second_factor_methods(parts_.second_factors.status(user.id), parts_.passkeys.has_any(user.id));
}

Task<Result<std::vector<std::string>>> PasswordReset::proofs_for(std::string token, Executor& executor) {
  const auto user = co_await account_of(std::move(token), executor);
  if (!user) co_return pass_on(user);
  co_return methods_of(**user);
}

Task<Result<std::string>> PasswordReset::passkey_options(std::string token, Executor& executor) {
  const auto link = link_digest(token);
  const auto user = co_await account_of(std::move(token), executor);
  if (!user) co_return pass_on(user);
  if (!parts_.passkeys.has_any((*user)->id)) co_return fail(ErrorCode::Conflict, "This account has no passkey.");
  co_return parts_.passkeys.request_options({PasskeyRequest::Purpose::Reset, (*user)->id, link});
}

Task<Result<void>> PasswordReset::check_code(UserId user, std::string code, std::string link, Actor actor,
                                             Executor& executor) {
  CodeLimit limit{kResetRule, link.empty() ? "from " + source_of(actor) : "link " + link, {}};
  limit.ceilings = {{(link.empty() ? "reset codes " : "reset codes with links ") + std::to_string(user), kAllResetsRule}};
  const auto check = co_await parts_.second_factors.verify(user, std::move(code), "reset", std::move(limit),
                                                           std::move(actor), executor);
  switch (check.outcome) {
    case CodeCheck::Outcome::RateLimited: co_return fail(ErrorCode::RateLimited, "Too many attempts; try again later.");
    case CodeCheck::Outcome::Unavailable:
      co_return fail(ErrorCode::Unavailable, "The gateway cannot check codes right now.");
    case CodeCheck::Outcome::Wrong: co_return wrong_code();
    case CodeCheck::Outcome::Accepted: break;
  }
  co_return Result<void>{};
}

Task<Result<void>> PasswordReset::check_proof(UserPtr user, std::string link, ResetProof proof, Actor actor,
                                              Executor& executor) {
  const auto methods = methods_of(*user);
  if (methods.empty()) co_return Result<void>{};
  if (proof.credential) {
    PasskeyRequest request{PasskeyRequest::Purpose::Reset, user->id, std::move(link)};
    const auto shown = co_await parts_.passkeys.authenticate(std::move(*proof.credential), std::move(request),
                                                             std::move(actor), executor);
    if (!shown) co_return pass_on(shown);
    co_return Result<void>{};
  }
  if (!proof.code.empty()) co_return co_await check_code(user->id, std::move(proof.code), std::move(link), std::move(actor), executor);
  co_return fail(ErrorCode::InvalidInput, methods.front() == "passkey"
                                              ? "Also use a passkey of this account."
                                              : "Also enter a code of your authenticator app, or a recovery code.");
}

Task<Result<void>> PasswordReset::confirm_with_link(std::string token, ResetProof proof, Secret next, Actor actor,
                                                    Executor& executor) {
  const auto user = co_await account_of(token, executor);
  if (!user) co_return pass_on(user);
  // Before the proof, which works only once.
  if (auto strong = check_password(next, (*user)->username, (*user)->email); !strong) co_return strong;
  auto proved = co_await check_proof(*user, link_digest(token), std::move(proof), actor, executor);
  if (!proved) co_return proved;
  actor.name = (*user)->username;
  auto used = parts_.tokens.redemption(TokenPurpose::PasswordReset, token);
  co_return co_await parts_.accounts.reset_password((*user)->id, std::move(next), std::move(actor), executor,
                                                    std::move(used));
}

Task<Result<void>> PasswordReset::confirm_with_code(std::string name_or_email, std::string code, Secret next,
                                                    Actor actor, Executor& executor) {
  const auto user = parts_.users.find_by_name_or_email(name_or_email);
  // Judged against what was typed, so that the answer does not depend on the account.
  if (auto strong = check_password(next, name_or_email, {}); !strong) co_return strong;
  if (!user || !user->enabled || !parts_.second_factors.status(user->id).totp_enabled) {
    const auto name = crypto::sha256_hex(to_lower(name_or_email));
    if (parts_.throttle.admit({{"reset code " + name + " " + source_of(actor), kResetRule}, {"reset codes " + name, kAllResetsRule}})) {
      co_return fail(ErrorCode::RateLimited, "Too many attempts; try again later.");
    }
    co_return wrong_code();
  }
  auto proved = co_await check_code(user->id, std::move(code), {}, actor, executor);
  if (!proved) co_return proved;
  actor.name = user->username;
  co_return co_await parts_.accounts.reset_password(user->id, std::move(next), std::move(actor), executor);
}

}  // namespace kavach::identity
