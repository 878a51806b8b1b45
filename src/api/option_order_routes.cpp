// optionsorder and optionsmultiorder.

#include <algorithm>
#include <utility>
#include <vector>

#include "api/batch_orders.h"
#include "api/option_bodies.h"
#include "api/option_question.h"
#include "api/resources.h"

namespace kavach::api {
namespace {

using market::Instrument;

// A repeated request must mean the contracts of the first attempt, wherever the market is by now.
void take_first_price(const Batch& batch, PricedUnderlying& underlying) {
  if (batch.underlying_price.is_positive()) underlying.quote.last = batch.underlying_price;
}

trading::OrderRequest request_for(const Instrument& option, const OptionOrderFields& order, std::string strategy,
                                  Price underlying) {
  return {.instrument = {option.exchange, option.symbol},
          .side = order.side,
          .quantity = Quantity::whole(order.quantity),
          .price_type = order.price_type,
          .product = order.product,
          .price = order.price,
          .trigger_price = order.trigger_price,
          .disclosed_quantity = Quantity::whole(order.disclosed_quantity),
          .strategy = std::move(strategy),
          .client_order_id = {},
          .underlying_price = underlying};
}

std::string_view type_word(market::InstrumentType type) {
  return type == market::InstrumentType::Call ? "CE" : "PE";
}

std::int64_t slices_of(const OptionOrderFields& order) {
  return slice_count(Quantity::whole(order.quantity), order.split_size);
}

// -------------------------------------------------------------------------------- optionsorder

http::Response option_order_reply(const Context& context, const OptionOrderBody& body,
                                  const PricedUnderlying& underlying, const Instrument& option,
                                  const std::string& order_id, const std::vector<SliceResult>& slices) {
  ReplyWriter out{320 + slices.size() * 100};
  JsonWriter& json = out.json();
  json.object().field("exchange", market::name_of(option.exchange));
  if (context.analyze) json.field("mode", "analyze");
  json.field("offset", body.offset).field("option_type", type_word(body.type));
  if (slices.empty()) {
    json.field("orderid", order_id);
  } else {
    write_slices(json, "results", slices);
    json.field("split_size", body.split_size).field("total_quantity", body.quantity);
  }
  json.field("status", "success")
      .field("symbol", option.symbol)
      .field("underlying", body.underlying)
      .field("underlying_ltp", underlying.quote.last)
      .end();
  return out.reply();
}

Task<http::Response> option_order(Context context, OptionOrderBody body) {
  const Mode mode = mode_of(context);
  auto key = idempotency_key(context, body.client_order_id);
  if (!key) co_return schema_refusal(ErrorFamily::Listed, "Validation error", key.error(), mode);
  if (const auto expiry = expiry_of(body.underlying, body.expiry_date); !expiry) {
    co_return failure_reply(expiry.error(), mode);
  }
  auto underlying = price_underlying(*context.services, body, QuoteErrorStyle::Sentence);
  if (!underlying) co_return failure_reply(underlying.error(), mode);
  const auto batch = co_await begin_batch(context, std::move(*key));
  if (!batch) co_return refusal_reply(batch.error(), mode);
  take_first_price(*batch, *underlying);
  const auto option = option_at(*underlying, body, body.offset, body.type);
  if (!option) co_return failure_reply(option.error(), mode);
  auto request = request_for(**option, body, body.strategy, underlying->quote.last);
  if (body.split_size == 0) {
    request.client_order_id = batch->key;
    request.request_digest = batch->digest;
    const PlacedAnswer answer = co_await place(context, std::move(request));
    if (!is_placed(answer)) co_return placed_reply(context, answer);
    co_return option_order_reply(context, body, *underlying, **option, answer->order_id, {});
  }
  if (slices_of(body) > kSlicesMax) {
    co_return error_reply(400, "Total number of orders would exceed maximum limit of 100", mode);
  }
  const auto slices = co_await place_slices(context, *batch, std::move(request), body.split_size);
  co_return option_order_reply(context, body, *underlying, **option, {}, slices);
}

// --------------------------------------------------------------------------- optionsmultiorder

struct LegResult {
  std::size_t number{0};
  const OptionLeg* leg{nullptr};
  std::string failure;      ///< why no order could be made of the leg
  std::string symbol;       ///< once resolved
  market::Exchange exchange{market::Exchange::Nfo};
  std::vector<SliceResult> slices;  ///< one when the leg is not split
};

bool leg_placed(const LegResult& result) {
  return std::ranges::any_of(result.slices,
                             [](const SliceResult& slice) { return is_placed(slice.answer); });
}

void write_leg(JsonWriter& json, const Context& context, const LegResult& result) {
  const OptionLeg& leg = *result.leg;
  const bool placed = leg_placed(result);
  const bool split = leg.split_size > 0 && !result.slices.empty();
  json.object().field("action", trading::name_of(leg.side));
  if (!result.symbol.empty()) json.field("exchange", market::name_of(result.exchange));
  json.field("leg", static_cast<std::int64_t>(result.number));
  if (placed) json.field("mode", context.analyze ? "analyze" : "live");
  json.field("offset", leg.offset).field("option_type", type_word(leg.type));
  if (placed) json.field("product", trading::name_of(leg.product));
  if (!result.symbol.empty()) json.field("symbol", result.symbol);
  if (split) {
    write_slices(json, "split_results", result.slices);
    json.field("split_size", leg.split_size)
        .field("status", placed ? "success" : "error")
        .field("total_quantity", leg.quantity);
  } else if (!result.slices.empty()) {
    write_outcome(json, result.slices.front().answer);
  } else {
    json.field("message", result.failure).field("status", "error");
  }
  json.end();
}

/// What the legs of one request share.
struct Strategy {
  const OptionMultiOrderBody& body;
  Result<PricedUnderlying> underlying;
  Batch batch;
};

// The contract of a leg; `result` says what is wrong when there is none.
Result<Instrument> resolve_leg(const Strategy& strategy, const OptionLeg& leg) {
  if (!strategy.underlying) return pass_on(strategy.underlying);
  if (leg.split_size > 0 && slices_of(leg) > kSlicesMax) {
    return fail(ErrorCode::InvalidInput, "Split orders would exceed maximum limit of 100 per leg");
  }
  UnderlyingFields fields = strategy.body;
  if (!leg.expiry_date.empty()) fields.expiry_date = leg.expiry_date;
  const auto option = option_at(*strategy.underlying, fields, leg.offset, leg.type);
  if (!option) return pass_on(option);
  return **option;
}

Task<void> send_leg(Context context, const Strategy* strategy, LegResult* result) {
  const OptionLeg& leg = *result->leg;
  const auto option = resolve_leg(*strategy, leg);
  if (!option) {
    result->failure = option.error().message;
    co_return;
  }
  result->symbol = option->symbol;
  result->exchange = option->exchange;
  auto request = request_for(*option, leg, strategy->body.strategy, strategy->underlying->quote.last);
  const std::int64_t size = leg.split_size > 0 ? leg.split_size : leg.quantity;
  Batch of_leg = strategy->batch;
  of_leg.key = part_key(of_leg.key, result->number);
  result->slices = co_await place_slices(context, std::move(of_leg), std::move(request), size);
}

Task<http::Response> option_multi_order(Context context, OptionMultiOrderBody body) {
  auto key = idempotency_key(context, body.client_order_id);
  if (!key) {
    co_return schema_refusal(ErrorFamily::Listed, "Validation error", key.error(), mode_of(context));
  }
  auto batch = co_await begin_batch(context, std::move(*key));
  if (!batch) co_return refusal_reply(batch.error(), mode_of(context));
  Strategy strategy{body, price_underlying(*context.services, body, QuoteErrorStyle::Sentence), std::move(*batch)};
  if (strategy.underlying) take_first_price(strategy.batch, *strategy.underlying);
  std::vector<LegResult> results(body.legs.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].number = i + 1;
    results[i].leg = &body.legs[i];
  }
  // What is bought goes first, so that what is sold is covered; the reply keeps the request's order.
  for (const trading::Side side : {trading::Side::Buy, trading::Side::Sell}) {
    for (LegResult& result : results) {
      if (result.leg->side != side) continue;
      co_await send_leg(context, &strategy, &result);
      if (!result.slices.empty() && is_foreign(result.slices.back().answer)) {
        co_return refusal_reply(result.slices.back().answer.error(), mode_of(context));
      }
    }
  }
  ReplyWriter out{256 + results.size() * 320};
  JsonWriter& json = out.json();
  json.object();
  if (context.analyze) json.field("mode", "analyze");
  json.key("results").array();
  for (const LegResult& result : results) write_leg(json, context, result);
  json.end().field("status", "success").field("underlying", body.underlying).key("underlying_ltp");
  if (strategy.underlying) {
    json.value(strategy.underlying->quote.last);
  } else {
    json.null();
  }
  json.end();
  co_return out.reply();
}

EndpointTerms terms(std::string_view path, std::string_view summary) {
  return {.path = path,
          .summary = summary,
          .access = guard::Access::TradeKey,
          .rate = guard::RateClass::Order,
          .changes_state = true,
          .family = ErrorFamily::Listed};
}

}  // namespace

void add_option_order_routes(RouteBook& book) {
  EndpointTerms single = terms("/api/v1/optionsorder", "Orders an option by its strike offset.");
  single.invalid_key = ltp_key_refusal;
  book.post(single, option_order_schema(), option_order);
  book.post(terms("/api/v1/optionsmultiorder", "Orders several option legs."),
            option_multi_order_schema(), option_multi_order);
}

}  // namespace kavach::api
