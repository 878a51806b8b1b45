// optiongreeks and multioptiongreeks.

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api/choices.h"
#include "api/option_question.h"
#include "api/option_values.h"
#include "api/resources.h"
#include "api/symbol_body.h"
#include "core/on_worker.h"
#include "market/calendar.h"
#include "market/symbol.h"

namespace kavach::api {
namespace {

using market::Instrument;

struct GreeksItem : SymbolBody {
  std::string underlying_symbol;
  std::string underlying_exchange;
};

struct GreeksTerms {
  double interest_rate{0};
  double forward_price{0};
  std::string expiry_time;
};

struct GreeksBody : GreeksItem, GreeksTerms {};

struct MultiGreeksBody : GreeksTerms {
  std::vector<GreeksItem> symbols;
};

template <class Body>
void add_item(RequestSchema<Body>& schema) {
  schema.text("symbol", &Body::symbol, Presence::Required, {.length_max = 64})
      .choice("exchange", &Body::exchange, Presence::Required, derivative_exchange());
}

template <class Body>
void add_item_underlying(RequestSchema<Body>& schema) {
  schema.text("underlying_symbol", &Body::underlying_symbol, Presence::Nullable, {.length_max = 64})
      .text("underlying_exchange", &Body::underlying_exchange, Presence::Nullable, {.length_max = 16});
}

template <class Body>
void add_rate(RequestSchema<Body>& schema) {
  schema.number("interest_rate", &Body::interest_rate, Presence::Nullable,
                {.minimum = 0, .maximum = 100});
}

const RequestSchema<GreeksBody>& greeks_schema() {
  static const RequestSchema<GreeksBody> kSchema = [] {
    RequestSchema<GreeksBody> schema;
    add_item(schema);
    add_rate(schema);
    schema.number("forward_price", &GreeksBody::forward_price, Presence::Nullable, {.minimum = 0});
    add_item_underlying(schema);
    schema.text("expiry_time", &GreeksBody::expiry_time, Presence::Nullable, {.length_max = 5});
    return schema;
  }();
  return kSchema;
}

const RequestSchema<MultiGreeksBody>& multi_greeks_schema() {
  static const RequestSchema<GreeksItem> kItem = [] {
    RequestSchema<GreeksItem> schema{KeyField::None};
    add_item(schema);
    add_item_underlying(schema);
    return schema;
  }();
  static const RequestSchema<MultiGreeksBody> kSchema = [] {
    RequestSchema<MultiGreeksBody> schema;
    schema.list("symbols", &MultiGreeksBody::symbols, Presence::Required, kItem,
                {.length_min = 1, .length_max = 50});
    add_rate(schema);
    schema.text("expiry_time", &MultiGreeksBody::expiry_time, Presence::Nullable, {.length_max = 5});
    return schema;
  }();
  return kSchema;
}

// A date as the Greeks endpoints write it: 29-Jun-2027.
std::string long_date(Date date) {
  std::string text = expiry_text(date);  // 29-JUN-27
  text[4] = static_cast<char>(text[4] - 'A' + 'a');
  text[5] = static_cast<char>(text[5] - 'A' + 'a');
  return text.insert(7, "20");
}

Result<market::Contract> option_contract(const GreeksItem& item) {
  const auto contract = market::parse_contract(item.symbol);
  if (contract && contract->expiry && contract->type != market::InstrumentType::Future) return *contract;
  return fail(ErrorCode::InvalidInput, "Failed to get option Greeks: Failed to parse option symbol " +
                                           item.symbol + ": not base, expiry, strike and CE or PE");
}

Result<TimePoint> expiry_moment_of(const GreeksItem& item, const GreeksTerms& terms, Date expiry) {
  if (terms.expiry_time.empty()) return market::expiry_moment(item.exchange, expiry);
  const auto time = TimeOfDay::parse(terms.expiry_time);
  if (!time) {
    return fail(ErrorCode::InvalidInput, "Failed to get option Greeks: expiry_time must be HH:MM");
  }
  return from_ist(expiry, std::chrono::minutes{time->minutes});
}

Result<Price> last_of(const ApiServices& services, const market::InstrumentKey& key,
                      std::string_view what) {
  const FoundInstrument found{services, key.exchange, key.symbol};
  if (!found) {
    return fail(ErrorCode::InvalidInput, "Failed to fetch " + std::string{what} + " price: " +
                                             symbol_not_found(key.symbol, key.exchange));
  }
  const auto quote = services.quotes.quote(*found);
  if (quote && quote->last.is_positive()) return quote->last;
  return fail(ErrorCode::NotFound,
              what == "option" ? "Option LTP not available" : "Underlying LTP not available");
}

// The forward the caller gave, else put-call parity of that expiry, else the underlying's last price.
Result<double> forward_of(const ApiServices& services, const GreeksItem& item, const GreeksTerms& terms,
                          const market::Contract& contract) {
  if (terms.forward_price > 0) return terms.forward_price;
  market::InstrumentKey key = market::quoted_underlying(contract.base, item.exchange);
  const bool other = !item.underlying_symbol.empty() && item.underlying_symbol != contract.base;
  if (!item.underlying_symbol.empty()) key.symbol = item.underlying_symbol;
  if (const auto exchange = market::parse_exchange(item.underlying_exchange)) key.exchange = *exchange;
  const auto table = services.instruments.read();
  if (table->find(key.exchange, key.symbol) == nullptr) {
    const auto futures =
        table->futures(contract.base, item.exchange, ist(services.clock.now()).date);
    if (!futures.empty()) key = futures.front()->key();
  }
  const auto last = last_of(services, key, "underlying");
  if (!last) return pass_on(last);
  if (other) return last->to_double();
  const auto synthetic = market::synthetic_future(*table, services.quotes, contract.base, item.exchange,
                                                  *contract.expiry, *last);
  return synthetic && synthetic->price.is_positive() ? synthetic->price.to_double() : last->to_double();
}

struct GreeksAnswer {
  const GreeksItem& item;
  const GreeksTerms& terms;
  const market::Contract& contract;
  double forward{0};
  double option_price{0};
  OptionValues values;
  std::string_view note;
};

void write_greeks(JsonWriter& json, const GreeksAnswer& answer) {
  const OptionValues& values = answer.values;
  const bool call = answer.contract.type == market::InstrumentType::Call;
  json.object().field("days_to_expiry", rounded(values.days_to_expiry, 4));
  json.field("exchange", market::name_of(answer.item.exchange))
      .field("expiry_date", long_date(*answer.contract.expiry));
  json.key("greeks").object();
  write_plain(json, "delta", rounded(values.greeks.delta, 4));
  write_plain(json, "gamma", rounded(values.greeks.gamma, 6));
  write_plain(json, "rho", rounded(values.greeks.rho, 6));
  write_plain(json, "theta", rounded(values.greeks.theta, 4));
  write_plain(json, "vega", rounded(values.greeks.vega, 4));
  json.end();
  write_plain(json, "implied_volatility", rounded(values.volatility_percent, 2));
  write_plain(json, "interest_rate", answer.terms.interest_rate);
  if (!answer.note.empty()) {
    json.field("intrinsic_value", rounded(values.intrinsic, 2)).field("note", answer.note);
  }
  json.field("option_price", answer.option_price)
      .field("option_type", call ? "CE" : "PE")
      .field("spot_price", answer.forward)
      .field("status", "success")
      .field("strike", answer.contract.strike)
      .field("symbol", answer.item.symbol);
  if (!answer.note.empty()) json.field("time_value", rounded(values.time_value, 2));
  json.field("underlying", answer.contract.base).end();
}

enum class Expired { Refused, Shown };

// Appends one option's object to `out`, or says why not.
Result<void> append_greeks(std::string& out, const ApiServices& services, const GreeksItem& item,
                           const GreeksTerms& terms, Expired expired) {
  const auto contract = option_contract(item);
  if (!contract) return pass_on(contract);
  const auto expiry = expiry_moment_of(item, terms, *contract->expiry);
  if (!expiry) return pass_on(expiry);
  JsonWriter json{out};
  const TimePoint now = services.clock.now();
  if (now >= *expiry) {
    if (expired == Expired::Refused) {
      return fail(ErrorCode::InvalidInput, "Option has expired on " + long_date(*contract->expiry));
    }
    write_greeks(json, {.item = item, .terms = terms, .contract = *contract, .values = {},
                        .note = "Option has expired - Greeks are no longer applicable"});
    return {};
  }
  const auto forward = forward_of(services, item, terms, *contract);
  if (!forward) return pass_on(forward);
  const auto price = last_of(services, {item.exchange, item.symbol}, "option");
  if (!price) return pass_on(price);
  const auto values = value_option({.forward = *forward,
                                    .strike = contract->strike.to_double(),
                                    .price = price->to_double(),
                                    .rate_percent = terms.interest_rate,
                                    .expiry = *expiry,
                                    .now = now,
                                    .call = contract->type == market::InstrumentType::Call});
  if (!values) {
    return fail(ErrorCode::InvalidInput, "Failed to get option Greeks: no volatility gives this price");
  }
  write_greeks(json, {.item = item,
                      .terms = terms,
                      .contract = *contract,
                      .forward = *forward,
                      .option_price = price->to_double(),
                      .values = *values,
                      .note = values->time_value_gone
                                  ? "Deep ITM option with no time value - theoretical Greeks returned"
                                  : ""});
  return {};
}

http::Response option_greeks(const Context& context, const GreeksBody& body) {
  std::string out;
  const auto written = append_greeks(out, *context.services, body, body, Expired::Refused);
  if (!written) return failure_reply(written.error());
  return http::Response::json(200, std::move(out));
}

/// What became of the whole of a multioptiongreeks request.
struct Tally {
  int succeeded{0};
  int failed{0};
  std::vector<std::string> reasons;  ///< distinct, at most three

