#include "identity/login.h"

#include <utility>

#include "core/text.h"
#include "crypto/sha256.h"
#include "identity/device.h"
#include "identity/hashing_task.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kPendingMax = 1'000;
constexpr std::chrono::minutes kPendingLasts{5};
constexpr std::string_view kNobody = "(no account)";

// A source is given more room than an account: a household or an office shares one address.
constexpr AttemptThrottle::Rule kAccountRule{5, std::chrono::seconds{30}, std::chrono::minutes{15}};
constexpr AttemptThrottle::Rule kSourceRule{10, std::chrono::seconds{15}, std::chrono::minutes{15}};
constexpr AttemptThrottle::Rule kDeviceRule{5, std::chrono::seconds{15}, std::chrono::minutes{2}};

Actor actor_of(std::string_view name, const LoginOrigin& origin) {
  return {std::string{name}, origin.address.text(), origin.request_id};
}

std::string account_digest(std::string_view username, const UserPtr& user) {
  return crypto::sha256_hex(user ? to_lower(user->username) : to_lower(username));
}

}  // namespace

LoginService::LoginService(Parts parts) : parts_{std::move(parts)} {}

// Names that do not exist are counted like those that do: the delay tells nothing either.
AttemptThrottle::Keys LoginService::keys_for(std::string_view username, const UserPtr& user,
                                             const LoginOrigin& origin) const {
  if (user) {
    if (const auto device = parts_.devices.device_of(*user, origin.device_cookie)) {
      return {{"device " + *device, kDeviceRule}};
    }
  }
  return {{"account " + account_digest(username, user), kAccountRule}, {"source " + Cidr::offender(origin.address).text(), kSourceRule}};
}

// A browser that has signed in before is not held to it, or strangers could keep the owner out.
std::optional<std::chrono::seconds> LoginService::over_rate(std::string_view username, const UserPtr& user,
                                                            const LoginOrigin& origin) const {
  if (!parts_.account_rate || (user && parts_.devices.device_of(*user, origin.device_cookie))) return std::nullopt;
  return parts_.account_rate(account_digest(username, user));
}

CodeLimit LoginService::code_limit(const User& user, const LoginOrigin& origin) const {
  if (auto device = parts_.devices.device_of(user, origin.device_cookie)) return {kKnownBrowserCodeRule, std::move(*device)};
  return {kCodeRule};
}

std::vector<std::string> LoginService::methods_of(const User& user) const {
  return second_factor_methods(parts_.second_factors.status(user.id), parts_.has_passkey && parts_.has_passkey(user.id));
}

void LoginService::note_failure(std::string_view username, std::string_view why, const LoginOrigin& origin) const {
  parts_.audit.record(actor_of("", origin).event("login.failed", {{"username", username},
                                                                  {"reason", why},
                                                                  {"device", device_name(origin.user_agent)}}));
  count_failure(origin.address);
}

void LoginService::count_failure(const IpAddress& address) const {
  for (const auto& observer : failed_) observer(address);
}

Task<LoginOutcome> LoginService::login(std::string username, Secret password, LoginOrigin origin,
                                       Executor& executor) {
  const UserPtr user = parts_.users.find_by_name_or_email(username);
  if (const auto wait = over_rate(username, user, origin)) co_return LoginRateLimited{*wait};
  const auto keys = keys_for(username, user, origin);
  if (const auto wait = parts_.throttle.admit(keys)) co_return LoginRateLimited{*wait};
  Secret kept = password.duplicate();
  const auto verdict =
      co_await verdict_on(parts_.hashing, std::move(password), user ? user->password_hash : parts_.hashing.hasher().decoy(), executor);
  if (!verdict) {
    parts_.throttle.take_back(keys);
    co_return LoginUnavailable{verdict.error()};
  }
  if (!user || !user->enabled || !verdict->matches) {
    // A password typed into the wrong field must not be kept: only a name that is an account is.
    note_failure(user ? std::string_view{user->username} : kNobody, "credentials", origin);
    co_return LoginRefused{};
  }
  parts_.throttle.take_back(keys);
  if (verdict->needs_rehash) co_await raise_hash(user, std::move(kept), executor);
  auto methods = methods_of(*user);
  if (user->required_for.login && !methods.empty()) {
    co_return SecondFactorRequired{remember_pending(*user), std::move(methods)};
  }
  // Without a second factor the password is the whole proof, as it is for a step-up.
  const bool fresh = methods.empty();
  co_return co_await start_session(user, {.password = user->password_changed_at}, fresh, std::move(origin), executor);
}

// The password is at hand only now. A failure is no reason to refuse the login: the next one tries again.
Task<void> LoginService::raise_hash(UserPtr user, Secret password, Executor& executor) {
  auto hash = co_await hash_of(parts_.hashing, std::move(password), executor);
  if (!hash) co_return;
  (void)co_await parts_.users.replace_hash(user->id, user->password_hash, std::move(*hash), Actor{user->username, {}, {}},
                                           executor);
}

Secret LoginService::remember_pending(const User& user) {
  Secret token = Secret::take(parts_.random.token(kTokenBytes));
  const Monotonic now = parts_.clock.monotonic();
  pending_.with([&](auto& pending) {
    std::erase_if(pending, [now](const auto& entry) { return entry.second.ends <= now; });
    if (pending.size() >= kPendingMax) {
      const auto oldest = std::ranges::min_element(pending, {}, [](const auto& entry) { return entry.second.ends; });
      pending.erase(oldest);
    }
    pending[crypto::sha256_hex(token.reveal())] = {{user.id, user.password_changed_at}, now + kPendingLasts};
  });
  return token;
}

