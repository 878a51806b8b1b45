#include "identity/second_factors.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "crypto/totp.h"
#include "identity/change_counters.h"
#include "identity/commit.h"
#include "identity/row_time.h"
#include "identity/sealed_places.h"

namespace kavach::identity {
namespace {

// Without 0, 1, l and o, which people mistake for one another.
constexpr std::string_view kCodeAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
static_assert(kCodeAlphabet.size() == 32);
constexpr std::size_t kCodeCharacters = 12;
constexpr std::size_t kCodeGroup = 4;
constexpr std::size_t kTypedMax = 32;
constexpr std::string_view kIssuer = "Kavach";

/// As it is stored: without the dashes and blanks people type or leave out.
std::string plain(std::string_view code) {
  std::string out = to_lower(code.substr(0, kTypedMax));
  std::erase_if(out, [](char c) { return c == '-' || c == ' '; });
  return out;
}

bool looks_like_totp(std::string_view code) {
  return code.size() == crypto::kTotpDigits && std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
}

std::unexpected<Error> wrong_code() {
  return fail(ErrorCode::InvalidInput, "That code is not right; wait for the next one and try again.");
}

Result<void> done(Result<std::int64_t> changed) {
  if (!changed) return pass_on(std::move(changed));
  return {};
}

}  // namespace

std::vector<std::string> second_factor_methods(const SecondFactorStatus& status, bool has_passkey) {
  std::vector<std::string> methods;
  if (status.totp_enabled) methods.emplace_back("totp");
  if (status.recovery_codes_left > 0 && (status.totp_enabled || has_passkey)) methods.emplace_back("recovery");
  if (has_passkey) methods.emplace_back("passkey");
  return methods;
}

SecondFactors::SecondFactors(Parts parts) : parts_{parts} {}

Result<SecondFactors::Index> SecondFactors::read_all() {
  Index index;
  auto read = parts_.database.read([&](store::Reader& reader) -> Result<void> {
    auto counter = read_counter(reader, kSecondFactorsTopic);
    if (!counter) return pass_on(std::move(counter));
    index.counter = *counter;
    auto totp = reader.query("SELECT user_id, sealed_secret, sealed_pending, last_step, enrolled_at, pending_since FROM user_totp", {},
                             [&](const store::Row& row) {
                               Factors& factors = index.by_user[row.integer(0)];
                               factors.sealed_secret = row.text(1);
                               factors.sealed_pending = row.text(2);
                               factors.last_step = row.integer(3);
                               factors.enrolled_at = time_at(row, 4);
                               factors.pending_since = time_at(row, 5);
                             });
    if (!totp) return totp;
    return reader.query("SELECT user_id, digest FROM recovery_codes", {}, [&](const store::Row& row) {
      index.by_user[row.integer(0)].recovery.emplace(row.text(1));
    });
  });
  if (!read) return pass_on(std::move(read));
  return index;
}

Result<void> SecondFactors::load() {
  const std::lock_guard lock{replacing_};
  auto index = read_all();
  if (!index) return pass_on(std::move(index));
  index_.replace(std::move(*index));
  return {};
}

Result<bool> SecondFactors::reload_if_changed() {
  const auto counter = current_counter(parts_.database, kSecondFactorsTopic);
  if (!counter) return pass_on(counter);
  if (*counter == index_.read()->counter) return false;
  auto loaded = load();
  if (!loaded) return pass_on(std::move(loaded));
  return true;
}

template <class Change>
void SecondFactors::change(UserId user, Change&& apply) {
  const std::lock_guard lock{replacing_};
  Index index = *index_.read();
  apply(index.by_user[user]);
  index_.replace(std::move(index));
}

SecondFactorStatus SecondFactors::status(UserId user) const {
  const auto index = index_.read();
  const auto found = index->by_user.find(user);
  if (found == index->by_user.end()) return {};
  const Factors& factors = found->second;
  const bool enrolled = !factors.sealed_secret.empty();
  return {enrolled, factors.recovery.size(), enrolled ? std::optional{factors.enrolled_at} : std::nullopt};
}

std::string SecondFactors::digest(UserId user, std::string_view code) const {
  return to_hex(parts_.ring.macs(crypto::Purpose::RecoveryCode)->front().sign({std::to_string(user), " ", code}));
}

std::string SecondFactors::stored_digest(const Factors& factors, UserId user, std::string_view code) const {
  // Codes made before a rotation of APP_KEY stay good.
  const auto macs = parts_.ring.macs(crypto::Purpose::RecoveryCode);
  for (const auto& mac : *macs) {
    auto digest = to_hex(mac.sign({std::to_string(user), " ", code}));
    if (factors.recovery.contains(digest)) return digest;
  }
  return {};
}

std::vector<Secret> SecondFactors::new_codes() const {
  std::vector<Secret> codes;
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
    std::array<std::byte, kCodeCharacters> random{};
    parts_.random.fill(random);
    std::string code;
    for (std::size_t at = 0; at < random.size(); ++at) {
      if (at > 0 && at % kCodeGroup == 0) code += '-';
      code += kCodeAlphabet[std::to_integer<std::size_t>(random[at]) % kCodeAlphabet.size()];
    }
    wipe(random);
    codes.push_back(Secret::take(std::move(code)));
  }
  return codes;
}

