#pragma once

// Signing in with a password, and a second factor where one is enrolled and asked for. The same work and
// the same answer for an unknown user, a wrong password and a disabled account; delays that grow with
// failures, per account and per source, and that a browser which has signed in before is not subject to,
// so strangers cannot lock the owner out.
//
// Tasks resume on their executor. Called by the console's routes.

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audit/audit_log.h"
#include "core/guarded.h"
#include "core/net_address.h"
#include "core/secret.h"
#include "core/task.h"
#include "crypto/hashing_pool.h"
#include "identity/attempt_throttle.h"
#include "identity/device_cookie.h"
#include "identity/login_proof.h"
#include "identity/passkeys.h"
#include "identity/second_factors.h"
#include "identity/sessions.h"
#include "identity/users.h"

namespace kavach::identity {

/// Where a login comes from.
struct LoginOrigin {
  IpAddress address;
  std::string user_agent;
  std::string device_cookie;  ///< empty when the browser sent none
  std::string request_id;
};

struct LoginSuccess {
  StartedSession session;
  UserPtr user;
  std::string device_cookie;  ///< to set; empty when the browser's is still good
};
/// The password was right. The pending token goes into a cookie and is good for five minutes and five tries.
struct SecondFactorRequired {
  Secret pending_token;
  std::vector<std::string> methods;  ///< `totp`, `recovery`, `passkey`
};
/// A login that waits for its second factor.
struct PendingLogin {
  UserId user{0};
  TimePoint password_changed_at{};  ///< of the password that was right
};
struct LoginRefused {};
struct LoginRateLimited {
  std::chrono::seconds retry_after{0};
};
/// 503: the hashing pool is full, or the store cannot answer.
struct LoginUnavailable {
  Error reason;
};
using LoginOutcome =
    std::variant<LoginSuccess, SecondFactorRequired, LoginRefused, LoginRateLimited, LoginUnavailable>;

struct NewDeviceLogin {
  UserPtr user;
  std::string address;
  std::string device;
  TimePoint at{};
};

class LoginService {
 public:
  struct Parts {
    Users& users;
    Sessions& sessions;
    SecondFactors& second_factors;
    crypto::HashingPool& hashing;
    AttemptThrottle& throttle;
    const DeviceCookies& devices;
    audit::AuditLog& audit;
    const Clock& clock;
    const SecureRandom& random;
    /// Whether the user has a passkey; may be empty.
    std::function<bool(UserId)> has_passkey{};
    /// Counts an attempt against the account's rate, by the SHA-256 of its name in hexadecimal; says how long
    /// to wait when it is used up. May be empty.
    std::function<std::optional<std::chrono::seconds>(std::string_view account)> account_rate{};
  };
  explicit LoginService(Parts parts);

  [[nodiscard]] Task<LoginOutcome> login(std::string username, Secret password, LoginOrigin origin,
                                         Executor& executor);
  /// The code after SecondFactorRequired. Refused for a wrong code and for an unknown pending token alike.
  [[nodiscard]] Task<LoginOutcome> finish(std::string pending_token, std::string code, LoginOrigin origin,
                                          Executor& executor);
  /// A passkey has been checked by the caller, for this user: to complete the login that is pending, or instead
  /// of a password where none is.
  [[nodiscard]] Task<LoginOutcome> admit(PasskeyProof shown, std::optional<PendingLogin> pending, LoginOrigin origin,
                                         Executor& executor);
  /// The code of somebody who is signed in, for a step-up. A wrong one counts against the address.
  [[nodiscard]] Task<CodeCheck> prove(UserId user, std::string code, LoginOrigin origin, Executor& executor);
  /// Who a pending token belongs to, for the passkey that may complete it. It stays pending.
  [[nodiscard]] std::optional<UserId> pending_user(std::string_view pending_token) const;
  /// The login a passkey is shown for, one of its tries used up; nothing when it has ended or none is left.
  [[nodiscard]] std::optional<PendingLogin> take_try(std::string_view pending_token);
  void forget_pending(std::string_view pending_token);

  /// Audits a refused login and tells the observers. For proofs that are checked elsewhere (passkeys).
  void note_failure(std::string_view username, std::string_view why, const LoginOrigin& origin) const;
  /// Tells the observers alone, of a guess whose audit is written by whoever judged it.
  void count_failure(const IpAddress& address) const;

  /// A wrong password or code, whoever's: the guard counts it against the address.
  void on_failed(std::function<void(const IpAddress&)> observer);
  /// After a login from a browser that had not signed in before. Keep it short: post elsewhere.
  void on_new_device(std::function<void(const NewDeviceLogin&)> observer);

 private:
  struct Pending {
    PendingLogin login;
    Monotonic ends{};
    int tries_left{5};
  };

  [[nodiscard]] AttemptThrottle::Keys keys_for(std::string_view username, const UserPtr& user,
                                               const LoginOrigin& origin) const;
  [[nodiscard]] std::optional<std::chrono::seconds> over_rate(std::string_view username, const UserPtr& user,
                                                              const LoginOrigin& origin) const;
  [[nodiscard]] CodeLimit code_limit(const User& user, const LoginOrigin& origin) const;
  [[nodiscard]] std::vector<std::string> methods_of(const User& user) const;
  [[nodiscard]] Task<void> raise_hash(UserPtr user, Secret password, Executor& executor);
  [[nodiscard]] Task<LoginOutcome> start_session(UserPtr user, LoginProof proof, bool fresh, LoginOrigin origin,
                                                 Executor& executor);
  [[nodiscard]] Secret remember_pending(const User& user);

  Parts parts_;
  std::vector<std::function<void(const IpAddress&)>> failed_;
  std::vector<std::function<void(const NewDeviceLogin&)>> new_device_;
  Guarded<std::map<std::string, Pending, std::less<>>> pending_;  ///< by SHA-256 of the token; bounded
};

}  // namespace kavach::identity
