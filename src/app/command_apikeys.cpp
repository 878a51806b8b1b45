#include <cstdio>

#include "app/commands.h"
#include "app/console_output.h"
#include "core/civil_time.h"
#include "identity/block_on.h"

namespace kavach::app {
namespace {

Result<identity::NewApiKey> request_of(Foundation& base, const ApiKeyOptions& options) {
  const auto user = base.users->find(options.user);
  if (!user) return fail(ErrorCode::NotFound, "There is no user " + options.user + "; see kavach user list.");
  identity::NewApiKey request;
  request.user = user->id;
  request.name = options.name;
  request.scope = identity::parse_key_scope(options.scope).value_or(identity::KeyScope::Read);
  if (!options.expires.empty()) {
    const auto lives = parse_duration(options.expires);
    if (!lives || lives->count() == 0) {
      return fail(ErrorCode::InvalidInput, "--expires takes a duration such as 30d or 12h.");
    }
    request.lives = *lives;
  }
  for (const std::string& text : options.allow) {
    const auto network = Cidr::parse(text);
    if (!network) return fail(ErrorCode::InvalidInput, "--allow takes a network such as 203.0.113.0/24.");
    request.allow.push_back(*network);
  }
  return request;
}

std::string when(const std::optional<TimePoint>& at) { return at ? utc_text(*at).substr(0, 19) + "Z" : "never"; }

std::string networks(const std::vector<Cidr>& allow) {
  std::string out;
  for (const Cidr& network : allow) out += (out.empty() ? "" : ",") + network.text();
  return out.empty() ? "anywhere" : out;
}

}  // namespace

int command_apikey_create(const std::filesystem::path& data, const ApiKeyOptions& options) {
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    auto request = request_of(base, options);
    if (!request) return pass_on(request);
    InlineExecutor here;
    auto created =
        identity::block_on(base.api_keys->create(std::move(*request), command_actor(), here));
    if (!created) return pass_on(created);
    const auto key = created->key.reveal();
    std::printf("%.*s\n", static_cast<int>(key.size()), key.data());
    std::fprintf(stderr, "A gateway that is running accepts this key within a second.\n");
    return {};
  });
}

int command_apikey_list(const std::filesystem::path& data, const std::string& username) {
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    std::optional<identity::UserId> only;
    if (!username.empty()) {
      const auto user = base.users->find(username);
      if (!user) return fail(ErrorCode::NotFound, "There is no user " + username + ".");
      only = user->id;
    }
    std::vector<std::vector<std::string>> rows{
        {"ID", "NAME", "SCOPE", "EXPIRES", "ADDRESSES", "LAST USED", "STATUS", "USER"}};
    for (const auto& key : base.api_keys->list(only)) {
      const auto user = base.users->find(key.user);
      rows.push_back({key.id, key.name, std::string{identity::name_of(key.scope)}, when(key.expires_at),
                      networks(key.allow), when(key.last_used_at), std::string{identity::name_of(key.status)},
                      user ? user->username : "?"});
    }
    print_table(rows);
    return {};
  });
}

int command_apikey_revoke(const std::filesystem::path& data, const std::string& id_or_name) {
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    const auto key = base.api_keys->find_view(id_or_name, std::nullopt);
    if (!key) {
      return fail(ErrorCode::NotFound,
                  "No single live key is called " + id_or_name + "; give its id from kavach apikey list.");
    }
    InlineExecutor here;
    return identity::block_on(base.api_keys->revoke(key->id, command_actor(), here));
  });
}

}  // namespace kavach::app
