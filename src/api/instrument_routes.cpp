// symbol, search, expiry and instruments.

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/choices.h"
#include "api/csv.h"
#include "api/resources.h"
#include "api/symbol_body.h"
#include "core/civil_time.h"
#include "core/on_worker.h"
#include "core/text.h"

namespace kavach::api {
namespace {

using market::Exchange;
using market::Instrument;

struct RecordParts {
  bool id;
  bool freeze_quantity;
};

void write_record(JsonWriter& json, const Instrument& instrument, RecordParts parts) {
  json.object()
      .field("brexchange", instrument.broker_exchange)
      .field("brsymbol", instrument.broker_symbol)
      .field("exchange", market::name_of(instrument.exchange))
      .field("expiry", instrument.expiry ? expiry_text(*instrument.expiry) : std::string{});
  if (parts.freeze_quantity) json.field("freeze_qty", instrument.freeze_quantity);
  if (parts.id) json.field("id", instrument.id);
  json.field("instrumenttype", market::name_of(instrument.type))
      .field("lotsize", instrument.lot_size)
      .field("name", instrument.name)
      .field("strike", instrument.strike)
      .field("symbol", instrument.symbol)
      .field("tick_size", instrument.tick_size)
      .field("token", instrument.token)
      .end();
}

http::Response symbol(const Context& context, const SymbolBody& body) {
  const FoundInstrument instrument{*context.services, body.exchange, body.symbol};
  if (!instrument) {
    std::string message = "Symbol " + body.symbol + " not found in exchange ";
    message += market::name_of(body.exchange);
    return error_reply(404, message);
  }
  ReplyWriter out{384};
  out.json().object().key("data");
  write_record(out.json(), *instrument, {.id = true, .freeze_quantity = true});
  out.json().field("status", "success").end();
  return out.reply();
}

// -------------------------------------------------------------------------------------- search

struct SearchBody {
  std::string query;
  std::optional<Exchange> exchange;
};

const RequestSchema<SearchBody>& search_schema() {
  static const RequestSchema<SearchBody> kSchema = [] {
    RequestSchema<SearchBody> schema;
    schema.text("query", &SearchBody::query, Presence::Required)
        .choice("exchange", &SearchBody::exchange, Presence::Optional, any_exchange());
    return schema;
  }();
  return kSchema;
}

std::string search_json(const std::vector<const Instrument*>& found) {
  std::string body;
  body.reserve(128 + found.size() * 300);
  JsonWriter json{body};
  json.object().key("data").array();
  for (const Instrument* instrument : found) {
    write_record(json, *instrument, {.id = false, .freeze_quantity = true});
  }
  json.end();
  json.field("message", found.empty()
                            ? "No matching symbols found"
                            : "Found " + std::to_string(found.size()) + " matching symbols");
  json.field("status", "success").end();
  return body;
}

Task<http::Response> search(Context context, SearchBody body) {
  if (trim(body.query).empty()) {
    co_return error_reply(400, "Query parameter is required and cannot be empty");
  }
  auto text = co_await on_worker<std::string>(
      &context.services->workers, context.call->executor,
      [table = context.services->instruments.read(), body]() -> Result<std::string> {
        return search_json(table->search(body.query, body.exchange));
      });
  if (!text) co_return failure_reply(text.error());
  co_return http::Response::json(200, std::move(*text));
}

// -------------------------------------------------------------------------------------- expiry

struct ExpiryBody : SymbolBody {
  bool options{false};
};

const Choices<bool>& derivative_kinds() {
  static const Choices<bool> kChoices{{"futures", false}, {"options", true}};
  return kChoices;
}

const RequestSchema<ExpiryBody>& expiry_schema() {
  static const RequestSchema<ExpiryBody> kSchema = [] {
    RequestSchema<ExpiryBody> schema;
    schema.text("symbol", &ExpiryBody::symbol, Presence::Required)
        .choice("exchange", &ExpiryBody::exchange, Presence::Required, derivative_exchange())
        .choice("instrumenttype", &ExpiryBody::options, Presence::Required, derivative_kinds());
    return schema;
  }();
  return kSchema;
}

std::string expiry_message(const ExpiryBody& body, const std::string& base, std::size_t count) {
  std::string out = count == 0 ? "No expiry dates found for "
                               : "Found " + std::to_string(count) + " expiry dates for ";
  out += base + (body.options ? " options in " : " futures in ");
  return out + std::string{market::name_of(body.exchange)};
}

Task<http::Response> expiry(Context context, ExpiryBody body) {
  const Date today = ist(context.services->clock.now()).date;
  auto text = co_await on_worker<std::string>(
      &context.services->workers, context.call->executor,
      [table = context.services->instruments.read(), body, today]() -> Result<std::string> {
        const std::string base = to_upper(body.symbol);
        const auto dates = table->expiries(base, body.exchange, body.options, today);
        std::string out;
        JsonWriter json{out};
        json.object().key("data").array();
        for (const Date date : dates) json.value(expiry_text(date));
        json.end()
            .field("message", expiry_message(body, base, dates.size()))
            .field("status", "success")
            .end();
        return out;
      });
  if (!text) co_return failure_reply(text.error());
  co_return http::Response::json(200, std::move(*text));
}

// --------------------------------------------------------------------------------- instruments

struct InstrumentsBody {
  std::optional<Exchange> exchange;
  std::string format{"json"};
};

const RequestSchema<InstrumentsBody>& instruments_schema() {
  static const RequestSchema<InstrumentsBody> kSchema = [] {
    RequestSchema<InstrumentsBody> schema;
    schema.choice("exchange", &InstrumentsBody::exchange, Presence::Optional, any_exchange())
        .text("format", &InstrumentsBody::format, Presence::Optional);
    return schema;
  }();
  return kSchema;
}

std::vector<const Instrument*> listed_on(const market::InstrumentTable& table,
                                         std::optional<Exchange> exchange) {
  std::vector<const Instrument*> rows;
  for (const Instrument& instrument : table.all()) {
    if (!exchange || instrument.exchange == *exchange) rows.push_back(&instrument);
  }
  return rows;
}

std::string instruments_json(const std::vector<const Instrument*>& rows) {
  std::string body;
  body.reserve(128 + rows.size() * 280);
  JsonWriter json{body};
  json.object().key("data").array();
  for (const Instrument* row : rows) {
    write_record(json, *row, {.id = false, .freeze_quantity = false});
  }
  json.end();
  json.field("message", rows.empty() ? "No instruments found"
                                     : "Found " + std::to_string(rows.size()) + " instruments");
  json.field("status", "success").end();
  return body;
}

std::string decimal_cell(Price price) {
  std::string text = price.text();
  if (price.is_whole()) text += ".0";
  return text;
}

std::string instruments_csv(const std::vector<const Instrument*>& rows) {
  std::string out;
  out.reserve(128 + rows.size() * 120);
  append_csv_row(out, {"symbol", "brsymbol", "name", "exchange", "brexchange", "token", "expiry",
                       "strike", "lotsize", "instrumenttype", "tick_size"});
  for (const Instrument* row : rows) {
    const std::string expiry = row->expiry ? expiry_text(*row->expiry) : "";
    append_csv_row(out, {row->symbol, row->broker_symbol, row->name, market::name_of(row->exchange),
                         row->broker_exchange, row->token, expiry, decimal_cell(row->strike),
                         std::to_string(row->lot_size), market::name_of(row->type),
                         decimal_cell(row->tick_size)});
  }
  return out;
}

http::Response csv_reply(std::string body, std::optional<Exchange> exchange) {
  const std::string_view name = exchange ? market::name_of(*exchange) : "all";
  http::Response response = http::Response::text(200, std::move(body));
  response.content_type = "text/csv";
  response.with("Content-Disposition",
                "attachment; filename=instruments_" + std::string{name} + ".csv");
  return response;
}

Task<http::Response> instruments(Context context, InstrumentsBody body) {
  const bool csv = equals_ignoring_case(body.format, "csv");
  auto text = co_await on_worker<std::string>(
      &context.services->workers, context.call->executor,
      [table = context.services->instruments.read(), body, csv]() -> Result<std::string> {
        const auto rows = listed_on(*table, body.exchange);
        return csv ? instruments_csv(rows) : instruments_json(rows);
      });
  if (!text) co_return csv ? http::Response::text(503, text.error().message)
                           : failure_reply(text.error());
  if (csv) co_return csv_reply(std::move(*text), body.exchange);
  co_return http::Response::json(200, std::move(*text));
}

http::Response instruments_key_refusal(const guard::Call& call) {
  if (equals_ignoring_case(call.request.query_value("format"), "csv")) {
    return http::Response::text(403, std::string{kInvalidKey});
  }
  return error_reply(403, kInvalidKey);
}

}  // namespace

void add_instrument_routes(RouteBook& book) {
  book.post({.path = "/api/v1/symbol", .summary = "One instrument record."}, symbol_schema(), symbol);
  book.post({.path = "/api/v1/search",
             .summary = "Searches the instruments.",
             .priority = guard::Priority::Deferrable},
            search_schema(), search);
  book.post({.path = "/api/v1/expiry",
             .summary = "The expiry dates of an underlying.",
             .priority = guard::Priority::Deferrable},
            expiry_schema(), expiry);
  const EndpointTerms terms{.path = "/api/v1/instruments",
                            .summary = "All instruments, as JSON or CSV.",
                            .priority = guard::Priority::Deferrable,
                            .invalid_key = instruments_key_refusal};
  book.get(terms, instruments_schema(), instruments);
  book.post(terms, instruments_schema(), instruments);
}

}  // namespace kavach::api
