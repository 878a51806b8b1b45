#include "identity/users.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "identity/change_counters.h"
#include "identity/commit.h"
#include "identity/one_time_tokens.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kNameMin = 3;
constexpr std::size_t kNameMax = 64;
constexpr std::size_t kEmailMax = 254;
constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+-";

TimePoint at_micros(std::int64_t micros) { return TimePoint{Micros{micros}}; }

User user_from(const store::Row& row) {
  User user;
  user.id = row.integer(0);
  user.username = row.text(1);
  user.email = row.text(2);
  user.role = parse_role(row.text(3)).value_or(Role::Viewer);  // an unknown role may do the least
  user.password_hash = row.text(4);
  user.enabled = row.integer(5) != 0;
  user.created_at = at_micros(row.integer(6));
  if (!row.is_null(7)) user.last_login_at = at_micros(row.integer(7));
  user.password_changed_at = at_micros(row.integer(8));
  user.required_for = {row.integer(9) != 0, row.integer(10) != 0, row.integer(11) != 0};
  return user;
}

std::unexpected<Error> no_such_user() { return fail(ErrorCode::NotFound, "There is no such user."); }

/// One row must have changed.
Result<void> exactly_one(Result<std::int64_t> changed) {
  if (!changed) return pass_on(std::move(changed));
  if (*changed != 1) return no_such_user();
  return {};
}

Result<std::int64_t> count(store::Transaction& transaction, std::string_view sql, store::Params params) {
  std::int64_t found = 0;
  auto read = transaction.query(sql, params, [&](const store::Row& row) { found = row.integer(0); });
  if (!read) return pass_on(std::move(read));
  return found;
}

Result<void> refuse_taken(store::Transaction& transaction, const NewUser& user, bool only_as_first) {
  if (only_as_first) {
    const auto owners = count(transaction, "SELECT COUNT(*) FROM users WHERE role = ?", {"owner"});
    if (!owners) return pass_on(owners);
    if (*owners > 0) return fail(ErrorCode::Conflict, "This gateway already has an owner; sign in instead.");
  }
  const auto taken = count(transaction, "SELECT COUNT(*) FROM users WHERE username_folded = ? OR email_folded = ?",
                           {to_lower(user.username), to_lower(user.email)});
  if (!taken) return pass_on(taken);
  if (*taken > 0) return fail(ErrorCode::Conflict, "That user name or mail address is taken; choose another.");
  return {};
}

Result<void> insert(store::Transaction& transaction, const User& user) {
  auto inserted = transaction.execute(
      "INSERT INTO users (id, username, username_folded, email, email_folded, role, password_hash, enabled, "
      "created_at, password_changed_at, required_for_login, required_for_reset, required_for_sensitive) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, 1, 1, 1)",
      {user.id, user.username, to_lower(user.username), user.email, to_lower(user.email), name_of(user.role),
       user.password_hash, epoch_micros(user.created_at), epoch_micros(user.password_changed_at)});
  if (!inserted) return pass_on(std::move(inserted));
  return bump_counter(transaction, kUsersTopic);
}

}  // namespace

Result<void> check_username(std::string_view name) {
  if (name.size() < kNameMin || name.size() > kNameMax ||
      name.find_first_not_of(kNameCharacters) != std::string_view::npos) {
    return fail(ErrorCode::InvalidInput, "A user name has 3 to 64 letters, digits or the characters . _ @ + -");
  }
  return {};
}

Result<void> check_email(std::string_view email) {
  const auto at = email.find('@');
  const bool blank = std::ranges::any_of(email, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; });
  const bool shaped = at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
                      email.find('@', at + 1) == std::string_view::npos;
  if (!shaped || blank || email.size() > kEmailMax || !is_valid_utf8(email)) {
    return fail(ErrorCode::InvalidInput, "Enter a mail address such as ada@example.org.");
  }
  return {};
}

Users::Users(store::Database& database, audit::AuditLog& audit, const Clock& clock)
    : database_{database}, audit_{audit}, clock_{clock} {}

Result<Users::Index> Users::read_all() {
  Index index;
  auto read = database_.read([&](store::Reader& reader) -> Result<void> {
    auto counter = read_counter(reader, kUsersTopic);
    if (!counter) return pass_on(std::move(counter));
    index.counter = *counter;
    return reader.query(
        "SELECT id, username, email, role, password_hash, enabled, created_at, last_login_at, "
        "password_changed_at, required_for_login, required_for_reset, required_for_sensitive FROM users",
        {}, [&](const store::Row& row) {
          auto user = std::make_shared<const User>(user_from(row));
          index.by_name[to_lower(user->username)] = user;
          index.by_email[to_lower(user->email)] = user;
          index.by_id[user->id] = std::move(user);
        });
  });
  if (!read) return pass_on(std::move(read));
  return index;
}

