// optionsymbol, optionchain and syntheticfuture.

#include <optional>
#include <utility>

#include "api/choices.h"
#include "api/option_bodies.h"
#include "api/option_question.h"
#include "api/option_values.h"
#include "api/resources.h"
#include "core/on_worker.h"
#include "market/calendar.h"
#include "market/option_chain.h"
#include "market/symbol.h"

namespace kavach::api {
namespace {

using market::Instrument;

// -------------------------------------------------------------------------------- optionsymbol

struct OptionSymbolBody : UnderlyingFields {
  std::string strategy;
  std::string offset;
  market::InstrumentType type{market::InstrumentType::Call};
};

const RequestSchema<OptionSymbolBody>& option_symbol_schema() {
  static const RequestSchema<OptionSymbolBody> kSchema = [] {
    RequestSchema<OptionSymbolBody> schema;
    schema.text("strategy", &OptionSymbolBody::strategy, Presence::Nullable);
    add_underlying(schema);
    schema.text("expiry_date", &OptionSymbolBody::expiry_date, Presence::Optional, {.length_max = 16})
        .integer("strike_int", &OptionSymbolBody::strike_step, Presence::Nullable, {.minimum = 1})
        .text("offset", &OptionSymbolBody::offset, Presence::Required, {.length_max = 16})
        .choice("option_type", &OptionSymbolBody::type, Presence::Required, any_option_type())
        .whole([](const OptionSymbolBody& body, FieldErrors& errors) {
          if (!market::parse_strike_offset(body.offset)) errors.add("offset", kOffsetRule);
        });
    return schema;
  }();
  return kSchema;
}

http::Response option_symbol(const Context& context, const OptionSymbolBody& body) {
  // A missing expiry is refused before a price is asked for.
  if (const auto expiry = expiry_of(body.underlying, body.expiry_date); !expiry) {
    return failure_reply(expiry.error());
  }
  const auto underlying = price_underlying(*context.services, body, QuoteErrorStyle::Sentence);
  if (!underlying) return failure_reply(underlying.error());
  const auto option = option_at(*underlying, body, body.offset, body.type);
  if (!option) return failure_reply(option.error());
  const Instrument& found = **option;
  ReplyWriter out;
  out.json()
      .object()
      .field("status", "success")
      .field("symbol", found.symbol)
      .field("exchange", market::name_of(found.exchange))
      .field("lotsize", found.lot_size)
      .field("tick_size", found.tick_size)
      .field("freeze_qty", found.freeze_quantity)
      .field("underlying_ltp", underlying->quote.last)
      .end();
  return out.reply();
}

// --------------------------------------------------------------------------------- optionchain

struct OptionChainBody : UnderlyingFields {
  std::optional<std::int64_t> strike_count;
  bool with_greeks{false};
  double interest_rate{0};
};

const RequestSchema<OptionChainBody>& option_chain_schema() {
  static const RequestSchema<OptionChainBody> kSchema = [] {
    RequestSchema<OptionChainBody> schema;
    add_underlying(schema);
    schema.text("expiry_date", &OptionChainBody::expiry_date, Presence::Required, {.length_max = 16})
        .integer("strike_count", &OptionChainBody::strike_count, Presence::Nullable,
                 {.minimum = 1, .maximum = 100})
        .boolean("with_greeks", &OptionChainBody::with_greeks, Presence::Optional)
        .number("interest_rate", &OptionChainBody::interest_rate, Presence::Nullable,
                {.minimum = 0, .maximum = 100});
    return schema;
  }();
  return kSchema;
}

/// One chain being answered.
struct ChainAnswer {
  const market::QuoteSource& quotes;
  const OptionChainBody& body;
  Date expiry{};
  TimePoint now{};
  double forward{0};
};

void write_leg_greeks(JsonWriter& json, const ChainAnswer& answer, const Instrument& option, Price last) {
  const auto values =
      value_option({.forward = answer.forward,
                    .strike = option.strike.to_double(),
                    .price = last.to_double(),
                    .rate_percent = answer.body.interest_rate,
                    .expiry = market::expiry_moment(option.exchange, answer.expiry),
                    .now = answer.now,
                    .call = option.type == market::InstrumentType::Call});
  if (!values) return;
  json.field("implied_volatility", rounded(values->volatility_percent, 2))
      .field("delta", rounded(values->greeks.delta, 4))
      .field("gamma", rounded(values->greeks.gamma, 6))
      .field("theta", rounded(values->greeks.theta, 4))
      .field("vega", rounded(values->greeks.vega, 4));
}

void write_leg(JsonWriter& json, std::string_view side, const ChainAnswer& answer,
               const Instrument* option, int steps) {
  json.key(side);
  if (option == nullptr) {
    json.null();
    return;
  }
  const market::Quote quote = answer.quotes.quote(*option).value_or(market::Quote{});
  json.object()
      .field("symbol", option->symbol)
      .field("label", market::chain_label(steps, option->type))
      .field("ltp", quote.last)
      .field("bid", quote.bid)
      .field("ask", quote.ask)
      .field("bid_qty", quote.bid_quantity)
      .field("ask_qty", quote.ask_quantity)
      .field("open", quote.open)
      .field("high", quote.high)
      .field("low", quote.low)
      .field("prev_close", quote.close_previous)
      .field("volume", quote.volume)
      .field("oi", quote.open_interest)
      .field("lotsize", option->lot_size)
      .field("tick_size", option->tick_size);
  if (answer.body.with_greeks) write_leg_greeks(json, answer, *option, quote.last);
  json.end();
}

// Put-call parity at the money, else the underlying itself.
Price forward_of(const PricedUnderlying& underlying, const market::QuoteSource& quotes, Date expiry) {
  const auto synthetic =
      market::synthetic_future(*underlying.table, quotes, underlying.base, underlying.option_exchange,
                               expiry, underlying.quote.last);
  return synthetic ? synthetic->price : underlying.quote.last;
}

std::string chain_json(const OptionChainBody& body, const PricedUnderlying& underlying,
                       const market::OptionChain& chain, ChainAnswer answer) {
  const Price forward = body.with_greeks ? forward_of(underlying, answer.quotes, answer.expiry) : Price{};
  answer.forward = forward.to_double();
  std::string out;
  out.reserve(512 + chain.rows.size() * 800);
  JsonWriter json{out};
  json.object()
      .field("status", "success")
      .field("underlying", underlying.base)
      .field("underlying_symbol", underlying.quoted.symbol)
      .field("underlying_exchange", market::name_of(underlying.quoted.exchange))
      .field("underlying_ltp", underlying.quote.last)
      .field("underlying_prev_close", underlying.quote.close_previous)
      .field("expiry_date", expiry_code(answer.expiry))
      .field("expiry_ts",
             epoch_seconds(market::expiry_moment(underlying.option_exchange, answer.expiry)))
      .field("server_ts", epoch_seconds(answer.now))
      .field("atm_strike", chain.at_the_money)
      .field("quotes_included", true)
      .field("greeks_included", body.with_greeks)
      .key("forward_price");
  if (body.with_greeks) {
    json.value(forward);
  } else {
    json.null();
  }
  json.key("chain").array();
  for (const market::ChainRow& row : chain.rows) {
    json.object().field("strike", row.strike);
    write_leg(json, "ce", answer, row.call, row.steps);
    write_leg(json, "pe", answer, row.put, row.steps);
    json.end();
  }
  json.end().end();
  return out;
}

Result<std::string> answer_chain(const ApiServices& services, const OptionChainBody& body) {
  const auto underlying = price_underlying(services, body, QuoteErrorStyle::Colon);
  if (!underlying) return pass_on(underlying);
  // Here an expiry embedded in the underlying wins over the field.
  auto expiry = market::parse_underlying(body.underlying).expiry;
  if (!expiry) expiry = parse_expiry_code(body.expiry_date);
  if (!expiry) {
    return fail(ErrorCode::NotFound, "No valid option symbols found for the given parameters");
  }
  std::optional<int> each_side;
  if (body.strike_count) each_side = static_cast<int>(*body.strike_count);
  const auto chain = market::option_chain(*underlying->table, underlying->base,
                                          underlying->option_exchange, *expiry,
                                          underlying->quote.last, each_side);
  if (!chain) return pass_on(chain);
  return chain_json(body, *underlying, *chain,
                    {.quotes = services.quotes, .body = body, .expiry = *expiry,
                     .now = services.clock.now()});
}

Task<http::Response> option_chain(Context context, OptionChainBody body) {
  auto text = co_await on_worker<std::string>(
      &context.services->workers, context.call->executor,
      [&services = *context.services, &body] { return answer_chain(services, body); });
  if (!text) co_return failure_reply(text.error());
  co_return http::Response::json(200, std::move(*text));
}

// ----------------------------------------------------------------------------- syntheticfuture

const RequestSchema<UnderlyingFields>& synthetic_schema() {
  static const RequestSchema<UnderlyingFields> kSchema = [] {
    RequestSchema<UnderlyingFields> schema;
    add_underlying(schema);
    schema.text("expiry_date", &UnderlyingFields::expiry_date, Presence::Required, {.length_max = 16});
    return schema;
  }();
  return kSchema;
}

http::Response synthetic_future(const Context& context, const UnderlyingFields& body) {
  const auto expiry = expiry_of(body.underlying, body.expiry_date);
  if (!expiry) return failure_reply(expiry.error());
  const auto underlying = price_underlying(*context.services, body, QuoteErrorStyle::Sentence);
  if (!underlying) return failure_reply(underlying.error());
  const auto synthetic =
      market::synthetic_future(*underlying->table, context.services->quotes, underlying->base,
                               underlying->option_exchange, *expiry, underlying->quote.last);
  if (!synthetic) return failure_reply(synthetic.error());
  ReplyWriter out;
  out.json()
      .object()
      .field("atm_strike", synthetic->at_the_money)
      .field("expiry", expiry_code(*expiry))
      .field("status", "success")
      .field("synthetic_future_price", synthetic->price)
      .field("underlying", body.underlying)
      .field("underlying_ltp", underlying->quote.last)
      .end();
  return out.reply();
}

EndpointTerms option_terms(std::string_view path, std::string_view summary) {
  return {.path = path,
          .summary = summary,
          .family = ErrorFamily::Listed,
          .invalid_key = ltp_key_refusal};
}

}  // namespace

void add_option_routes(RouteBook& book) {
  book.post(option_terms("/api/v1/optionsymbol", "The option at a strike offset."),
            option_symbol_schema(), option_symbol);
  EndpointTerms chain = option_terms("/api/v1/optionchain", "The option chain of an underlying.");
  chain.priority = guard::Priority::Deferrable;
  book.post(chain, option_chain_schema(), option_chain);
  book.post(option_terms("/api/v1/syntheticfuture", "The put-call-parity future."),
            synthetic_schema(), synthetic_future);
}

}  // namespace kavach::api
