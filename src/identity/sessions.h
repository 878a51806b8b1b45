#pragma once

// Console sessions. The browser holds a random 256-bit token; the gateway stores only its keyed digest,
// in a row that it can delete. A session ends at an instant fixed when it began (the next
// SESSION_EXPIRY_TIME), after an idle time, by logout, by revocation, or as the oldest above the cap.
//
// Thread rule: `find`, `is_live` and `list` on any thread without lock or disk; tasks resume on their
// executor; `load`, `reload_if_changed` and `sweep` block and belong on a worker, `sweep` once a second.
// Invariant: what has ended is refused before its ending is acknowledged, and stays refused after a
// restart and after the clock is set back (ForwardClock and its stored watermark).

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_log.h"
#include "core/civil_time.h"
#include "core/guarded.h"
#include "core/net_address.h"
#include "core/random.h"
#include "core/secret.h"
#include "core/task.h"
#include "crypto/hmac.h"
#include "crypto/key_ring.h"
#include "identity/actor.h"
#include "identity/forward_clock.h"
#include "identity/joined_write.h"
#include "identity/login_proof.h"
#include "identity/principal.h"
#include "identity/users.h"
#include "store/database.h"

namespace kavach::identity {

struct SessionSettings {
  TimeZone zone{};
  TimeOfDay daily_end{3 * 60 + 30};
  bool ends_daily{true};  ///< otherwise 24 hours after login
  std::chrono::seconds idle_max{30 * 60};
  std::size_t per_user_max{5};
};

/// How long a shown second factor counts as fresh for sensitive changes.
inline constexpr std::chrono::minutes kStepUpLasts{5};

enum class SessionEnd { Logout, Revoked, Expired, Idle, TooMany, PasswordChanged, AccountDisabled };
[[nodiscard]] std::string_view name_of(SessionEnd reason);

struct EndedSession {
  std::string id;
  UserId user{0};
  SessionEnd reason{SessionEnd::Logout};
};

/// What a request learns from its cookie.
struct ActiveSession {
  Principal principal;     ///< credential_id is the session's public id
  std::string csrf_token;  ///< changes with the token
  TimePoint ends_at{};
  std::optional<TimePoint> fresh_until;  ///< set while sensitive changes need no further proof
};

/// The only time the token exists outside the browser.
struct StartedSession {
  std::string id;
  Secret token;
  std::string csrf_token;
  TimePoint ends_at{};
  std::optional<TimePoint> fresh_until;
};

/// One row of the list of devices.
struct SessionView {
  std::string id;
  TimePoint created_at{};
  TimePoint last_seen_at{};
  TimePoint ends_at{};
  std::string address;
  std::string device;
};

struct SessionRequest {
  UserId user{0};
  IpAddress address;
  std::string device;          ///< from device_name()
  bool fresh{false};           ///< everything the account asks for was shown just now
  LoginProof proof{};
};

class Sessions {
 public:
  Sessions(store::Database& database, audit::AuditLog& audit, Users& users, const crypto::KeyRing& ring,
           const Clock& clock, const SecureRandom& random, SessionSettings settings);
  ~Sessions();

  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<bool> reload_if_changed();
  /// Ends what has expired, writes what has been seen since, moves the watermark.
  [[nodiscard]] Result<void> sweep();

  /// The live session of a cookie's value, its activity noted; nothing for anything else.
  [[nodiscard]] std::optional<ActiveSession> find(std::string_view token);
  /// For connections that outlive their first request.
  [[nodiscard]] bool is_live(std::string_view id) const;
  /// Whether a second factor (or the password, where none is enrolled) was shown within kStepUpLasts.
  [[nodiscard]] bool is_fresh(std::string_view id) const;
  [[nodiscard]] std::vector<SessionView> list(UserId user) const;

  /// Unauthenticated when the proof no longer stands: the account was changed since it was judged.
  [[nodiscard]] Task<Result<StartedSession>> start(SessionRequest request, Actor actor, Executor& executor);
  /// The same session under a new token and a new public id; the former token is dead at once, and so is what
  /// was opened with it. `fresh` after a step-up. Conflict when it has ended, or another request has just
  /// renewed it.
  [[nodiscard]] Task<Result<StartedSession>> rotate(std::string id, bool fresh, Actor actor,
                                                    Executor& executor);
  /// NotFound when the user has no such session.
  [[nodiscard]] Task<Result<void>> end(std::string id, UserId user, SessionEnd reason, Actor actor,
                                       Executor& executor);

  /// What a change that must not leave sessions behind takes into its own unit: all of the user's sessions end
  /// but `keep` (empty: all).
  [[nodiscard]] JoinedWrite ending(UserId user, std::string keep, SessionEnd reason, Actor actor);
  /// What a change of privilege takes along: the user's other sessions end, and this one is renewed as by `rotate`;
  /// its token is in `session` for whoever made the change. Conflict as with `rotate`, here or in the unit.
  struct Renewal {
    JoinedWrite write;
    std::shared_ptr<StartedSession> session;
  };
  [[nodiscard]] Result<Renewal> renewal(std::string id, bool fresh, SessionEnd reason, Actor actor);

  /// Called on whatever thread ended the session, after it is refused. Add before serving; keep it short.
  void on_ended(std::function<void(const EndedSession&)> observer);

  [[nodiscard]] const SessionSettings& settings() const { return settings_; }
  /// When a session that starts at `now` must end.
  [[nodiscard]] TimePoint absolute_end(TimePoint now) const;

 private:
  struct Live;
  struct Index;
  using LivePtr = std::shared_ptr<Live>;

  [[nodiscard]] bool expired(const Live& live, TimePoint now) const;
  [[nodiscard]] std::string csrf_of(const crypto::Digest256& digest) const;
  [[nodiscard]] LivePtr by_id(std::string_view id) const;
  [[nodiscard]] std::vector<LivePtr> of_user(UserId user) const;
  [[nodiscard]] LivePtr make_live(SessionRequest request, TimePoint now, std::string_view token) const;
  [[nodiscard]] StartedSession describe(const Live& live, Secret token) const;
  [[nodiscard]] Result<Index> read_all(const Index& known);
  [[nodiscard]] Result<Renewal> rotation(const std::string& id, bool fresh, Actor actor);
  void drop(const std::vector<LivePtr>& ended, SessionEnd reason);
  void report(const Live& live, SessionEnd reason) const;
  template <class Change>
  void change_index(Change&& change);

  store::Database& database_;
  audit::AuditLog& audit_;
  Users& users_;
  const SecureRandom& random_;
  const SessionSettings settings_;
  const crypto::KeyRing& ring_;
  ForwardClock clock_;
  TimePoint written_at_{};  ///< of `sweep` alone
  std::vector<std::function<void(const EndedSession&)>> observers_;
  std::mutex replacing_;
  Snapshot<Index> index_;
};

}  // namespace kavach::identity
