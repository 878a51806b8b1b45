#include "identity/one_time_tokens.h"

#include <memory>
#include <optional>
#include <utility>

#include "core/text.h"
#include "identity/commit.h"
#include "identity/row_time.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTypedMax = 128;
constexpr std::int64_t kResetLinksMax = 10;

std::string_view name_of(TokenPurpose purpose) {
  switch (purpose) {
    case TokenPurpose::Setup: return "setup";
    case TokenPurpose::PasswordReset: return "password_reset";
  }
  std::unreachable();
}

Result<void> done(Result<std::int64_t> changed) {
  if (!changed) return pass_on(std::move(changed));
  return {};
}

/// Whose the token with one of these digests is.
Result<std::optional<UserId>> owner_of(store::Reader& reader, const std::vector<std::string>& possible, TimePoint now) {
  std::optional<UserId> user;
  for (const auto& stored : possible) {
    auto read = reader.query("SELECT user_id FROM one_time_tokens WHERE digest = ? AND expires_at > ?",
                             {stored, time_param(now)}, [&](const store::Row& row) { user = row.integer(0); });
    if (!read) return pass_on(std::move(read));
  }
  return user;
}

}  // namespace

Error link_over() {
  return {ErrorCode::NotFound, "This link has expired or was used already; ask for a new one.", {}};
}

OneTimeTokens::OneTimeTokens(store::Database& database, const crypto::KeyRing& ring, const Clock& clock,
                             const SecureRandom& random)
    : database_{database}, clock_{clock}, random_{random}, ring_{ring} {}

std::vector<std::string> OneTimeTokens::digests(TokenPurpose purpose, std::string_view token) const {
  std::vector<std::string> all;
  const auto macs = ring_.macs(crypto::Purpose::OneTimeToken);
  for (const auto& mac : *macs) {
    all.push_back(to_hex(mac.sign({name_of(purpose), " ", token})));
  }
  return all;
}

Task<Result<Secret>> OneTimeTokens::issue(TokenPurpose purpose, UserId user, std::chrono::minutes lives,
                                          Executor& executor) {
  Secret token = Secret::take(random_.token(kTokenBytes));
  store::Unit unit = [purpose, user, stored = digests(purpose, token.reveal()).front(), ends = clock_.now() + lives](
                         store::Transaction& transaction) -> Result<void> {
    const std::int64_t kept = purpose == TokenPurpose::PasswordReset ? kResetLinksMax - 1 : 0;
    auto cleared = done(transaction.execute(
        "DELETE FROM one_time_tokens WHERE purpose = ? AND user_id = ? AND digest NOT IN (SELECT digest FROM "
        "one_time_tokens WHERE purpose = ? AND user_id = ? ORDER BY expires_at DESC, digest LIMIT ?)",
        {name_of(purpose), user, name_of(purpose), user, kept}));
    if (!cleared) return cleared;
    return done(transaction.execute(
        "INSERT INTO one_time_tokens (digest, purpose, user_id, expires_at) VALUES (?, ?, ?, ?)",
        {stored, name_of(purpose), user, time_param(ends)}));
  };
  auto committed = co_await commit(executor, database_, std::move(unit), [] {});
  if (!committed) co_return pass_on(std::move(committed));
  co_return std::move(token);
}

// A unit too: reads block, and this is called on I/O threads.
Task<Result<UserId>> OneTimeTokens::look_at(TokenPurpose purpose, std::string token, Executor& executor) {
  if (token.empty() || token.size() > kTypedMax) co_return std::unexpected{link_over()};
  auto user = std::make_shared<std::optional<UserId>>();
  store::Unit unit = [user, possible = digests(purpose, token), now = clock_.now()](
                         store::Transaction& transaction) -> Result<void> {
    auto owner = owner_of(transaction, possible, now);
    if (!owner) return pass_on(std::move(owner));
    *user = *owner;
    return {};
  };
  auto committed = co_await commit(executor, database_, std::move(unit), [] {});
  if (!committed) co_return pass_on(std::move(committed));
  if (!user->has_value()) co_return std::unexpected{link_over()};
  co_return **user;
}

JoinedWrite OneTimeTokens::redemption(TokenPurpose purpose, std::string_view token) {
  return {.write = [possible = digests(purpose, token), now = clock_.now()](store::Transaction& transaction) -> Result<void> {
    const auto owner = owner_of(transaction, possible, now);
    if (!owner) return pass_on(owner);
    if (!owner->has_value()) return std::unexpected{link_over()};
    for (const auto& stored : possible) {
      auto gone = done(transaction.execute("DELETE FROM one_time_tokens WHERE digest = ? OR expires_at <= ?",
                                           {stored, time_param(now)}));
      if (!gone) return gone;
    }
    return {};
  }};
}

JoinedWrite OneTimeTokens::voiding(TokenPurpose purpose, UserId user) {
  return {.write = [purpose, user](store::Transaction& transaction) {
    return done(transaction.execute("DELETE FROM one_time_tokens WHERE purpose = ? AND user_id = ?",
                                    {name_of(purpose), user}));
  }};
}

Task<Result<void>> OneTimeTokens::revoke_all(TokenPurpose purpose, UserId user, Executor& executor) {
  co_return co_await commit(executor, database_, voiding(purpose, user).write, [] {});
}

}  // namespace kavach::identity
