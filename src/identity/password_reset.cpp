#include "identity/password_reset.h"

#include <utility>

#include "core/text.h"
#include "crypto/sha256.h"
#include "identity/block_on.h"
#include "identity/password_policy.h"

namespace kavach::identity {
namespace {

// A code of six digits is all that stands here, so the waits are long: some fifteen tries in a day at
// most. They hold up resets by code alone; the link and the command line stay.
constexpr AttemptThrottle::Rule kResetRule{3, std::chrono::minutes{10}, std::chrono::hours{6}};
constexpr AttemptThrottle::Rule kMailRule{3, std::chrono::minutes{5}, std::chrono::hours{1}};

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
  // Against filling somebody's mailbox.
  if (parts_.throttle.admit({{"reset mail " + std::to_string(user->id), kMailRule}})) return;
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

Task<Result<void>> PasswordReset::confirm_with_link(std::string token, std::string code, Secret next, Actor actor,
                                                    Executor& executor) {
  auto owner = co_await parts_.tokens.look_at(TokenPurpose::PasswordReset, token, executor);
  if (!owner) co_return pass_on(std::move(owner));
  const auto user = parts_.users.find(*owner);
  if (!user || !user->enabled) co_return fail(ErrorCode::NotFound, "This link has expired or was used already.");
  if (auto strong = check_password(next, user->username, user->email); !strong) co_return strong;
  if (user->required_for.reset && parts_.second_factors.status(user->id).totp_enabled) {
    if (code.empty()) co_return fail(ErrorCode::InvalidInput, "Also enter a code of your authenticator app.");
    const auto check = co_await parts_.second_factors.verify(user->id, std::move(code), "reset", CodeLimit{kResetRule}, actor, executor);
    if (check.outcome == CodeCheck::Outcome::RateLimited) {
      co_return fail(ErrorCode::RateLimited, "Too many attempts; try again later.");
    }
    if (check.outcome == CodeCheck::Outcome::Unavailable) {
      co_return fail(ErrorCode::Unavailable, "The gateway cannot check codes right now.");
    }
    if (check.outcome != CodeCheck::Outcome::Accepted) co_return wrong_code();
  }
  auto redeemed = co_await parts_.tokens.redeem(TokenPurpose::PasswordReset, std::move(token), executor);
  if (!redeemed) co_return pass_on(std::move(redeemed));
  actor.name = user->username;
  co_return co_await parts_.accounts.reset_password(user->id, std::move(next), std::move(actor), executor);
}

Task<Result<void>> PasswordReset::confirm_with_code(std::string name_or_email, std::string code, Secret next,
                                                    Actor actor, Executor& executor) {
  const auto user = parts_.users.find_by_name_or_email(name_or_email);
  // Judged against what was typed, so that the answer does not depend on the account.
  if (auto strong = check_password(next, name_or_email, {}); !strong) co_return strong;
  if (!user || !user->enabled || !parts_.second_factors.status(user->id).totp_enabled) {
    const auto name = crypto::sha256_hex(to_lower(name_or_email));
    if (parts_.throttle.admit({{"reset code " + name, kResetRule}})) {
      co_return fail(ErrorCode::RateLimited, "Too many attempts; try again later.");
    }
    co_return wrong_code();
  }
  const auto check = co_await parts_.second_factors.verify(user->id, std::move(code), "reset", CodeLimit{kResetRule}, actor, executor);
  switch (check.outcome) {
    case CodeCheck::Outcome::RateLimited: co_return fail(ErrorCode::RateLimited, "Too many attempts; try again later.");
    case CodeCheck::Outcome::Unavailable:
      co_return fail(ErrorCode::Unavailable, "The gateway cannot check codes right now.");
    case CodeCheck::Outcome::Wrong: co_return wrong_code();
    case CodeCheck::Outcome::Accepted: break;
  }
  actor.name = user->username;
  co_return co_await parts_.accounts.reset_password(user->id, std::move(next), std::move(actor), executor);
}

}  // namespace kavach::identity
