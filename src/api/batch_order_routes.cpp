// basketorder and splitorder.

#include <utility>
#include <vector>

#include "api/batch_orders.h"
#include "api/order_bodies.h"
#include "api/resources.h"

namespace kavach::api {
namespace {

struct BasketResult {
  const OrderFields* order;
  PlacedAnswer answer;
};

// Buying orders go first: what they open may be what the selling ones are covered by.
std::vector<const OrderFields*> in_sending_order(const std::vector<OrderFields>& orders) {
  std::vector<const OrderFields*> out;
  for (const trading::Side side : {trading::Side::Buy, trading::Side::Sell}) {
    for (const OrderFields& order : orders) {
      if (order.side == side) out.push_back(&order);
    }
  }
  return out;
}

http::Response basket_reply(const Context& context, const std::vector<BasketResult>& results) {
  ReplyWriter out{64 + results.size() * 160};
  JsonWriter& json = out.json();
  json.object();
  if (context.analyze) json.field("mode", "analyze");
  json.key("results").array();
  for (const BasketResult& result : results) {
    json.object();
    if (is_placed(result.answer)) {
      if (context.analyze) {
        json.field("batch_order", true).field("is_last_order", &result == &results.back());
      }
      json.field("exchange", market::name_of(result.order->exchange))
          .field("product", trading::name_of(result.order->product));
    }
    json.field("symbol", result.order->symbol);
    write_outcome(json, result.answer);
    json.end();
  }
  json.end().field("status", "success").end();
  return out.reply();
}

Task<http::Response> basket_order(Context context, BasketBody body) {
  auto key = idempotency_key(context, body.client_order_id);
  if (!key) co_return schema_refusal(ErrorFamily::Literal, {}, key.error(), mode_of(context));
  const auto batch = co_await begin_batch(context, std::move(*key));
  if (!batch) co_return refusal_reply(batch.error(), mode_of(context));
  std::vector<BasketResult> results;
  for (const OrderFields* order : in_sending_order(body.orders)) {
    auto request = part_of(*batch, order_request(*order, body.strategy, {}), results.size() + 1);
    PlacedAnswer answer = co_await place(context, std::move(request));
    results.push_back({order, std::move(answer)});
    if (is_foreign(results.back().answer)) co_return refusal_reply(results.back().answer.error(), mode_of(context));
  }
  co_return basket_reply(context, results);
}

Task<http::Response> split_order(Context context, SplitOrderBody body) {
  auto key = idempotency_key(context, body.client_order_id);
  if (!key) co_return schema_refusal(ErrorFamily::Literal, {}, key.error(), mode_of(context));
  if (slice_count(body.quantity, body.split_size) > kSlicesMax) {
    co_return error_reply(400, "Total number of orders would exceed maximum limit of 100",
                          mode_of(context));
  }
  const auto batch = co_await begin_batch(context, std::move(*key));
  if (!batch) co_return refusal_reply(batch.error(), mode_of(context));
  const auto slices = co_await place_slices(context, *batch, order_request(body, body.strategy, {}), body.split_size);
  ReplyWriter out{128 + slices.size() * 100};
  JsonWriter& json = out.json();
  json.object();
  if (context.analyze) json.field("mode", "analyze");
  write_slices(json, "results", slices);
  json.field("split_size", body.split_size)
      .field("status", "success")
      .field("total_quantity", body.quantity.whole_part())
      .end();
  co_return out.reply();
}

EndpointTerms batch_terms(std::string_view path, std::string_view summary) {
  return {.path = path,
          .summary = summary,
          .access = guard::Access::TradeKey,
          .rate = guard::RateClass::Order,  // each of its orders counts: guard/request_cost.h
          .changes_state = true,
          .family = ErrorFamily::Literal,
          .mode_in_errors = true};
}

}  // namespace

void add_batch_order_routes(RouteBook& book) {
  book.post(batch_terms("/api/v1/basketorder", "Places many independent orders."), basket_schema(),
            basket_order);
  book.post(batch_terms("/api/v1/splitorder", "Places one order in equal slices."),
            split_order_schema(), split_order);
}

}  // namespace kavach::api
