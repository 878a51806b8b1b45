// quotes, multiquotes and depth.

#include <array>
#include <utility>
#include <vector>

#include "api/resources.h"
#include "api/symbol_body.h"

namespace kavach::api {
namespace {

using market::Depth;
using market::DepthLevel;
using market::Quote;

void write_quote(JsonWriter& json, const Quote& quote) {
  json.object()
      .field("ask", quote.ask)
      .field("bid", quote.bid)
      .field("high", quote.high)
      .field("low", quote.low)
      .field("ltp", quote.last)
      .field("oi", quote.open_interest)
      .field("open", quote.open)
      .field("prev_close", quote.close_previous)
      .field("volume", quote.volume)
      .end();
}

http::Response quotes(const Context& context, const SymbolBody& body) {
  const FoundInstrument instrument{*context.services, body.exchange, body.symbol};
  if (!instrument) return error_reply(400, symbol_not_found(body.symbol, body.exchange));
  const auto quote = context.services->quotes.quote(*instrument);
  if (!quote) return failure_reply(quote.error());
  ReplyWriter out;
  out.json().object().key("data");
  write_quote(out.json(), *quote);
  out.json().field("status", "success").end();
  return out.reply();
}

struct MultiQuotesBody {
  std::vector<SymbolBody> symbols;
};

const RequestSchema<MultiQuotesBody>& multi_quotes_schema() {
  static const RequestSchema<MultiQuotesBody> kSchema = [] {
    RequestSchema<MultiQuotesBody> schema;
    schema.list("symbols", &MultiQuotesBody::symbols, Presence::Required, symbol_item_schema(),
                {.length_min = 1});
    return schema;
  }();
  return kSchema;
}

void write_item_error(JsonWriter& json, const SymbolBody& item, std::string_view error) {
  json.object()
      .field("error", error)
      .field("exchange", market::name_of(item.exchange))
      .field("symbol", item.symbol)
      .end();
}

void write_item(JsonWriter& json, const Context& context, const SymbolBody& item,
                const market::Instrument& instrument) {
  const auto quote = context.services->quotes.quote(instrument);
  if (!quote) return write_item_error(json, item, "No quote data available");
  json.object().key("data");
  write_quote(json, *quote);
  json.field("exchange", market::name_of(item.exchange)).field("symbol", item.symbol).end();
}

http::Response none_known(const std::vector<const SymbolBody*>& unknown) {
  ReplyWriter out{unknown.size() * 200};
  JsonWriter& json = out.json();
  json.object().key("invalid_symbols").array();
  for (const SymbolBody* item : unknown) {
    write_item_error(json, *item, symbol_not_found(item->symbol, item->exchange));
  }
  json.end()
      .field("message", symbol_not_found(unknown.front()->symbol, unknown.front()->exchange))
      .field("status", "error")
      .end();
  return out.reply(400);
}

// Unknown symbols come first, as clients of this endpoint know it.
http::Response multi_quotes(const Context& context, const MultiQuotesBody& body) {
  const auto table = context.services->instruments.read();
  std::vector<const SymbolBody*> unknown;
  std::vector<std::pair<const SymbolBody*, const market::Instrument*>> known;
  for (const SymbolBody& item : body.symbols) {
    if (const auto* instrument = table->find(item.exchange, item.symbol)) {
      known.emplace_back(&item, instrument);
    } else {
      unknown.push_back(&item);
    }
  }
  if (known.empty()) return none_known(unknown);
  ReplyWriter out{64 + body.symbols.size() * 220};
  JsonWriter& json = out.json();
  json.object().key("results").array();
  for (const SymbolBody* item : unknown) {
    write_item_error(json, *item, symbol_not_found(item->symbol, item->exchange));
  }
  for (const auto& [item, instrument] : known) write_item(json, context, *item, *instrument);
  json.end().field("status", "success").end();
  return out.reply();
}

void write_levels(JsonWriter& json, std::string_view name, const std::array<DepthLevel, 5>& levels) {
  json.key(name).array();
  for (const DepthLevel& level : levels) {
    json.object().field("price", level.price).field("quantity", level.quantity).end();
  }
  json.end();
}

http::Response depth(const Context& context, const SymbolBody& body) {
  const FoundInstrument instrument{*context.services, body.exchange, body.symbol};
  if (!instrument) return error_reply(400, symbol_not_found(body.symbol, body.exchange));
  const auto found = context.services->quotes.depth(*instrument);
  if (!found) return failure_reply(found.error());
  const Quote& quote = found->quote;
  ReplyWriter out{768};
  JsonWriter& json = out.json();
  json.object().key("data").object();
  write_levels(json, "asks", found->asks);
  write_levels(json, "bids", found->bids);
  json.field("high", quote.high)
      .field("low", quote.low)
      .field("ltp", quote.last)
      .field("ltq", quote.last_quantity)
      .field("oi", quote.open_interest)
      .field("open", quote.open)
      .field("prev_close", quote.close_previous)
      .field("totalbuyqty", found->total_buy_quantity)
      .field("totalsellqty", found->total_sell_quantity)
      .field("volume", quote.volume)
      .end();
  json.field("status", "success").end();
  return out.reply();
}

}  // namespace

void add_quote_routes(RouteBook& book) {
  book.post({.path = "/api/v1/quotes", .summary = "The quote of one instrument."}, symbol_schema(),
            quotes);
  book.post({.path = "/api/v1/multiquotes", .summary = "Quotes of many instruments."},
            multi_quotes_schema(), multi_quotes);
  book.post({.path = "/api/v1/depth", .summary = "Five levels of bids and asks."}, symbol_schema(),
            depth);
}

}  // namespace kavach::api