Result<void> Users::load() {
  const std::lock_guard lock{replacing_};
  auto index = read_all();
  if (!index) return pass_on(std::move(index));
  index_.replace(std::move(*index));
  return {};
}

Result<bool> Users::reload_if_changed() {
  const auto counter = current_counter(database_, kUsersTopic);
  if (!counter) return pass_on(counter);
  if (*counter == index_.read()->counter) return false;
  auto loaded = load();
  if (!loaded) return pass_on(std::move(loaded));
  return true;
}

UserPtr Users::find(UserId id) const {
  const auto index = index_.read();
  const auto found = index->by_id.find(id);
  return found == index->by_id.end() ? nullptr : found->second;
}

UserPtr Users::find(std::string_view username) const {
  if (username.size() > kNameMax) return nullptr;
  const auto index = index_.read();
  const auto found = index->by_name.find(to_lower(username));
  return found == index->by_name.end() ? nullptr : found->second;
}

UserPtr Users::find_by_name_or_email(std::string_view text) const {
  if (auto user = find(text)) return user;
  if (text.size() > kEmailMax) return nullptr;
  const auto index = index_.read();
  const auto found = index->by_email.find(to_lower(text));
  return found == index->by_email.end() ? nullptr : found->second;
}

std::vector<UserPtr> Users::list() const {
  std::vector<UserPtr> users;
  for (const auto& [id, user] : index_.read()->by_id) users.push_back(user);
  return users;
}

bool Users::has_owner() const {
  return std::ranges::any_of(index_.read()->by_id,
                             [](const auto& entry) { return entry.second->role == Role::Owner; });
}

void Users::put(Index& index, User user) {
  auto shared = std::make_shared<const User>(std::move(user));
  index.by_name[to_lower(shared->username)] = shared;
  index.by_email[to_lower(shared->email)] = shared;
  index.by_id[shared->id] = std::move(shared);
}

// Copied and put back under one lock: a copy from before a reload would undo what the reload has read.
template <class Change>
void Users::change(UserId id, Change&& apply) {
  const std::lock_guard lock{replacing_};
  Index index = *index_.read();
  const auto known = index.by_id.find(id);
  if (known == index.by_id.end()) return;
  User changed = *known->second;
  apply(changed);
  put(index, std::move(changed));
  index_.replace(std::move(index));
}

Task<Result<UserId>> Users::create(NewUser user, bool only_as_first, Actor actor, Executor& executor) {
  if (auto valid = check_username(user.username); !valid) co_return pass_on(std::move(valid));
  if (auto valid = check_email(user.email); !valid) co_return pass_on(std::move(valid));
  auto created = std::make_shared<User>();
  const TimePoint now = clock_.now();
  store::Unit unit = [this, created, user, only_as_first, actor, now](store::Transaction& transaction) -> Result<void> {
    if (auto free = refuse_taken(transaction, user, only_as_first); !free) return free;
    const auto last = count(transaction, "SELECT COALESCE(MAX(id), 0) FROM users", {});
    if (!last) return pass_on(last);
    *created = User{.id = *last + 1, .username = user.username, .email = user.email, .role = user.role,
                    .enabled = true, .password_hash = user.password_hash, .created_at = now,
                    .last_login_at = std::nullopt, .password_changed_at = now, .required_for = {}};
    if (auto inserted = insert(transaction, *created); !inserted) return inserted;
    return audit_.append(transaction, actor.event("user.created", {{"username", user.username},
                                                                   {"role", name_of(user.role)}}));
  };
  auto committed = co_await commit(executor, database_, std::move(unit), [this, created] {
    const std::lock_guard lock{replacing_};
    Index index = *index_.read();
    put(index, *created);
    index_.replace(std::move(index));
  });
  if (!committed) co_return pass_on(std::move(committed));
  co_return created->id;
}

