// Place, modify, cancel, cancel all, close all.

#include "console/handlers.h"
#include "console/order_body.h"
#include "console/reply.h"

namespace kavach::console {
namespace {

// Where the store does not hold what was done.
void write_notice(JsonWriter& json, trading::RecordedIn where) {
  const std::string_view notice = trading::notice_of(where);
  if (!notice.empty()) json.field("notice", notice);
}

http::Response placed_reply(const trading::Answer<trading::Placed>& answer) {
  if (!answer) return refusal_reply(answer.error());
  if (answer->status == trading::OrderStatus::Unknown) {
    return refusal_reply({{ErrorCode::OutcomeUnknown,
                           "The broker has not answered: the order may be live. Watch the order book before you place it again.",
                           {}},
                          "OUTCOME_UNKNOWN",
                          answer->order_id});
  }
  DataReply out;
  out.json().object().field("orderid", answer->order_id);
  write_notice(out.json(), answer->recorded_in);
  out.json().end();
  return out.reply();
}

Task<http::Response> place_order(Trader trader) {
  auto request = order_of(trader.call->json_body());
  if (!request) co_return failure_reply(request.error());
  const auto answer = co_await place(trader, std::move(*request));
  co_return placed_reply(answer);
}

Task<http::Response> modify_order(Trader trader) {
  auto change = change_of(trader.call->json_body());
  if (!change) co_return failure_reply(change.error());
  const auto answer = co_await modify(trader, std::move(*change));
  co_return placed_reply(answer);
}

Task<http::Response> cancel_order(Trader trader) {
  auto order_id = order_id_of(trader.call->json_body());
  if (!order_id) co_return failure_reply(order_id.error());
  const auto answer = co_await cancel(trader, std::move(*order_id));
  co_return placed_reply(answer);
}

Task<http::Response> cancel_all_orders(Trader trader) {
  const auto answer = co_await cancel_all(trader);
  if (!answer) co_return refusal_reply(answer.error());
  DataReply out;
  JsonWriter& json = out.json();
  json.object().key("cancelled").array();
  for (const std::string& id : answer->cancelled) json.value(id);
  json.end().key("failed").array();
  for (const trading::FailedOrder& order : answer->failed) {
    json.object().field("orderid", order.order_id).field("message", order.message).end();
  }
  json.end();
  write_notice(json, answer->recorded_in);
  json.end();
  co_return out.reply();
}

Task<http::Response> close_all_positions(Trader trader) {
  const auto answer = co_await close_all(trader);
  if (!answer) co_return refusal_reply(answer.error());
  DataReply out;
  JsonWriter& json = out.json();
  json.object()
      .field("closed", answer->closed)
      .field("pending", answer->pending)
      .field("failed", static_cast<std::int64_t>(answer->failures.size()))
      .key("failures")
      .array();
  for (const trading::FailedClosure& failed : answer->failures) {
    json.object()
        .field("symbol", failed.instrument.symbol)
        .field("exchange", market::name_of(failed.instrument.exchange))
        .field("product", trading::name_of(failed.product))
        .field("message", failed.why.error.message)
        .end();
  }
  json.end();
  write_notice(json, answer->recorded_in);
  json.end();
  co_return out.reply();
}

}  // namespace

void add_order_routes(ConsoleServices& services, guard::Routes& routes) {
  using guard::Priority;
  routes.push_back(trading_act(services, "/console/api/orders", place_order));
  routes.push_back(trading_act(services, "/console/api/orders/modify", modify_order));
  routes.push_back(trading_act(services, "/console/api/orders/cancel", cancel_order, Priority::Essential));
  routes.push_back(trading_act(services, "/console/api/orders/cancel-all", cancel_all_orders, Priority::Essential));
  routes.push_back(
      trading_act(services, "/console/api/positions/close-all", close_all_positions, Priority::Essential));
}

}  // namespace kavach::console
