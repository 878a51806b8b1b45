#include "api/book_encoding.h"

#include "api/encode.h"
#include "core/civil_time.h"

namespace kavach::api {
namespace {

using trading::Order;
using trading::OrderStatus;
using trading::PriceType;
using trading::Side;

// The simulator shows what a MARKET order was judged by; live books show no price for it.
Price price_of(const Order& order, Mode mode) {
  if (order.request.price_type != PriceType::Market) return order.request.price;
  return mode == Mode::Analyze ? order.reference_price : Price{};
}

Quantity pending_of(const Order& order) {
  return trading::is_working(order.status) ? order.request.quantity - order.filled : Quantity{};
}

void write_order(JsonWriter& json, const Order& order, Mode mode, bool as_status) {
  const trading::OrderRequest& request = order.request;
  const market::Exchange exchange = request.instrument.exchange;
  const bool shows_average = !as_status || mode == Mode::Analyze || order.status == OrderStatus::Complete;
  json.object().field("action", trading::name_of(request.side));
  json.field("average_price", shows_average ? shown_price(order.average_price, exchange) : Price{});
  json.field("exchange", market::name_of(exchange));
  write_quantity(json, "filled_quantity", order.filled);
  json.field("order_status", trading::wire_name(order.status)).field("orderid", order.id);
  write_quantity(json, "pending_quantity", pending_of(order));
  json.field("price", shown_price(price_of(order, mode), exchange));
  // The simulator's orderstatus used to say price_type; strategies read either name.
  if (as_status && mode == Mode::Analyze) {
    json.field("price_type", trading::name_of(request.price_type));
  }
  json.field("pricetype", trading::name_of(request.price_type));
  json.field("product", trading::name_of(request.product));
  write_quantity(json, "quantity", request.quantity);
  json.field("rejection_reason", order.rejection_reason)
      .field("strategy", request.strategy)
      .field("symbol", request.instrument.symbol)
      .field("timestamp", ist_text(order.placed_at))
      .field("trigger_price", shown_price(request.trigger_price, exchange))
      .end();
}

struct Statistics {
  int buys{0}, sells{0}, completed{0}, open{0}, rejected{0}, trigger_pending{0};
};

Statistics count(const std::vector<trading::SharedOrder>& orders) {
  Statistics counted;
  for (const auto& shared : orders) {
    const Order& order = *shared;
    ++(order.request.side == Side::Buy ? counted.buys : counted.sells);
    if (order.status == OrderStatus::TriggerPending) {
      ++counted.trigger_pending;
    } else if (order.status == OrderStatus::Complete) {
      ++counted.completed;
    } else if (order.status == OrderStatus::Rejected) {
      ++counted.rejected;
    } else if (trading::is_working(order.status)) {
      ++counted.open;
    }
  }
  return counted;
}

}  // namespace

void write_orders(JsonWriter& json, const std::vector<trading::SharedOrder>& orders, Mode mode) {
  const Statistics counted = count(orders);
  json.object().key("orders").array();
  for (const auto& order : orders) write_order(json, *order, mode, false);
  json.end().key("statistics").object();
  json.field("total_buy_orders", counted.buys)
      .field("total_completed_orders", counted.completed)
      .field("total_open_orders", counted.open)
      .field("total_rejected_orders", counted.rejected)
      .field("total_sell_orders", counted.sells);
  if (mode == Mode::Analyze) json.field("total_trigger_pending_orders", counted.trigger_pending);
  json.end().end();
}

void write_order_status(JsonWriter& json, const Order& order, Mode mode) {
  write_order(json, order, mode, true);
}

void write_fills(JsonWriter& json, const std::vector<trading::Fill>& fills, Mode mode) {
  json.array();
  for (const trading::Fill& fill : fills) {
    const market::Exchange exchange = fill.instrument.exchange;
    const Price price = shown_price(fill.price, exchange);
    json.object()
        .field("action", trading::name_of(fill.side))
        .field("average_price", price)
        .field("exchange", market::name_of(exchange))
        .field("orderid", fill.order_id);
    if (mode == Mode::Analyze) json.field("price", price);
    json.field("product", trading::name_of(fill.product));
    write_quantity(json, "quantity", fill.quantity);
    if (mode == Mode::Analyze) json.field("strategy", fill.strategy);
    json.field("symbol", fill.instrument.symbol).field("timestamp", ist_text(fill.at));
    json.field("trade_value", shown_money(value_of(fill.price, fill.quantity)));
    if (mode == Mode::Analyze) json.field("tradeid", fill.trade_id);
    json.end();
  }
  json.end();
}

void write_positions(JsonWriter& json, const std::vector<ValuedPosition>& positions, Mode mode) {
  json.array();
  for (const ValuedPosition& row : positions) {
    const trading::Position& position = row.position;
    const market::Exchange exchange = position.instrument.exchange;
    const bool closed = position.quantity.is_zero();
    json.object()
        .field("average_price",
               closed ? Price{} : shown_price(position.average_price, exchange))
        .field("exchange", market::name_of(exchange));
    if (mode == Mode::Analyze) json.field("lot_size", Quantity::whole(1));
    json.field("ltp", shown_price(row.last, exchange)).field("pnl", shown_money(row.today));
    if (mode == Mode::Analyze) {
      const Money invested = value_of(position.average_price, position.quantity.magnitude());
      json.field("pnlpercent", percent_of(row.unrealised, invested));
    }
    json.field("product", trading::name_of(position.product));
    write_quantity(json, "quantity", position.quantity);
    json.field("symbol", position.instrument.symbol);
    if (mode == Mode::Analyze) {
      json.field("today_realized_pnl", shown_money(position.realised_today))
          .field("total_pnl_today", shown_money(row.today))
          .field("unrealized_pnl", shown_money(row.unrealised));
    }
    json.end();
  }
  json.end();
}

void write_holdings(JsonWriter& json, const std::vector<ValuedHolding>& holdings, Mode mode) {
  Money value;
  Money invested;
  json.object().key("holdings").array();
  for (const ValuedHolding& row : holdings) {
    const trading::Holding& holding = row.holding;
    const market::Exchange exchange = holding.instrument.exchange;
    value += row.value;
    invested += row.invested;
    json.object().field("average_price", shown_price(holding.average_price, exchange));
    if (mode == Mode::Analyze) json.field("current_value", shown_money(row.value));
    json.field("exchange", market::name_of(exchange))
        .field("ltp", shown_price(row.last, exchange))
        .field("pnl", shown_money(row.gain))
        .field("pnlpercent", percent_of(row.gain, row.invested))
        .field("product", "CNC");
    write_quantity(json, "quantity", holding.quantity);
    if (mode == Mode::Analyze) json.field("settlement_date", date_text(holding.settled_on));
    json.field("symbol", holding.instrument.symbol).end();
  }
  json.end().key("statistics").object();
  json.field("totalholdingvalue", shown_money(value))
      .field("totalinvvalue", shown_money(invested))
      .field("totalpnlpercentage", percent_of(value - invested, invested))
      .field("totalprofitandloss", shown_money(value - invested))
      .end()
      .end();
}

void write_funds(JsonWriter& json, const trading::Funds& funds, const PositionTotals& totals,
                 Mode mode) {
  json.object();
  if (mode == Mode::Live) {
    json.field("availablecash", two_decimals(funds.available))
        .field("collateral", "0.00")
        .field("m2mrealized", two_decimals(funds.realised_today))
        .field("m2munrealized", two_decimals(totals.unrealised))
        .field("utiliseddebits", two_decimals(funds.used_margin))
        .end();
    return;
  }
  json.field("availablecash", shown_money(funds.available))
      .field("collateral", Money{})
      .field("grossexposure", shown_money(funds.used_margin))
      .field("last_reset", ist_text(funds.last_reset))
      .field("m2mrealized", shown_money(funds.realised_today))
      .field("m2munrealized", shown_money(totals.unrealised))
      .field("reset_count", funds.reset_count)
      .field("today_realized_pnl", shown_money(funds.realised_today))
      .field("total_realized_pnl", shown_money(funds.realised_total))
      .field("totalpnl", shown_money(funds.realised_total + totals.unrealised))
      .field("utiliseddebits", shown_money(funds.used_margin))
      .end();
}

}  // namespace kavach::api