std::optional<PendingLogin> LoginService::take_try(std::string_view token) {
  const Monotonic now = parts_.clock.monotonic();
  return pending_.with([&](auto& pending) -> std::optional<PendingLogin> {
    const auto found = pending.find(crypto::sha256_hex(token));
    if (found == pending.end()) return std::nullopt;
    if (found->second.ends <= now || found->second.tries_left <= 0) {
      pending.erase(found);
      return std::nullopt;
    }
    --found->second.tries_left;
    return found->second.login;
  });
}

std::optional<UserId> LoginService::pending_user(std::string_view token) const {
  const Monotonic now = parts_.clock.monotonic();
  return pending_.with([&](const auto& pending) -> std::optional<UserId> {
    const auto found = pending.find(crypto::sha256_hex(token));
    if (found == pending.end() || found->second.ends <= now || found->second.tries_left <= 0) return std::nullopt;
    // A password that was changed in between is no longer a proof.
    const PendingLogin& login = found->second.login;
    const UserPtr user = parts_.users.find(login.user);
    if (!user || user->password_changed_at != login.password_changed_at) return std::nullopt;
    return login.user;
  });
}

void LoginService::forget_pending(std::string_view token) {
  pending_.with([&](auto& pending) { pending.erase(crypto::sha256_hex(token)); });
}

Task<LoginOutcome> LoginService::finish(std::string pending_token, std::string code, LoginOrigin origin,
                                        Executor& executor) {
  const auto pending = take_try(pending_token);
  const UserPtr user = pending ? parts_.users.find(pending->user) : nullptr;
  // A password that was changed in between is no longer a proof.
  if (!user || !user->enabled || user->password_changed_at != pending->password_changed_at) {
    note_failure("", "no_pending_login", origin);
    co_return LoginRefused{};
  }
  const auto check = co_await parts_.second_factors.verify(user->id, std::move(code), "login", code_limit(*user, origin),
                                                           actor_of(user->username, origin), executor);
  switch (check.outcome) {
    case CodeCheck::Outcome::RateLimited: co_return LoginRateLimited{check.retry_after};
    case CodeCheck::Outcome::Unavailable:
      co_return LoginUnavailable{{ErrorCode::Unavailable, "The gateway cannot check codes right now.", {}}};
    case CodeCheck::Outcome::Wrong:
      note_failure(user->username, "code", origin);
      co_return LoginRefused{};
    case CodeCheck::Outcome::Accepted: break;
  }
  forget_pending(pending_token);
  LoginProof proof{.password = pending->password_changed_at, .code = true, .authenticator = check.authenticator};
  co_return co_await start_session(user, std::move(proof), true, std::move(origin), executor);
}

Task<CodeCheck> LoginService::prove(UserId id, std::string code, LoginOrigin origin, Executor& executor) {
  const UserPtr user = parts_.users.find(id);
  if (!user) co_return CodeCheck{};
  const auto check = co_await parts_.second_factors.verify(id, std::move(code), "step_up", code_limit(*user, origin),
                                                           actor_of(user->username, origin), executor);
  if (check.outcome == CodeCheck::Outcome::Wrong) count_failure(origin.address);
  co_return check;
}

Task<LoginOutcome> LoginService::admit(PasskeyProof shown, std::optional<PendingLogin> pending, LoginOrigin origin,
                                       Executor& executor) {
  const UserPtr user = parts_.users.find(shown.user);
  if (!user || !user->enabled) {
    note_failure("", "credentials", origin);
    co_return LoginRefused{};
  }
  LoginProof proof{.passkey = std::move(shown.passkey)};
  if (pending) proof.password = pending->password_changed_at;
  co_return co_await start_session(user, std::move(proof), true, std::move(origin), executor);
}

Task<LoginOutcome> LoginService::start_session(UserPtr user, LoginProof proof, bool fresh, LoginOrigin origin,
                                               Executor& executor) {
  const std::string device = device_name(origin.user_agent);
  SessionRequest request{user->id, origin.address, device, fresh, std::move(proof)};
  auto started =
      co_await parts_.sessions.start(std::move(request), actor_of(user->username, origin), executor);
  if (!started && started.error().code == ErrorCode::Unauthenticated) {
    note_failure(user->username, "changed_meanwhile", origin);
    co_return LoginRefused{};
  }
  if (!started) co_return LoginUnavailable{started.error()};
  LoginSuccess success{std::move(*started), user, {}};
  if (!parts_.devices.device_of(*user, origin.device_cookie)) {
    success.device_cookie = parts_.devices.issue(*user, parts_.random);
    parts_.audit.record(actor_of(user->username, origin).event("login.new_device", {{"device", device}}));
    const NewDeviceLogin notice{user, origin.address.text(), device, parts_.clock.now()};
    for (const auto& observer : new_device_) observer(notice);
  }
  co_return success;
}

void LoginService::on_failed(std::function<void(const IpAddress&)> observer) {
  failed_.push_back(std::move(observer));
}

void LoginService::on_new_device(std::function<void(const NewDeviceLogin&)> observer) {
  new_device_.push_back(std::move(observer));
}

}  // namespace kavach::identity
