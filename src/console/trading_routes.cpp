#include "console/handlers.h"
#include "console/policies.h"
#include "console/reply.h"
#include "console/routes.h"

namespace kavach::console {
namespace {

constexpr std::size_t kBodyBytesMax = 4096;

}  // namespace

guard::Route reading(ConsoleServices& services, std::string path, TraderHandler handler,
                     guard::Priority priority) {
  return {.method = http::Method::Get,
          .path = std::move(path),
          .policy = reading_policy(guard::Access::Session, guard::RateClass::ConsoleRead, priority),
          .handle = [&services, handler](guard::Call& call) { return handler({&call, &services}); }};
}

guard::Route trading_act(ConsoleServices& services, std::string path, TraderHandler handler,
                         guard::Priority priority) {
  return {.method = http::Method::Post,
          .path = std::move(path),
          .policy = acting_policy(guard::Access::Session, guard::RateClass::ConsoleWrite, kBodyBytesMax, priority),
          .handle = [&services, handler](guard::Call& call) {
            if (!call.principal.scopes.trade) {
              return ready(failure_reply({ErrorCode::Forbidden, "Your role may look, not trade.", {}}));
            }
            return handler({&call, &services});
          }};
}

guard::Routes console_trading_routes(ConsoleServices& services) {
  guard::Routes routes;
  add_book_routes(services, routes);
  add_order_routes(services, routes);
  add_market_routes(services, routes);
  add_kill_switch_routes(services, routes);
  add_mode_routes(services, routes);
  return routes;
}

}  // namespace kavach::console
