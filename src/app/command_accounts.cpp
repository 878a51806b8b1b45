#include "app/commands.h"
#include "app/console_output.h"
#include "core/civil_time.h"
#include "identity/block_on.h"
#include "identity/passkeys.h"
#include "identity/second_factor_reset.h"

namespace kavach::app {
namespace {

Result<void> add_account(Foundation& base, const std::string& username, const std::string& email,
                         identity::Role role, bool only_as_first) {
  auto password = read_password();
  if (!password) return pass_on(password);
  InlineExecutor here;
  auto added = identity::block_on(base.accounts->add({username, email, std::move(*password), role}, only_as_first,
                                                     command_actor(), here));
  if (!added) return pass_on(added);
  return {};
}

Result<identity::UserId> user_named(Foundation& base, const std::string& username) {
  const auto user = base.users->find(username);
  if (!user) return fail(ErrorCode::NotFound, "There is no user " + username + "; see kavach user list.");
  return user->id;
}

identity::Role role_named(const std::string& name) {
  for (const auto role : {identity::Role::Owner, identity::Role::Trader}) {
    if (identity::name_of(role) == name) return role;
  }
  return identity::Role::Viewer;
}

}  // namespace

int command_setup(const std::filesystem::path& data, const SetupOptions& options) {
  return with_foundation(data, [&](Foundation& base) {
    return add_account(base, options.username, options.email, identity::Role::Owner, true);
  });
}

int command_user_add(const std::filesystem::path& data, const UserAddOptions& options) {
  return with_foundation(data, [&](Foundation& base) {
    return add_account(base, options.username, options.email, role_named(options.role), false);
  });
}

int command_user_list(const std::filesystem::path& data) {
  return with_foundation(data, [](Foundation& base) -> Result<void> {
    std::vector<std::vector<std::string>> rows{{"USER", "ROLE", "ENABLED", "MAIL", "LAST LOGIN"}};
    for (const auto& user : base.users->list()) {
      rows.push_back({user->username, std::string{identity::name_of(user->role)}, user->enabled ? "yes" : "no",
                      user->email, user->last_login_at ? utc_text(*user->last_login_at).substr(0, 19) + "Z" : "never"});
    }
    print_table(rows);
    return {};
  });
}

int command_user_disable(const std::filesystem::path& data, const std::string& username) {
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    auto user = user_named(base, username);
    if (!user) return pass_on(user);
    InlineExecutor here;
    return identity::block_on(base.accounts->set_enabled(*user, false, command_actor(), here));
  });
}

int command_user_reset_password(const std::filesystem::path& data, const std::string& username) {
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    auto user = user_named(base, username);
    if (!user) return pass_on(user);
    auto password = read_password();
    if (!password) return pass_on(password);
    InlineExecutor here;
    return identity::block_on(
        base.accounts->reset_password(*user, std::move(*password), command_actor(), here));
  });
}

int command_user_reset_second_factor(const std::filesystem::path& data, const std::string& username) {
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    auto user = user_named(base, username);
    if (!user) return pass_on(user);
    InlineExecutor here;
    identity::Passkeys passkeys{{*base.database, *base.audit, *base.users, *base.ring, base.clock, base.random, {}}};
    if (auto loaded = passkeys.load(); !loaded) return loaded;
    identity::SecondFactorReset reset{{*base.database, *base.audit, *base.second_factors, passkeys, *base.sessions}};
    return identity::block_on(reset.run(base.users->find(*user), command_actor(), here));
  });
}

}  // namespace kavach::app
