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

Scopes scopes_of(Role role) { return {.read = true, .trade = role != Role::Viewer}; }

}  // namespace kavach::identity
