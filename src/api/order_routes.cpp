// placeorder, placesmartorder, modifyorder, cancelorder and cancelallorder.

#include <utility>

#include "api/order_bodies.h"
#include "api/order_calls.h"
#include "api/resources.h"

namespace kavach::api {
namespace {

using trading::CancelledOrders;

http::Response key_refusal(const FieldErrors& errors) {
  return schema_refusal(ErrorFamily::Literal, {}, errors, Mode::Live);
}

Task<http::Response> place_order(Context context, PlaceOrderBody body) {
  auto key = idempotency_key(context, body.client_order_id);
  if (!key) co_return key_refusal(key.error());
  auto request = order_request(body, std::move(body.strategy), std::move(*key));
  const PlacedAnswer answer = co_await place(context, std::move(request));
  co_return placed_reply(context, answer);
}

// A signed target is cut to a whole number, as the contract has it.
Quantity whole_target(Quantity target) { return Quantity::whole(target.whole_part()); }

http::Response no_order_needed(const Context& context, bool exit_when_flat) {
  ReplyWriter out;
  out.json().object().field("message", exit_when_flat
                                           ? "No OpenPosition Found. Not placing Exit order."
                                           : "Positions Already Matched. No Action needed.");
  if (context.analyze) out.json().field("mode", "analyze");
  out.json().field("status", "success").end();
  return out.reply();
}

Task<http::Response> place_smart_order(Context context, SmartOrderBody body) {
  auto key = idempotency_key(context, body.client_order_id);
  if (!key) co_return key_refusal(key.error());
  const bool exit_when_flat = context.analyze && body.quantity.is_zero();
  const Quantity target = whole_target(body.position_size);
  auto request = order_request(body, std::move(body.strategy), std::move(*key));
  const PlacedAnswer answer = co_await place_towards(context, std::move(request), target);
  if (answer && answer->order_id.empty()) co_return no_order_needed(context, exit_when_flat);
  co_return placed_reply(context, answer);
}

Task<http::Response> modify_order(Context context, ModifyOrderBody body) {
  trading::OrderChange change{.order_id = body.order_id,
                              .quantity = body.quantity,
                              .price = body.price,
                              .trigger_price = body.trigger_price,
                              .price_type = body.price_type};
  const auto answer =
      co_await resume_on<PlacedAnswer>(*context.call->executor, [&](auto complete) {
        context.services->desk.modify(context.actor(), context.account(), std::move(change),
                                      std::move(complete));
      });
  co_return placed_reply(context, answer, "Order modified successfully");
}

Task<http::Response> cancel_order(Context context, CancelOrderBody body) {
  if (body.order_id.empty()) co_return error_reply(400, "Order ID is missing", mode_of(context));
  const auto answer =
      co_await resume_on<PlacedAnswer>(*context.call->executor, [&](auto complete) {
        context.services->desk.cancel(context.actor(), context.account(), body.order_id,
                                      std::move(complete));
      });
  co_return placed_reply(context, answer, "Order cancelled successfully");
}

std::string cancelled_message(const Context& context, const CancelledOrders& orders) {
  if (context.analyze && orders.cancelled.empty() && orders.failed.empty()) {
    return "No open orders to cancel";
  }
  std::string message = "Canceled " + std::to_string(orders.cancelled.size()) + " orders. Failed to cancel " +
                        std::to_string(orders.failed.size()) + " orders.";
  const std::string_view notice = trading::notice_of(orders.recorded_in);
  return notice.empty() ? message : message.append(" ").append(notice);
}

// Failures are ids in live mode and objects in analyze mode.
void write_failures(JsonWriter& json, const Context& context, const CancelledOrders& orders) {
  json.key("failed_cancellations").array();
  for (const trading::FailedOrder& order : orders.failed) {
    if (context.analyze) {
      json.object().field("message", order.message).field("orderid", order.order_id).end();
    } else {
      json.value(order.order_id);
    }
  }
  json.end();
}

Task<http::Response> cancel_all_orders(Context context, StrategyBody) {
  const auto answer = co_await resume_on<trading::Answer<CancelledOrders>>(
      *context.call->executor, [&](auto complete) {
        context.services->desk.cancel_all(context.actor(), context.account(), std::move(complete));
      });
  if (!answer) co_return refusal_reply(answer.error(), mode_of(context));
  ReplyWriter out;
  JsonWriter& json = out.json();
  json.object().key("canceled_orders").array();
  for (const std::string& id : answer->cancelled) json.value(id);
  json.end();
  write_failures(json, context, *answer);
  json.field("message", cancelled_message(context, *answer));
  if (context.analyze) json.field("mode", "analyze");
  json.field("status", "success").end();
  co_return out.reply();
}

EndpointTerms order_terms(std::string_view path, std::string_view summary) {
  return {.path = path,
          .summary = summary,
          .access = guard::Access::TradeKey,
          .rate = guard::RateClass::Order,
          .changes_state = true,
          .family = ErrorFamily::Literal,
          .mode_in_errors = true};
}

EndpointTerms way_out(EndpointTerms terms, guard::RateClass rate) {
  terms.access = guard::Access::SquareOffKey;
  terms.priority = guard::Priority::Essential;
  terms.rate = rate;
  return terms;
}

}  // namespace

void add_order_routes(RouteBook& book) {
  EndpointTerms placing = order_terms("/api/v1/placeorder", "Places one order.");
  placing.mode_in_errors = false;
  book.post(placing, place_order_schema(), place_order);
  EndpointTerms smart =
      order_terms("/api/v1/placesmartorder", "Trades towards a target position size.");
  smart.rate = guard::RateClass::SmartOrder;
  book.post(smart, smart_order_schema(), place_smart_order);
  book.post(order_terms("/api/v1/modifyorder", "Changes an open order."), modify_order_schema(),
            modify_order);
  book.post(way_out(order_terms("/api/v1/cancelorder", "Cancels one order."), guard::RateClass::Order),
            cancel_order_schema(), cancel_order);
  book.post(way_out(order_terms("/api/v1/cancelallorder", "Cancels all working orders."), guard::RateClass::Api),
            strategy_schema(), cancel_all_orders);
}

}  // namespace kavach::api