Result<void> SecondFactors::write_codes(store::Transaction& transaction, UserId user,
                                        const std::set<std::string>& digests) const {
  auto cleared = done(transaction.execute("DELETE FROM recovery_codes WHERE user_id = ?", {user}));
  if (!cleared) return cleared;
  for (const auto& digest : digests) {
    auto inserted =
        done(transaction.execute("INSERT INTO recovery_codes (user_id, digest) VALUES (?, ?)", {user, digest}));
    if (!inserted) return inserted;
  }
  return bump_counter(transaction, kSecondFactorsTopic);
}

Task<Result<TotpEnrolment>> SecondFactors::begin(UserId user, std::string account, std::string session, Actor actor,
                                                 Executor& executor) {
  const Secret secret = crypto::new_totp_secret(parts_.random);
  const std::string sealed = parts_.cipher.seal(SealedPlace::totp_secret(user).place(), secret);
  const TimePoint now = parts_.clock.now();
  store::Unit unit = [this, user, sealed, session, now, actor](store::Transaction& transaction) -> Result<void> {
    auto written = done(transaction.execute(
        "INSERT INTO user_totp (user_id, sealed_pending, pending_since, pending_session, last_step) VALUES (?, ?, ?, ?, 0) "
        "ON CONFLICT (user_id) DO UPDATE SET sealed_pending = excluded.sealed_pending, "
        "pending_since = excluded.pending_since, pending_session = excluded.pending_session",
        {user, sealed, time_param(now), session}));
    if (!written) return written;
    if (auto bumped = bump_counter(transaction, kSecondFactorsTopic); !bumped) return bumped;
    return parts_.audit.append(transaction, actor.event("second_factor.begun", {{"user_id", user}}));
  };
  auto committed = co_await commit(executor, parts_.database, std::move(unit), [this, user, sealed, now] {
    change(user, [&](Factors& factors) {
      factors.sealed_pending = sealed;
      factors.pending_since = now;
    });
  });
  if (!committed) co_return pass_on(std::move(committed));
  co_return TotpEnrolment{crypto::base32_encode(secret), crypto::totp_uri(secret, kIssuer, account)};
}

