// The account endpoints: orderbook, tradebook, positionbook, holdings, funds, orderstatus,
// openposition and pnl/symbols.

#include <optional>
#include <utility>

#include "api/book_encoding.h"
#include "api/book_view.h"
#include "api/choices.h"
#include "api/encode.h"
#include "api/order_bodies.h"
#include "api/order_calls.h"
#include "api/resources.h"
#include "api/symbol_body.h"

namespace kavach::api {
namespace {

struct OpenPositionBody {
  std::string strategy;
  std::string symbol;
  std::string exchange;
  trading::Product product{trading::Product::Mis};
};

const RequestSchema<OpenPositionBody>& open_position_schema() {
  static const RequestSchema<OpenPositionBody> kSchema = [] {
    RequestSchema<OpenPositionBody> schema;
    schema.text("strategy", &OpenPositionBody::strategy, Presence::Required)
        .text("symbol", &OpenPositionBody::symbol, Presence::Required)
        .text("exchange", &OpenPositionBody::exchange, Presence::Required)
        .choice("product", &OpenPositionBody::product, Presence::Required, any_product());
    return schema;
  }();
  return kSchema;
}

// `{"data":…,` in front of `mode` and `status`, as sorted keys come.
template <class Write>
http::Response data_reply(const Context& context, std::size_t rows, Write write) {
  constexpr std::size_t kRowBytes = 360;
  ReplyWriter out{256 + rows * kRowBytes};
  out.json().object().key("data");
  write(out.json(), mode_of(context));
  if (context.analyze) out.json().field("mode", "analyze");
  out.json().field("status", "success").end();
  return out.reply();
}

Task<http::Response> order_book(Context context, KeyOnlyBody) {
  const auto orders = co_await orders_of_day(context);
  if (!orders) co_return failure_reply(orders.error(), mode_of(context));
  co_return data_reply(context, orders->size(), [&orders](JsonWriter& json, Mode mode) {
    write_orders(json, *orders, mode);
  });
}

Task<http::Response> trade_book(Context context, KeyOnlyBody) {
  const auto fills = co_await fills_of_day(context);
  if (!fills) co_return failure_reply(fills.error(), mode_of(context));
  co_return data_reply(context, fills->size(), [&fills](JsonWriter& json, Mode mode) {
    write_fills(json, *fills, mode);
  });
}

void write_totals(JsonWriter& json, const PositionTotals& totals) {
  json.field("total_pnl", shown_money(totals.today))
      .field("total_pnl_today", shown_money(totals.today))
      .field("total_today_realized_pnl", shown_money(totals.realised_today))
      .field("total_unrealized_pnl", shown_money(totals.unrealised));
}

Task<http::Response> position_book(Context context, KeyOnlyBody) {
  const auto positions = co_await positions_of_day(context);
  if (!positions) co_return failure_reply(positions.error(), mode_of(context));
  ReplyWriter out{256 + positions->size() * 320};
  JsonWriter& json = out.json();
  json.object().key("data");
  write_positions(json, *positions, mode_of(context));
  if (context.analyze) json.field("mode", "analyze");
  json.field("status", "success");
  if (context.analyze) write_totals(json, totals_of(*positions));
  json.end();
  co_return out.reply();
}

Task<http::Response> holdings(Context context, KeyOnlyBody) {
  const auto rows = co_await holdings_of(context);
  if (!rows) co_return failure_reply(rows.error(), mode_of(context));
  co_return data_reply(context, rows->size(), [&rows](JsonWriter& json, Mode mode) {
    write_holdings(json, *rows, mode);
  });
}

Task<http::Response> funds(Context context, KeyOnlyBody) {
  const auto positions = co_await positions_of_day(context);
  if (!positions) co_return failure_reply(positions.error(), mode_of(context));
  trading::Funds funds;
  const auto read = co_await read_books(
      context, [&funds](const trading::Books& books) { funds = books.funds(); });
  if (!read) co_return failure_reply(read.error(), mode_of(context));
  co_return data_reply(context, 1, [&](JsonWriter& json, Mode mode) {
    write_funds(json, funds, totals_of(*positions), mode);
  });
}

Task<http::Response> order_status(Context context, CancelOrderBody body) {
  std::optional<trading::Order> order;
  const auto read = co_await read_books(context, [&](const trading::Books& books) {
    if (const trading::Order* found = books.find_order(body.order_id)) order = *found;
  });
  if (!read) co_return failure_reply(read.error(), mode_of(context));
  if (!order) {
    co_return error_reply(404, "Order " + body.order_id + " not found", mode_of(context));
  }
  co_return data_reply(context, 1, [&order](JsonWriter& json, Mode mode) {
    write_order_status(json, *order, mode);
  });
}

Task<http::Response> open_position(Context context, OpenPositionBody body) {
  Quantity quantity;
  // Any text is allowed as exchange; one that does not exist has no position.
  if (const auto exchange = market::parse_exchange(body.exchange)) {
    const auto read = co_await read_books(context, [&](const trading::Books& books) {
      quantity = books.net_quantity({*exchange, body.symbol}, body.product);
    });
    if (!read) co_return failure_reply(read.error(), mode_of(context));
  }
  ReplyWriter out{64};
  out.json().object();
  if (context.analyze) out.json().field("mode", "analyze");
  write_quantity(out.json(), "quantity", quantity);
  out.json().field("status", "success").end();
  co_return out.reply();
}

Task<http::Response> pnl_of_symbols(Context context, KeyOnlyBody) {
  if (!context.analyze) {
    co_return error_reply(400, "This endpoint is only available in sandbox/analyzer mode");
  }
  const auto positions = co_await positions_of_day(context);
  if (!positions) co_return failure_reply(positions.error(), Mode::Analyze);
  ReplyWriter out{256 + positions->size() * 240};
  JsonWriter& json = out.json();
  json.object().key("data").array();
  for (const ValuedPosition& row : *positions) {
    json.object()
        .field("exchange", market::name_of(row.position.instrument.exchange))
        .field("pnl", shown_money(row.today))
        .field("product", trading::name_of(row.position.product));
    write_quantity(json, "quantity", row.position.quantity);
    json.field("symbol", row.position.instrument.symbol)
        .field("today_realized_pnl", shown_money(row.position.realised_today))
        .field("total_pnl_today", shown_money(row.today))
        .field("unrealized_pnl", shown_money(row.unrealised))
        .end();
  }
  json.end().field("mode", "analyze").field("status", "success");
  write_totals(json, totals_of(*positions));
  json.end();
  co_return out.reply();
}

}  // namespace

void add_book_routes(RouteBook& book) {
  book.post({.path = "/api/v1/orderbook", .summary = "Today's orders."}, key_only_schema(), order_book);
  book.post({.path = "/api/v1/tradebook", .summary = "Today's fills."}, key_only_schema(), trade_book);
  book.post({.path = "/api/v1/positionbook", .summary = "Positions."}, key_only_schema(),
            position_book);
  book.post({.path = "/api/v1/holdings", .summary = "Delivery holdings."}, key_only_schema(), holdings);
  book.post({.path = "/api/v1/funds", .summary = "Cash and margin."}, key_only_schema(), funds);
  const EndpointTerms status{.path = "/api/v1/orderstatus",
                             .summary = "One order's state.",
                             .priority = guard::Priority::Essential,
                             .family = ErrorFamily::Literal,
                             .mode_in_errors = true};
  book.post(status, cancel_order_schema(), order_status);
  book.post({.path = "/api/v1/openposition",
             .summary = "The net quantity of one instrument.",
             .family = ErrorFamily::Literal,
             .mode_in_errors = true},
            open_position_schema(), open_position);
  book.post({.path = "/api/v1/pnl/symbols", .summary = "The simulator's profit of the day by position."},
            key_only_schema(), pnl_of_symbols);
}

}  // namespace kavach::api
