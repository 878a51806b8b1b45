#include "identity/principal.h"

#include <utility>

namespace kavach::identity {

std::string_view name_of(Role role) {
  switch (role) {
    case Role::Owner: return "owner";
    case Role::Trader: return "trader";
    case Role::Viewer: return "viewer";
  }
  std::unreachable();
}

std::optional<Role> parse_role(std::string_view name) {
  for (const Role role : {Role::Owner, Role::Trader, Role::Viewer}) {
    if (name == name_of(role)) return role;
  }
  return std::nullopt;
}

Scopes operator&(const Scopes& one, const Scopes& other) {
  return {.read = one.read && other.read,
          .square_off = one.square_off && other.square_off,
          .trade = one.trade && other.trade};
}

Scopes scopes_of(Role role) {
  const bool trades = role != Role::Viewer;
  return {.read = true, .square_off = trades, .trade = trades};
}

}  // namespace kavach::identity