Task<Result<std::vector<Secret>>> SecondFactors::confirm(UserId user, std::string code, std::string session,
                                                         Actor actor, Executor& executor, JoinedWrite also) {
  const auto index = index_.read();
  const auto found = index->by_user.find(user);
  if (found == index->by_user.end() || found->second.sealed_pending.empty() ||
      parts_.clock.now() >= found->second.pending_since + kEnrolmentLives) {
    co_return fail(ErrorCode::Conflict, "Start the enrolment first; it has to be finished within 15 minutes.");
  }
  const std::string sealed = found->second.sealed_pending;
  const auto secret = parts_.cipher.open(SealedPlace::totp_secret(user).place(), sealed);
  if (!secret) co_return pass_on(secret);
  const AttemptThrottle::Keys keys{{"code enrol " + std::to_string(user), kCodeRule}};
  if (const auto wait = parts_.throttle.admit(keys)) {
    co_return fail(ErrorCode::RateLimited, "Too many wrong codes; try again in " + std::to_string(wait->count()) + " seconds.");
  }
  const auto step = crypto::find_totp_step(*secret, plain(code), parts_.clock.now(), 0);
  if (!step) {
    parts_.audit.record(actor.event("second_factor.refused", {{"user_id", user}, {"purpose", "enrol"}}));
    co_return wrong_code();
  }
  parts_.throttle.forget(keys.front().name);
  auto codes = new_codes();
  std::set<std::string> digests;
  for (const auto& fresh : codes) digests.insert(digest(user, plain(fresh.reveal())));
  // Never the instant of the one it replaces: a login that showed the former is told by it.
  const TimePoint now = std::max(parts_.clock.now(), found->second.enrolled_at + Micros{1});
  store::Unit unit = [this, user, sealed, session, digests, step, now, actor](store::Transaction& transaction) -> Result<void> {
    auto enabled = transaction.execute(
        "UPDATE user_totp SET sealed_secret = sealed_pending, sealed_pending = NULL, pending_session = NULL, last_step = ?, "
        "enrolled_at = ? WHERE user_id = ? AND sealed_pending = ? AND pending_session = ?",
        {*step, time_param(now), user, sealed, session});
    if (!enabled) return pass_on(std::move(enabled));
    if (*enabled != 1) return fail(ErrorCode::Conflict, "The enrolment was started again, or in another session; use the newer code, or start again.");
    if (auto written = write_codes(transaction, user, digests); !written) return written;
    return parts_.audit.append(transaction, actor.event("second_factor.enabled", {{"user_id", user}}));
  };
  Job applied = [this, user, sealed, digests, step, now] {
    change(user, [&](Factors& factors) { factors = {sealed, {}, *step, digests, now}; });
  };
  auto committed = co_await commit(executor, parts_.database, std::move(unit), std::move(applied), std::move(also));
  if (!committed) co_return pass_on(std::move(committed));
  co_return std::move(codes);
}

Task<Result<std::vector<Secret>>> SecondFactors::renew_recovery_codes(UserId user, bool has_passkey, Actor actor,
                                                                      Executor& executor) {
  if (!has_passkey && !status(user).totp_enabled) {
    co_return fail(ErrorCode::Conflict, "Set up an authenticator app or a passkey first.");
  }
  auto codes = new_codes();
  std::set<std::string> digests;
  for (const auto& fresh : codes) digests.insert(digest(user, plain(fresh.reveal())));
  store::Unit unit = [this, user, digests, actor](store::Transaction& transaction) -> Result<void> {
    if (auto written = write_codes(transaction, user, digests); !written) return written;
    return parts_.audit.append(transaction, actor.event("second_factor.codes_renewed", {{"user_id", user}}));
  };
  auto committed = co_await commit(executor, parts_.database, std::move(unit), [this, user, digests] {
    change(user, [&](Factors& factors) { factors.recovery = digests; });
  });
  if (!committed) co_return pass_on(std::move(committed));
  co_return std::move(codes);
}

JoinedWrite SecondFactors::removal_of_totp(UserId user) {
  return {.write = [user](store::Transaction& transaction) -> Result<void> {
            auto removed = done(transaction.execute("DELETE FROM user_totp WHERE user_id = ?", {user}));
            if (!removed) return removed;
            return bump_counter(transaction, kSecondFactorsTopic);
          },
          .applied = [this, user] {
            change(user, [](Factors& factors) { factors = {{}, {}, 0, std::move(factors.recovery)}; });
          }};
}

JoinedWrite SecondFactors::removal(UserId user) {
  JoinedWrite codes{.write = [this, user](store::Transaction& transaction) { return write_codes(transaction, user, {}); },
                    .applied = [this, user] { change(user, [](Factors& factors) { factors.recovery.clear(); }); }};
  return both(removal_of_totp(user), std::move(codes));
}

Task<Result<void>> SecondFactors::disable(UserId user, bool has_passkey, Actor actor, Executor& executor,
                                          JoinedWrite also) {
  store::Unit unit = [this, user, actor](store::Transaction& transaction) -> Result<void> {
    return parts_.audit.append(transaction, actor.event("second_factor.disabled", {{"user_id", user}}));
  };
  auto removed = has_passkey ? removal_of_totp(user) : removal(user);
  co_return co_await commit(executor, parts_.database, std::move(unit), [] {}, both(std::move(removed), std::move(also)));
}

