// history, intervals and ticker.

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "api/choices.h"
#include "api/resources.h"
#include "api/symbol_body.h"
#include "core/on_worker.h"
#include "core/text.h"
#include "guard/error_status.h"

namespace kavach::api {
namespace {

using market::Candle;

// ------------------------------------------------------------------------------------ history

struct HistoryBody : SymbolBody {
  std::string_view interval{"D"};
  Date start_date{};
  Date end_date{};
  int source{0};
  std::int64_t count{0};
};

const Choices<int>& candle_sources() {
  static const Choices<int> kChoices{{"api", 0}, {"db", 1}};
  return kChoices;
}

const RequestSchema<HistoryBody>& history_schema() {
  static const RequestSchema<HistoryBody> kSchema = [] {
    RequestSchema<HistoryBody> schema;
    schema.text("symbol", &HistoryBody::symbol, Presence::Required)
        .choice("exchange", &HistoryBody::exchange, Presence::Required, any_exchange())
        .choice("interval", &HistoryBody::interval, Presence::Required, any_interval())
        .date("start_date", &HistoryBody::start_date, Presence::Required)
        .date("end_date", &HistoryBody::end_date, Presence::Required)
        .choice("source", &HistoryBody::source, Presence::Optional, candle_sources())
        // The Node client's: only the latest so many.
        .integer("count", &HistoryBody::count, Presence::Nullable, {.minimum = 0});
    return schema;
  }();
  return kSchema;
}

bool is_intraday(std::string_view interval) {
  return interval.ends_with('s') || interval.ends_with('m') || interval.ends_with('h');
}

// Daily and longer candles carry midnight UTC of their date, because the clients leave them unconverted.
std::int64_t timestamp_of(const Candle& candle, bool intraday) {
  if (intraday) return epoch_seconds(candle.start);
  return std::chrono::seconds{std::chrono::sys_days{ist(candle.start).date}.time_since_epoch()}.count();
}

std::string candles_json(const std::vector<Candle>& candles, bool intraday, std::size_t count) {
  std::string body;
  body.reserve(64 + candles.size() * 120);
  JsonWriter json{body};
  json.object().key("data").array();
  const std::size_t first = count > 0 && count < candles.size() ? candles.size() - count : 0;
  for (std::size_t i = first; i < candles.size(); ++i) {
    const Candle& candle = candles[i];
    json.object()
        .field("close", candle.close)
        .field("high", candle.high)
        .field("low", candle.low)
        .field("oi", candle.open_interest)
        .field("open", candle.open)
        .field("timestamp", timestamp_of(candle, intraday))
        .field("volume", candle.volume)
        .end();
  }
  json.end().field("status", "success").end();
  return body;
}

// There is no local candle store yet, which the contract words as an empty one.
std::string no_local_data(const HistoryBody& body) {
  std::string out = "No data found for " + body.symbol + ":";
  out += market::name_of(body.exchange);
  out += " interval ";
  out += body.interval;
  return out + " in local database. Download data first using Historify.";
}

Task<http::Response> history(Context context, HistoryBody body) {
  if (body.source == 1) co_return error_reply(404, no_local_data(body));
  const FoundInstrument instrument{*context.services, body.exchange, body.symbol};
  if (!instrument) co_return error_reply(400, symbol_not_found(body.symbol, body.exchange));
  const market::QuoteSource& quotes = context.services->quotes;
  auto text = co_await on_worker<std::string>(
      &context.services->workers, context.call->executor,
      [&quotes, instrument, body]() -> Result<std::string> {
        const auto candles =
            quotes.candles(*instrument, body.interval, body.start_date, body.end_date);
        if (!candles) return pass_on(candles);
        return candles_json(*candles, is_intraday(body.interval), static_cast<std::size_t>(body.count));
      });
  if (!text) co_return failure_reply(text.error());
  co_return http::Response::json(200, std::move(*text));
}

// ----------------------------------------------------------------------------------- intervals

http::Response intervals(const Context&, const KeyOnlyBody&) {
  static constexpr std::string_view kBody =
      R"({"data":{"days":["D"],"hours":["1h","2h","3h","4h"],)"
      R"("minutes":["1m","2m","3m","5m","10m","15m","20m","30m"],"months":[],)"
      R"("seconds":["1s","5s","10s","15s","30s","45s"],"weeks":["W"]},"status":"success"})";
  return http::Response::json(200, std::string{kBody});
}

// -------------------------------------------------------------------------------------- ticker

struct TickerQuery {
  std::string_view interval{"D"};
  Date from{};
  Date to{};
  std::string format{"json"};
};

const RequestSchema<TickerQuery>& ticker_schema() {
  static const RequestSchema<TickerQuery> kSchema = [] {
    RequestSchema<TickerQuery> schema;
    schema.choice("interval", &TickerQuery::interval, Presence::Optional, any_interval())
        .date("from", &TickerQuery::from, Presence::Required)
        .date("to", &TickerQuery::to, Presence::Required)
        .text("format", &TickerQuery::format, Presence::Optional);
    return schema;
  }();
  return kSchema;
}

struct TickerName {
  market::Exchange exchange;
  std::string symbol;
};

std::optional<TickerName> parse_ticker(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() != 2) return std::nullopt;
  const auto exchange = market::parse_exchange(parts[0]);
  if (!exchange) return std::nullopt;
  return TickerName{*exchange, std::string{parts[1]}};
}

// The range is cut to what a charting tool can use: 30 days of intraday candles, ten years of daily.
Date earliest(Date from, Date to, bool intraday) {
  const std::chrono::days most{intraday ? 30 : 3650};
  return std::max(from, Date{std::chrono::sys_days{to} - most});
}

std::string time_text(TimePoint at) { return ist_text(at).substr(11); }

std::string candle_lines(const std::string& ticker, const std::vector<Candle>& candles, bool daily) {
  std::string out;
  out.reserve(candles.size() * 90);
  for (const Candle& candle : candles) {
    if (!out.empty()) out += '\n';
    out += ticker + "," + date_text(ist(candle.start).date);
    if (!daily) out += "," + time_text(candle.start);
    for (const Price price : {candle.open, candle.high, candle.low, candle.close}) {
      out += "," + price.text();
      if (price.is_whole()) out += ".0";
    }
    out += "," + std::to_string(candle.volume);
  }
  return out;
}

http::Response ticker_error(bool as_text, int status, const std::string& message) {
  return as_text ? http::Response::text(status, message) : error_reply(status, message);
}

Task<http::Response> ticker(Context context, TickerQuery query) {
  const bool as_text = query.format == "txt";
  const auto path_value = context.call->path_values.find("ticker");
  const std::string text = path_value == context.call->path_values.end() ? "" : path_value->second;
  const auto name = parse_ticker(text);
  if (!name) co_return ticker_error(as_text, 400, "Name the instrument as EXCHANGE:SYMBOL.");
  const FoundInstrument instrument{*context.services, name->exchange, name->symbol};
  if (!instrument) {
    co_return ticker_error(as_text, 400, symbol_not_found(name->symbol, name->exchange));
  }
  const market::QuoteSource& quotes = context.services->quotes;
  auto body = co_await on_worker<std::string>(
      &context.services->workers, context.call->executor,
      [&quotes, instrument, query, text, as_text]() -> Result<std::string> {
        const bool intraday = is_intraday(query.interval);
        const auto candles = quotes.candles(*instrument, query.interval,
                                            earliest(query.from, query.to, intraday), query.to);
        if (!candles) return pass_on(candles);
        if (as_text) return candle_lines(text, *candles, query.interval == "D");
        return candles_json(*candles, intraday, 0);
      });
  if (!body) co_return ticker_error(as_text, guard::http_status(body.error().code), body.error().message);
  co_return as_text ? http::Response::text(200, std::move(*body))
                    : http::Response::json(200, std::move(*body));
}

}  // namespace

void add_candle_routes(RouteBook& book) {
  book.post({.path = "/api/v1/history",
             .summary = "Candles of one instrument.",
             .priority = guard::Priority::Deferrable},
            history_schema(), history);
  book.post({.path = "/api/v1/intervals", .summary = "The candle sizes on offer."}, key_only_schema(),
            intervals);
  book.get({.path = "/api/v1/ticker/{ticker}",
            .summary = "Candles of EXCHANGE:SYMBOL as JSON or text.",
            .priority = guard::Priority::Deferrable},
           ticker_schema(), ticker);
}

}  // namespace kavach::api
