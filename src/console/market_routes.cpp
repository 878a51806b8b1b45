// Instruments, quotes and depth.

#include <algorithm>

#include "console/handlers.h"
#include "console/reply.h"
#include "core/civil_time.h"
#include "core/on_worker.h"
#include "core/text.h"

namespace kavach::console {
namespace {

using market::Exchange;
using market::Instrument;

constexpr std::size_t kQueryMax = 60;
constexpr std::int64_t kFoundMax = 100;
constexpr std::int64_t kFoundDefault = 30;
constexpr std::size_t kQuotesMax = 50;

using TableView = std::shared_ptr<const market::InstrumentTable>;

void write_instrument(JsonWriter& json, const Instrument& instrument) {
  json.object().field("symbol", instrument.symbol).field("exchange", name_of(instrument.exchange));
  json.field("name", instrument.name);
  json.field("expiry", instrument.expiry ? expiry_text(*instrument.expiry) : std::string{});
  json.field("strike", instrument.strike).field("lotsize", instrument.lot_size);
  json.field("instrumenttype", name_of(instrument.type)).field("tick_size", instrument.tick_size);
  json.field("freeze_qty", instrument.freeze_quantity).end();
}

std::string found_body(const std::vector<const Instrument*>& found) {
  DataReply out{256 + found.size() * 200};
  out.json().object().key("instruments").array();
  for (const Instrument* instrument : found) write_instrument(out.json(), *instrument);
  out.json().end().end();
  return out.reply().body;
}

struct Search {
  std::string query;
  std::optional<Exchange> exchange;
  std::size_t limit;
};

Result<Search> search_of(const http::Request& request) {
  Search search{request.query_value("q"), std::nullopt, 0};
  if (search.query.empty() || search.query.size() > kQueryMax) {
    return fail(ErrorCode::InvalidInput, "q must have 1 to 60 characters.");
  }
  if (const std::string name = request.query_value("exchange"); !name.empty()) {
    search.exchange = market::parse_exchange(name);
    if (!search.exchange) return fail(ErrorCode::InvalidInput, "exchange is not known.");
  }
  const auto limit = parse_int(request.query_value("limit")).value_or(kFoundDefault);
  search.limit = static_cast<std::size_t>(std::clamp<std::int64_t>(limit, 1, kFoundMax));
  return search;
}

// A scan over all instruments takes milliseconds: it runs on a worker, not on the I/O thread.
Task<http::Response> instruments(Trader trader) {
  auto search = search_of(trader.call->request);
  if (!search) co_return failure_reply(search.error());
  TableView table = trader.services->instruments.read();
  auto body = co_await on_worker<std::string>(
      &trader.services->workers, trader.call->executor, [table, asked = *search]() -> Result<std::string> {
        return found_body(table->search(asked.query, asked.exchange, asked.limit));
      });
  if (!body) co_return failure_reply(body.error());
  co_return http::Response::json(200, std::move(*body));
}

Result<const Instrument*> instrument_of(const http::Request& request, const market::InstrumentTable& table) {
  const auto exchange = market::parse_exchange(request.query_value("exchange"));
  const std::string symbol = request.query_value("symbol");
  const Instrument* found = exchange ? table.find(*exchange, symbol) : nullptr;
  if (found == nullptr) return fail(ErrorCode::NotFound, "There is no such instrument: search for it.");
  return found;
}

void write_quote_fields(JsonWriter& json, const market::Quote& quote) {
  json.field("open", quote.open).field("high", quote.high).field("low", quote.low).field("ltp", quote.last);
  json.field("bid", quote.bid).field("ask", quote.ask).field("prev_close", quote.close_previous);
  json.field("volume", quote.volume).field("oi", quote.open_interest).field("stale", quote.stale);
}

Task<http::Response> quote(Trader trader) {
  const TableView table = trader.services->instruments.read();
  const auto instrument = instrument_of(trader.call->request, *table);
  if (!instrument) co_return failure_reply(instrument.error());
  const auto quoted = trader.services->quotes.quote(**instrument);
  if (!quoted) co_return failure_reply(quoted.error());
  DataReply out;
  out.json().object();
  write_quote_fields(out.json(), *quoted);
  out.json().end();
  co_return out.reply();
}

// `NSE:SBIN,NSE:ITC`; unknown ones are left out.
Task<http::Response> quotes(Trader trader) {
  const TableView table = trader.services->instruments.read();
  const std::string asked = trader.call->request.query_value("symbols");
  const auto names = split(asked, ',');
  if (asked.empty() || names.size() > kQuotesMax) co_return bad_request("symbols must name 1 to 50 instruments.");
  DataReply out{256 + names.size() * 250};
  JsonWriter& json = out.json();
  json.object().key("quotes").array();
  for (const std::string_view name : names) {
    const auto colon = name.find(':');
    const auto exchange = market::parse_exchange(name.substr(0, colon));
    if (colon == std::string_view::npos || !exchange) continue;
    const Instrument* instrument = table->find(*exchange, name.substr(colon + 1));
    if (instrument == nullptr) continue;
    const auto quoted = trader.services->quotes.quote(*instrument);
    if (!quoted) continue;
    json.object().field("symbol", instrument->symbol).field("exchange", name_of(instrument->exchange));
    write_quote_fields(json, *quoted);
    json.end();
  }
  json.end().end();
  co_return out.reply();
}

void write_levels(JsonWriter& json, std::string_view name, const std::array<market::DepthLevel, 5>& levels) {
  json.key(name).array();
  for (const market::DepthLevel& level : levels) {
    json.object().field("price", level.price).field("quantity", level.quantity).end();
  }
  json.end();
}

Task<http::Response> depth(Trader trader) {
  const TableView table = trader.services->instruments.read();
  const auto instrument = instrument_of(trader.call->request, *table);
  if (!instrument) co_return failure_reply(instrument.error());
  const auto book = trader.services->quotes.depth(**instrument);
  if (!book) co_return failure_reply(book.error());
  DataReply out{1024};
  JsonWriter& json = out.json();
  json.object();
  write_quote_fields(json, book->quote);
  json.field("ltq", book->quote.last_quantity).field("totalbuyqty", book->total_buy_quantity);
  json.field("totalsellqty", book->total_sell_quantity);
  write_levels(json, "bids", book->bids);
  write_levels(json, "asks", book->asks);
  json.end();
  co_return out.reply();
}

}  // namespace

void add_market_routes(ConsoleServices& services, guard::Routes& routes) {
  using guard::Priority;
  routes.push_back(reading(services, "/console/api/instruments", instruments, Priority::Deferrable));
  routes.push_back(reading(services, "/console/api/quote", quote));
  routes.push_back(reading(services, "/console/api/quotes", quotes));
  routes.push_back(reading(services, "/console/api/depth", depth));
}

}  // namespace kavach::console
