// Live or analyze: where the user's orders go. Going live asks for a fresh proof, going back for a session only.

#include "console/handlers.h"
#include "console/reply.h"

namespace kavach::console {
namespace {

http::Response mode_reply(bool analyze) {
  DataReply out;
  out.json().object().field("mode", analyze ? "analyze" : "live").end();
  return out.reply();
}

Task<http::Response> mode(Trader trader) {
  co_return mode_reply(trader.services->mode.is_analyze(trader.call->principal.user));
}

Task<http::Response> set_mode(Trader trader) {
  const json::value* asked = trader.call->json_body().if_contains("mode");
  const bool analyze = asked != nullptr && *asked == "analyze";
  if (!analyze && (asked == nullptr || *asked != "live")) co_return bad_request("mode must be live or analyze.");
  const bool goes_live = !analyze && trader.services->mode.is_analyze(trader.call->principal.user);
  if (goes_live && !trader.services->kill_switch.is_fresh(*trader.call)) co_return step_up_reply();
  const auto stored = co_await resume_on<Result<void>>(*trader.call->executor, [&](auto complete) {
    trader.services->mode.set_analyze(trader.actor(), trader.call->principal.user, analyze, std::move(complete));
  });
  if (!stored) co_return failure_reply(stored.error());
  co_return mode_reply(analyze);
}

}  // namespace

void add_mode_routes(ConsoleServices& services, guard::Routes& routes) {
  routes.push_back(reading(services, "/console/api/mode", mode));
  routes.push_back(trading_act(services, "/console/api/mode", set_mode));
}

}  // namespace kavach::console
