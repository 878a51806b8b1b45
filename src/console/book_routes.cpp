// Orders, trades, positions, holdings, funds.

#include "console/book_view.h"
#include "console/handlers.h"
#include "console/reply.h"
#include "core/civil_time.h"

namespace kavach::console {
namespace {

void write_quantity(JsonWriter& json, std::string_view name, Quantity quantity) {
  if (quantity.is_whole()) {
    json.field(name, quantity.whole_part());
  } else {
    json.field(name, quantity);
  }
}

void write_order(JsonWriter& json, const trading::Order& order) {
  const trading::OrderRequest& asked = order.request;
  json.object().field("orderid", order.id).field("symbol", asked.instrument.symbol);
  json.field("exchange", name_of(asked.instrument.exchange)).field("action", name_of(asked.side));
  write_quantity(json, "quantity", asked.quantity);
  write_quantity(json, "filled_quantity", order.filled);
  write_quantity(json, "pending_quantity", is_working(order.status) ? asked.quantity - order.filled : Quantity{});
  json.field("price", asked.price).field("trigger_price", asked.trigger_price);
  json.field("average_price", order.average_price).field("pricetype", name_of(asked.price_type));
  json.field("product", name_of(asked.product)).field("order_status", wire_name(order.status));
  json.field("rejection_reason", order.rejection_reason).field("strategy", asked.strategy);
  json.field("timestamp", ist_text(order.placed_at)).end();
}

struct OrderCounts {
  int buy{0}, sell{0}, completed{0}, open{0}, rejected{0};

  void count(const trading::Order& order) {
    ++(order.request.side == trading::Side::Buy ? buy : sell);
    if (order.status == trading::OrderStatus::Complete) ++completed;
    if (order.status == trading::OrderStatus::Rejected) ++rejected;
    if (is_working(order.status)) ++open;
  }
};

Task<http::Response> orders(Trader trader) {
  const auto rows = co_await orders_of_day(trader);
  if (!rows) co_return failure_reply(rows.error());
  DataReply out{256 + rows->size() * 400};
  JsonWriter& json = out.json();
  OrderCounts counts;
  json.object().key("orders").array();
  for (const trading::SharedOrder& order : *rows) {
    write_order(json, *order);
    counts.count(*order);
  }
  json.end().key("statistics").object().field("total_buy_orders", counts.buy);
  json.field("total_sell_orders", counts.sell).field("total_completed_orders", counts.completed);
  json.field("total_open_orders", counts.open).field("total_rejected_orders", counts.rejected);
  json.end().end();
  co_return out.reply();
}

Task<http::Response> trades(Trader trader) {
  const auto rows = co_await fills_of_day(trader);
  if (!rows) co_return failure_reply(rows.error());
  DataReply out{256 + rows->size() * 300};
  JsonWriter& json = out.json();
  json.object().key("trades").array();
  for (const trading::Fill& fill : *rows) {
    json.object().field("tradeid", fill.trade_id).field("orderid", fill.order_id);
    json.field("symbol", fill.instrument.symbol).field("exchange", name_of(fill.instrument.exchange));
    json.field("product", name_of(fill.product)).field("action", name_of(fill.side));
    write_quantity(json, "quantity", fill.quantity);
    json.field("average_price", fill.price);
    json.field("trade_value", notional(fill.price, fill.quantity).value_or(Money{}));
    json.field("strategy", fill.strategy).field("timestamp", ist_text(fill.at)).end();
  }
  json.end().end();
  co_return out.reply();
}

Task<http::Response> positions(Trader trader) {
  const auto rows = co_await positions_of_day(trader);
  if (!rows) co_return failure_reply(rows.error());
  DataReply out{256 + rows->size() * 250};
  JsonWriter& json = out.json();
  Money total;
  json.object().key("positions").array();
  for (const ValuedPosition& row : *rows) {
    const trading::Position& position = row.position;
    json.object().field("symbol", position.instrument.symbol);
    json.field("exchange", name_of(position.instrument.exchange)).field("product", name_of(position.product));
    write_quantity(json, "quantity", position.quantity);
    json.field("average_price", position.average_price).field("ltp", row.last).field("pnl", row.today());
    json.field("realised", position.realised_today).end();
    total += row.today();
  }
  json.end().field("total_pnl", total).end();
  co_return out.reply();
}

Task<http::Response> holdings(Trader trader) {
  const auto rows = co_await holdings_of(trader);
  if (!rows) co_return failure_reply(rows.error());
  DataReply out{256 + rows->size() * 250};
  JsonWriter& json = out.json();
  Money value;
  Money invested;
  json.object().key("holdings").array();
  for (const ValuedHolding& row : *rows) {
    const trading::Holding& holding = row.holding;
    json.object().field("symbol", holding.instrument.symbol);
    json.field("exchange", name_of(holding.instrument.exchange)).field("product", "CNC");
    write_quantity(json, "quantity", holding.quantity);
    json.field("average_price", holding.average_price).field("ltp", row.last).field("pnl", row.gain());
    json.field("pnlpercent", percent_of(row.gain(), row.invested)).end();
    value += row.value;
    invested += row.invested;
  }
  json.end().key("statistics").object().field("totalholdingvalue", value).field("totalinvvalue", invested);
  json.field("totalprofitandloss", value - invested);
  json.field("totalpnlpercentage", percent_of(value - invested, invested)).end().end();
  co_return out.reply();
}

Task<http::Response> funds(Trader trader) {
  const auto held = co_await funds_of(trader);
  if (!held) co_return failure_reply(held.error());
  const auto rows = co_await positions_of_day(trader);
  if (!rows) co_return failure_reply(rows.error());
  Money unrealised;
  for (const ValuedPosition& row : *rows) unrealised += row.unrealised;
  DataReply out;
  out.json().object().field("capital", held->capital).field("available", held->available);
  out.json().field("used_margin", held->used_margin).field("realised", held->realised_today);
  out.json().field("unrealised", unrealised).end();
  co_return out.reply();
}

}  // namespace

void add_book_routes(ConsoleServices& services, guard::Routes& routes) {
  routes.push_back(reading(services, "/console/api/orders", orders));
  routes.push_back(reading(services, "/console/api/trades", trades));
  routes.push_back(reading(services, "/console/api/positions", positions));
  routes.push_back(reading(services, "/console/api/holdings", holdings));
  routes.push_back(reading(services, "/console/api/funds", funds));
}

}  // namespace kavach::console