Task<Result<void>> Users::set_enabled(UserId id, bool enabled, Actor actor, Executor& executor, JoinedWrite also) {
  const auto user = find(id);
  if (!user) co_return no_such_user();
  store::Unit unit = [this, id, enabled, actor, name = user->username](store::Transaction& transaction) -> Result<void> {
    const auto others = count(transaction,
                              "SELECT COUNT(*) FROM users WHERE role = 'owner' AND enabled = 1 AND id <> ?", {id});
    if (!others) return pass_on(others);
    const auto owner = count(transaction, "SELECT COUNT(*) FROM users WHERE role = 'owner' AND id = ?", {id});
    if (!owner) return pass_on(owner);
    if (!enabled && *owner == 1 && *others == 0) {
      return fail(ErrorCode::Conflict, "The last owner cannot be disabled; add another owner first.");
    }
    auto changed = exactly_one(transaction.execute("UPDATE users SET enabled = ? WHERE id = ?",
                                                   {std::int64_t{enabled}, id}));
    if (!changed) return changed;
    if (auto bumped = bump_counter(transaction, kUsersTopic); !bumped) return bumped;
    return audit_.append(transaction, actor.event(enabled ? "user.enabled" : "user.disabled", {{"username", name}}));
  };
  Job applied = [this, id, enabled] { change(id, [&](User& changed) { changed.enabled = enabled; }); };
  co_return co_await commit(executor, database_, std::move(unit), std::move(applied), std::move(also));
}

Task<Result<void>> Users::set_password_hash(UserId id, std::string hash, Actor actor, Executor& executor,
                                            JoinedWrite also) {
  const auto user = find(id);
  if (!user) co_return no_such_user();
  // Always a new instant, for device cookies and pending logins are told apart by it.
  const TimePoint changed_at = std::max(clock_.now(), user->password_changed_at + Micros{1});
  store::Unit unit = [this, id, hash, changed_at, actor, name = user->username](store::Transaction& transaction) -> Result<void> {
    auto updated = exactly_one(transaction.execute(
        "UPDATE users SET password_hash = ?, password_changed_at = ? WHERE id = ?", {hash, epoch_micros(changed_at), id}));
    if (!updated) return updated;
    if (auto bumped = bump_counter(transaction, kUsersTopic); !bumped) return bumped;
    return audit_.append(transaction, actor.event("password.changed", {{"username", name}}));
  };
  Job applied = [this, id, hash, changed_at] {
    change(id, [&](User& edited) {
      edited.password_hash = hash;
      edited.password_changed_at = changed_at;
    });
  };
  // Last: one of them may be what `also` redeems.
  also = both(std::move(also), OneTimeTokens::voiding(TokenPurpose::PasswordReset, id));
  co_return co_await commit(executor, database_, std::move(unit), std::move(applied), std::move(also));
}

Task<Result<void>> Users::replace_hash(UserId id, std::string verified, std::string hash, Actor actor, Executor& executor) {
  const auto user = find(id);
  if (!user) co_return no_such_user();
  store::Unit unit = [this, id, verified, hash, actor, name = user->username](store::Transaction& transaction) -> Result<void> {
    auto updated = transaction.execute("UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
                                       {hash, id, verified});
    if (!updated) return pass_on(std::move(updated));
    if (*updated != 1) return fail(ErrorCode::Conflict, "The password was changed meanwhile.");
    if (auto bumped = bump_counter(transaction, kUsersTopic); !bumped) return bumped;
    return audit_.append(transaction, actor.event("password.rehashed", {{"username", name}}));
  };
  co_return co_await commit(executor, database_, std::move(unit), [this, id, hash] {
    change(id, [&](User& edited) { edited.password_hash = hash; });
  });
}

Task<Result<void>> Users::set_required_for(UserId id, SecondFactorPurposes purposes, Actor actor,
                                           Executor& executor) {
  const auto user = find(id);
  if (!user) co_return no_such_user();
  store::Unit unit = [this, id, purposes, actor, name = user->username](store::Transaction& transaction) -> Result<void> {
    auto updated = exactly_one(transaction.execute(
        "UPDATE users SET required_for_login = ?, required_for_reset = ?, required_for_sensitive = ? WHERE id = ?",
        {std::int64_t{purposes.login}, std::int64_t{purposes.reset}, std::int64_t{purposes.sensitive}, id}));
    if (!updated) return updated;
    if (auto bumped = bump_counter(transaction, kUsersTopic); !bumped) return bumped;
    return audit_.append(transaction, actor.event("second_factor.purposes", {{"username", name},
                                                                             {"login", purposes.login},
                                                                             {"reset", purposes.reset},
                                                                             {"sensitive", purposes.sensitive}}));
  };
  co_return co_await commit(executor, database_, std::move(unit), [this, id, purposes] {
    change(id, [&](User& edited) { edited.required_for = purposes; });
  });
}

Result<void> Users::write_login(store::Transaction& transaction, UserId id, TimePoint at) {
  return exactly_one(
      transaction.execute("UPDATE users SET last_login_at = ? WHERE id = ?", {epoch_micros(at), id}));
}

void Users::note_login(UserId id, TimePoint at) {
  change(id, [at](User& user) { user.last_login_at = at; });
}

}  // namespace kavach::identity
