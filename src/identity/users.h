#pragma once

// The accounts. All of them are held in an immutable snapshot, so that finding one needs no lock and no
// disk; changes commit first and then replace the snapshot. Used by every service of this room.
//
// Thread rule: `find*`, `list` and `has_owner` on any thread; the tasks resume on their executor;
// `load` and `reload_if_changed` block and belong on a worker.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/guarded.h"
#include "core/task.h"
#include "identity/actor.h"
#include "identity/joined_write.h"
#include "identity/principal.h"
#include "store/database.h"

namespace kavach::identity {

/// What a second factor is asked for. Meaningful once one is enrolled.
struct SecondFactorPurposes {
  bool login{true};
  bool reset{true};
  bool sensitive{true};
};

struct User {
  UserId id{0};
  std::string username;
  std::string email;
  Role role{Role::Viewer};
  bool enabled{true};
  std::string password_hash;
  TimePoint created_at{};
  std::optional<TimePoint> last_login_at;
  TimePoint password_changed_at{};
  SecondFactorPurposes required_for;
};
using UserPtr = std::shared_ptr<const User>;

struct NewUser {
  std::string username;
  std::string email;
  Role role{Role::Viewer};
  std::string password_hash;
};

/// 3 to 64 letters, digits and `._@+-`.
[[nodiscard]] Result<void> check_username(std::string_view name);
/// One `@` with something on both sides, no blanks, at most 254 bytes.
[[nodiscard]] Result<void> check_email(std::string_view email);

class Users {
 public:
  Users(store::Database& database, audit::AuditLog& audit, const Clock& clock);

  [[nodiscard]] Result<void> load();
  /// Picks up what another process changed; true if anything was.
  [[nodiscard]] Result<bool> reload_if_changed();

  /// Null when there is none. Names and mail addresses compare without regard to case.
  [[nodiscard]] UserPtr find(UserId id) const;
  [[nodiscard]] UserPtr find(std::string_view username) const;
  [[nodiscard]] UserPtr find_by_name_or_email(std::string_view text) const;
  [[nodiscard]] std::vector<UserPtr> list() const;
  [[nodiscard]] bool has_owner() const;

  /// Conflict when the name or the address is taken, or for a first owner (`only_as_first`) when any
  /// owner exists: decided inside the transaction, so that two setups cannot both win.
  [[nodiscard]] Task<Result<UserId>> create(NewUser user, bool only_as_first, Actor actor,
                                            Executor& executor);
  /// Conflict when the last enabled owner would be disabled. `also` is written in the same unit.
  [[nodiscard]] Task<Result<void>> set_enabled(UserId id, bool enabled, Actor actor, Executor& executor,
                                               JoinedWrite also = {});
  /// A new password: audited; devices become unknown, and links to reset it are void. `also` is written in the
  /// same unit.
  [[nodiscard]] Task<Result<void>> set_password_hash(UserId id, std::string hash, Actor actor, Executor& executor,
                                                     JoinedWrite also = {});
  /// The same password hashed anew. Conflict unless `verified`, the hash it was checked against, is still the
  /// account's: a password that was changed meanwhile must not come back.
  [[nodiscard]] Task<Result<void>> replace_hash(UserId id, std::string verified, std::string hash, Actor actor,
                                                Executor& executor);
  [[nodiscard]] Task<Result<void>> set_required_for(UserId id, SecondFactorPurposes purposes, Actor actor,
                                                    Executor& executor);
  /// Inside another unit's transaction; the snapshot follows with `note_login` once that is durable.
  [[nodiscard]] static Result<void> write_login(store::Transaction& transaction, UserId id, TimePoint at);
  void note_login(UserId id, TimePoint at);

 private:
  struct Index {
    std::map<UserId, UserPtr> by_id;
    std::map<std::string, UserPtr, std::less<>> by_name;   ///< folded
    std::map<std::string, UserPtr, std::less<>> by_email;  ///< folded
    std::int64_t counter{0};
  };

  [[nodiscard]] Result<Index> read_all();
  static void put(Index& index, User user);
  template <class Change>
  void change(UserId id, Change&& apply);

  store::Database& database_;
  audit::AuditLog& audit_;
  const Clock& clock_;
  std::mutex replacing_;  ///< held while the snapshot is replaced; readers never take it
  Snapshot<Index> index_;
};

}  // namespace kavach::identity
