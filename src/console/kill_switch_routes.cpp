// The kill switch: who runs the gateway stops everybody's orders at once, or lets only those through that reduce a
// position. Throwing it asks for nothing but a session; letting orders through again asks for a fresh proof.

#include <utility>

#include "console/handlers.h"
#include "console/reply.h"

namespace kavach::console {
namespace {

using trading::TradingState;

constexpr std::size_t kReasonBytesMax = 200;

http::Response state_reply(TradingState state) {
  DataReply out;
  out.json().object().field("state", trading::name_of(state)).end();
  return out.reply();
}

std::optional<TradingState> state_in(const json::object& body) {
  const json::value* asked = body.if_contains("state");
  if (asked == nullptr || !asked->is_string()) return std::nullopt;
  for (const auto state : {TradingState::Active, TradingState::Reducing, TradingState::Halted}) {
    if (asked->get_string() == trading::name_of(state)) return state;
  }
  return std::nullopt;
}

bool lets_more_through(TradingState now, TradingState next) {
  const auto strictness = [](TradingState state) {
    switch (state) {
      case TradingState::Active: return 0;
      case TradingState::Reducing: return 1;
      case TradingState::Halted: return 2;
      case TradingState::Reconciling: return 0;  // the start may only be made stricter
    }
    std::unreachable();
  };
  return strictness(next) < strictness(now);
}

Task<http::Response> state(Trader trader) { co_return state_reply(trader.services->kill_switch.state()); }

Task<http::Response> set_state(Trader trader) {
  const KillSwitch& kill_switch = trader.services->kill_switch;
  const json::object& body = trader.call->json_body();
  const auto next = state_in(body);
  if (!next) co_return bad_request("state must be ACTIVE, REDUCING or HALTED.");
  const json::value* reason = body.if_contains("reason");
  if (reason == nullptr || !reason->is_string() || reason->get_string().empty() ||
      reason->get_string().size() > kReasonBytesMax) {
    co_return bad_request("reason must be a text of 1 to 200 characters.");
  }
  if (lets_more_through(kill_switch.state(), *next) && !kill_switch.is_fresh(*trader.call)) co_return step_up_reply();
  const auto set = co_await resume_on<Result<void>>(*trader.call->executor, [&](auto complete) {
    kill_switch.set(trader.actor(), *next, std::string{reason->get_string()}, std::move(complete));
  });
  if (!set) co_return failure_reply(set.error());
  co_return state_reply(*next);
}

}  // namespace

void add_kill_switch_routes(ConsoleServices& services, guard::Routes& routes) {
  routes.push_back(reading(services, "/console/api/kill-switch", state));
  auto throwing = trading_act(services, "/console/api/kill-switch", set_state, guard::Priority::Essential);
  throwing.policy.access = guard::Access::OwnerSession;
  routes.push_back(std::move(throwing));
}

}  // namespace kavach::console