  void fail(const std::string& reason) {
    constexpr std::size_t kShownMax = 3;
    ++failed;
    if (reasons.size() < kShownMax && std::ranges::find(reasons, reason) == reasons.end()) {
      reasons.push_back(reason);
    }
  }
  [[nodiscard]] std::string message() const {
    std::string out = succeeded == 0 ? "All option Greeks calculations failed: "
                                     : std::to_string(failed) + " option Greeks calculation(s) failed: ";
    std::string_view separator;
    for (const std::string& reason : reasons) {
      out += separator;
      out += reason;
      separator = "; ";
    }
    return out;
  }
};

std::string multi_greeks_json(const ApiServices& services, const MultiGreeksBody& body) {
  std::string out;
  out.reserve(256 + body.symbols.size() * 420);
  JsonWriter json{out};
  Tally tally;
  json.object().key("data").array();
  for (const GreeksItem& item : body.symbols) {
    std::string one;
    if (const auto written = append_greeks(one, services, item, body, Expired::Shown)) {
      ++tally.succeeded;
      json.raw(one);
      continue;
    } else {
      tally.fail(written.error().message);
      json.object()
          .field("exchange", market::name_of(item.exchange))
          .field("message", written.error().message)
          .field("status", "error")
          .field("symbol", item.symbol)
          .end();
    }
  }
  json.end();
  if (tally.failed > 0) json.field("message", tally.message());
  json.field("status", tally.failed == 0 ? "success" : tally.succeeded == 0 ? "error" : "partial");
  json.key("summary").object();
  json.field("failed", tally.failed)
      .field("success", tally.succeeded)
      .field("total", tally.succeeded + tally.failed)
      .end()
      .end();
  return out;
}

Task<http::Response> multi_option_greeks(Context context, MultiGreeksBody body) {
  auto text = co_await on_worker<std::string>(
      &context.services->workers, context.call->executor,
      [&services = *context.services, &body]() -> Result<std::string> {
        return multi_greeks_json(services, body);
      });
  if (!text) co_return failure_reply(text.error());
  co_return http::Response::json(200, std::move(*text));
}

http::Response key_refusal(const guard::Call&) { return error_reply(401, kInvalidKey); }

EndpointTerms greeks_terms(std::string_view path, std::string_view summary, guard::RateClass rate) {
  return {.path = path,
          .summary = summary,
          .rate = rate,
          .priority = guard::Priority::Deferrable,
          .family = ErrorFamily::Listed,
          .headline = "Validation failed",
          .invalid_key = key_refusal};
}

}  // namespace

void add_greeks_routes(RouteBook& book) {
  book.post(greeks_terms("/api/v1/optiongreeks", "The Greeks of one option.", guard::RateClass::Greeks),
            greeks_schema(), option_greeks);
  book.post(greeks_terms("/api/v1/multioptiongreeks", "The Greeks of up to 50 options.",
                         guard::RateClass::Api),
            multi_greeks_schema(), multi_option_greeks);
}

}  // namespace kavach::api
