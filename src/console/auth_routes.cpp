#include "console/auth_routes.h"

#include "console/auth_call.h"

namespace kavach::console {

guard::Routes auth_routes(AuthServices& services) {
  guard::Routes routes;
  add_login_routes(services, routes);
  add_account_routes(services, routes);
  add_second_factor_routes(services, routes);
  add_passkey_routes(services, routes);
  add_reset_routes(services, routes);
  return routes;
}

}  // namespace kavach::console
