#pragma once

// Who is asking, once authentication has decided. A Principal is a value: it says what was true when
// the request was authenticated and grants nothing by itself.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kavach::identity {

using UserId = std::int64_t;

enum class Role { Owner, Trader, Viewer };
[[nodiscard]] std::string_view name_of(Role role);
[[nodiscard]] std::optional<Role> parse_role(std::string_view name);

/// What a credential may do. A session has the scopes of its user's role, a key no more than its user.
struct Scopes {
  bool read{false};
  bool square_off{false};  ///< get out of the market: cancel orders, close positions
  bool trade{false};       ///< all that a trader does
  friend bool operator==(const Scopes&, const Scopes&) = default;
};

/// What both allow.
[[nodiscard]] Scopes operator&(const Scopes& one, const Scopes& other);

/// Viewers read; owners and traders also trade.
[[nodiscard]] Scopes scopes_of(Role role);

enum class Credential { None, ApiKey, Session };

struct Principal {
  Credential credential{Credential::None};
  UserId user{0};
  std::string username;
  Role role{Role::Viewer};
  Scopes scopes;
  std::string credential_id;  ///< API key id or session id (public handle, not the secret)

  [[nodiscard]] bool is_anonymous() const { return credential == Credential::None; }
};

}  // namespace kavach::identity
