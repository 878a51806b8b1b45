#pragma once

// Time-based one-time passwords and recovery codes. A TOTP step is accepted once and then it and all
// before it are dead; a recovery code is deleted by its use; both are decided by one conditional write,
// so two requests can never both win. Guesses are throttled per account.
//
// Recovery codes stand in for a lost authenticator app or passkey and live as long as the account has either.
// They are 60 random bits, so a keyed digest is enough to store them: there is nothing to
// guess that Argon2 would have to slow down. TOTP secrets are encrypted for their row.
//
// Thread rule: `status` on any thread without lock or disk; tasks resume on their executor; `load` and
// `reload_if_changed` block and belong on a worker.

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/guarded.h"
#include "core/random.h"
#include "core/secret.h"
#include "core/task.h"
#include "crypto/field_cipher.h"
#include "crypto/hmac.h"
#include "crypto/key_ring.h"
#include "identity/actor.h"
#include "identity/attempt_throttle.h"
#include "identity/joined_write.h"
#include "identity/principal.h"
#include "store/database.h"

namespace kavach::identity {

struct SecondFactorStatus {
  bool totp_enabled{false};
  std::size_t recovery_codes_left{0};
  std::optional<TimePoint> authenticator{};  ///< when it was enrolled: tells one enrolment from the next
};

/// What a second factor can be shown with, of `totp`, `recovery` and `passkey`; nothing where none is enrolled.
[[nodiscard]] std::vector<std::string> second_factor_methods(const SecondFactorStatus& status, bool has_passkey);

/// Shown once, while enrolling.
struct TotpEnrolment {
  Secret base32;
  Secret uri;  ///< what the QR code holds
};

struct CodeCheck {
  enum class Outcome { Accepted, Wrong, RateLimited, Unavailable };
  Outcome outcome{Outcome::Wrong};
  std::chrono::seconds retry_after{0};
  std::optional<TimePoint> authenticator{};  ///< as in the status when the code was accepted
};

/// How fast the codes of one account may be guessed for one purpose. Those who have what strangers have not (a
/// known browser, a mailed link) are counted apart, so that strangers cannot keep the owner waiting. Recovery codes,
/// which cannot be guessed, are always counted by address where nothing else tells who asks.
struct CodeLimit {
  AttemptThrottle::Rule rule;
  std::string whose{};                 ///< counted apart under this name; empty: with everybody
  AttemptThrottle::Keys ceilings{};    ///< further counters that a code of the app must pass
};

class SecondFactors {
 public:
  static constexpr std::size_t kRecoveryCodes = 10;
  static constexpr std::chrono::minutes kEnrolmentLives{15};

  struct Parts {
    store::Database& database;
    audit::AuditLog& audit;
    const crypto::KeyRing& ring;
    const crypto::FieldCipher& cipher;
    const Clock& clock;
    const SecureRandom& random;
    AttemptThrottle& throttle;
  };
  explicit SecondFactors(Parts parts);

  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<bool> reload_if_changed();
  [[nodiscard]] SecondFactorStatus status(UserId user) const;

  /// A new secret, in force only once `confirm` has seen a code of it. An enabled one stays until then.
  [[nodiscard]] Task<Result<TotpEnrolment>> begin(UserId user, std::string account, std::string session, Actor actor,
                                                  Executor& executor);
  /// Enables the secret and gives ten recovery codes. InvalidInput for a wrong code, RateLimited after too many:
  /// whoever has stolen the session of an unfinished enrolment would come by recovery codes here. Conflict after
  /// kEnrolmentLives, and in another session than the one that began it. `also` is written in the same unit.
  [[nodiscard]] Task<Result<std::vector<Secret>>> confirm(UserId user, std::string code, std::string session, Actor actor,
                                                          Executor& executor, JoinedWrite also = {});
  /// Ten new ones; the former are void. For an account with an authenticator app or a passkey, else Conflict.
  [[nodiscard]] Task<Result<std::vector<Secret>>> renew_recovery_codes(UserId user, bool has_passkey, Actor actor,
                                                                       Executor& executor);
  /// The authenticator app goes; the recovery codes stay where a passkey does.
  [[nodiscard]] Task<Result<void>> disable(UserId user, bool has_passkey, Actor actor, Executor& executor,
                                           JoinedWrite also = {});
  /// The secret and the recovery codes go, for a wider change that also records it.
  [[nodiscard]] JoinedWrite removal(UserId user);

  /// Six digits or a recovery code; a success uses it up. `purpose` names what for, in the audit, and
  /// separates the throttles.
  [[nodiscard]] Task<CodeCheck> verify(UserId user, std::string code, std::string purpose, CodeLimit limit,
                                       Actor actor, Executor& executor);

 private:
  struct Factors {
    std::string sealed_secret;
    std::string sealed_pending;
    std::int64_t last_step{0};
    std::set<std::string> recovery;  ///< digests
    TimePoint enrolled_at{};
    TimePoint pending_since{};
  };
  struct Index {
    std::map<UserId, Factors> by_user;
    std::int64_t counter{0};
  };

  [[nodiscard]] Result<Index> read_all();
  [[nodiscard]] JoinedWrite removal_of_totp(UserId user);
  [[nodiscard]] std::vector<Secret> new_codes() const;
  [[nodiscard]] std::string digest(UserId user, std::string_view code) const;
  /// As the user's table has it, under whichever key it was stored; empty when it is no code of his.
  [[nodiscard]] std::string stored_digest(const Factors& factors, UserId user, std::string_view code) const;
  [[nodiscard]] Result<void> write_codes(store::Transaction& transaction, UserId user,
                                         const std::set<std::string>& digests) const;
  [[nodiscard]] static AttemptThrottle::Keys limits_on(UserId user, const std::string& typed, const std::string& purpose,
                                                       CodeLimit limit, const Actor& actor);
  [[nodiscard]] Task<Result<bool>> use_totp(UserId user, std::string code, std::string purpose, Actor actor,
                                            Executor& executor);
  [[nodiscard]] Task<Result<bool>> use_recovery(UserId user, std::string code, std::string purpose, Actor actor,
                                                Executor& executor);
  template <class Change>
  void change(UserId user, Change&& apply);

  Parts parts_;
  std::mutex replacing_;
  Snapshot<Index> index_;
};

/// For login and step-up: five tries, then waits from half a minute. Three codes of a million are right at a time, and
/// who guesses here has the password: the long wait leaves him 18 tries in a day, one chance in 18,000.
inline constexpr AttemptThrottle::Rule kCodeRule{5, std::chrono::seconds{30}, std::chrono::hours{4}};
/// From a known browser, where most wrong codes are slips.
inline constexpr AttemptThrottle::Rule kKnownBrowserCodeRule{5, std::chrono::seconds{30}, std::chrono::minutes{15}};

}  // namespace kavach::identity