Task<Result<bool>> SecondFactors::use_totp(UserId user, std::string code, std::string purpose, Actor actor,
                                           Executor& executor) {
  const auto index = index_.read();
  const auto found = index->by_user.find(user);
  if (found == index->by_user.end() || found->second.sealed_secret.empty()) co_return false;
  const auto secret = parts_.cipher.open(SealedPlace::totp_secret(user).place(), found->second.sealed_secret);
  if (!secret) co_return pass_on(secret);
  const auto step = crypto::find_totp_step(*secret, code, parts_.clock.now(), found->second.last_step);
  if (!step) co_return false;
  auto won = std::make_shared<bool>(false);
  const TimePoint enrolled_at = found->second.enrolled_at;
  store::Unit unit = [this, user, step, won, enrolled_at, purpose, actor](store::Transaction& transaction) -> Result<void> {
    // A code of the enrolment that this one replaced meanwhile is none of its own.
    auto used = transaction.execute(
        "UPDATE user_totp SET last_step = ? WHERE user_id = ? AND last_step < ? AND COALESCE(enrolled_at, 0) = ?",
        {*step, user, *step, time_param(enrolled_at)});
    if (!used) return pass_on(std::move(used));
    *won = *used == 1;
    if (!*won) return {};
    return parts_.audit.append(transaction, actor.event("second_factor.used", {{"user_id", user},
                                                                               {"method", "totp"},
                                                                               {"purpose", purpose}}));
  };
  auto committed = co_await commit(executor, parts_.database, std::move(unit), [this, user, step] {
    change(user, [&](Factors& factors) { factors.last_step = std::max(factors.last_step, *step); });
  });
  if (!committed) co_return pass_on(std::move(committed));
  co_return *won;
}

Task<Result<bool>> SecondFactors::use_recovery(UserId user, std::string code, std::string purpose, Actor actor,
                                               Executor& executor) {
  const auto index = index_.read();
  const auto found = index->by_user.find(user);
  const std::string wanted = found == index->by_user.end() ? "" : stored_digest(found->second, user, code);
  if (wanted.empty()) co_return false;
  auto won = std::make_shared<bool>(false);
  store::Unit unit = [this, user, wanted, won, purpose, actor](store::Transaction& transaction) -> Result<void> {
    auto used = transaction.execute("DELETE FROM recovery_codes WHERE user_id = ? AND digest = ?", {user, wanted});
    if (!used) return pass_on(std::move(used));
    *won = *used == 1;
    if (!*won) return {};
    if (auto bumped = bump_counter(transaction, kSecondFactorsTopic); !bumped) return bumped;
    return parts_.audit.append(transaction, actor.event("second_factor.used", {{"user_id", user},
                                                                               {"method", "recovery"},
                                                                               {"purpose", purpose}}));
  };
  auto committed = co_await commit(executor, parts_.database, std::move(unit), [this, user, wanted] {
    change(user, [&](Factors& factors) { factors.recovery.erase(wanted); });
  });
  if (!committed) co_return pass_on(std::move(committed));
  co_return *won;
}

AttemptThrottle::Keys SecondFactors::limits_on(UserId user, const std::string& typed, const std::string& purpose,
                                               CodeLimit limit, const Actor& actor) {
  const std::string what = purpose + " " + std::to_string(user) + " ";
  if (!looks_like_totp(typed)) {
    return {{"recovery " + what + (limit.whose.empty() ? source_of(actor) : limit.whose), limit.rule}};
  }
  auto keys = std::move(limit.ceilings);
  keys.insert(keys.begin(), {"code " + what + limit.whose, limit.rule});
  return keys;
}

Task<CodeCheck> SecondFactors::verify(UserId user, std::string code, std::string purpose, CodeLimit limit,
                                      Actor actor, Executor& executor) {
  const std::string typed = plain(code);
  const auto keys = limits_on(user, typed, purpose, std::move(limit), actor);
  if (const auto wait = parts_.throttle.admit(keys)) co_return CodeCheck{CodeCheck::Outcome::RateLimited, *wait};
  const auto authenticator = status(user).authenticator;
  Result<bool> used = false;
  if (looks_like_totp(typed)) {
    used = co_await use_totp(user, typed, purpose, actor, executor);
  } else {
    used = co_await use_recovery(user, typed, purpose, actor, executor);
  }
  if (!used) {
    parts_.throttle.take_back(keys);
    co_return CodeCheck{CodeCheck::Outcome::Unavailable, {}};
  }
  if (!*used) {
    parts_.audit.record(actor.event("second_factor.refused", {{"user_id", user}, {"purpose", purpose}}));
    co_return CodeCheck{CodeCheck::Outcome::Wrong, {}};
  }
  parts_.throttle.take_back(keys);
  parts_.throttle.forget(keys.front().name);
  co_return CodeCheck{CodeCheck::Outcome::Accepted, {}, authenticator};
}

}  // namespace kavach::identity
