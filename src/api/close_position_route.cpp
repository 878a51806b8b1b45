// closeposition: squares off every open position, or those of one product.

#include <algorithm>
#include <utility>
#include <vector>

#include "api/order_bodies.h"
#include "api/order_calls.h"
#include "api/resources.h"

namespace kavach::api {
namespace {

using trading::ClosedPositions;

std::string with_notice(std::string message, const ClosedPositions& result) {
  const std::string_view notice = trading::notice_of(result.recorded_in);
  return notice.empty() ? message : message.append(". ").append(notice);
}

std::string closed_message(const ClosedPositions& result) {
  std::string out = "Closed " + std::to_string(result.closed) + " positions";
  if (result.failed > 0) out += " (Failed to close " + std::to_string(result.failed) + " positions)";
  return with_notice(std::move(out), result);
}

http::Response closed_in_analyze(const ClosedPositions& result) {
  ReplyWriter out;
  JsonWriter& json = out.json();
  json.object();
  if (result.nothing_open) {
    json.field("message", "No open positions to close");
  } else {
    json.field("closed_positions", result.closed)
        .field("failed_closures", result.failed)
        .field("message", closed_message(result));
  }
  json.field("mode", "analyze").field("status", "success").end();
  return out.reply();
}

// A trader who is told "squared off" believes to be flat, so a failure is not a success here.
http::Response closed_in_live(const ClosedPositions& result) {
  ReplyWriter out;
  JsonWriter& json = out.json();
  json.object();
  if (result.failed == 0) {
    json.field("message", with_notice("All Open Positions Squared Off", result)).field("status", "success").end();
    return out.reply();
  }
  json.field("closed_positions", result.closed)
      .field("code", "POSITIONS_LEFT_OPEN")
      .field("failed_closures", result.failed)
      .field("message", closed_message(result))
      .field("status", "error")
      .end();
  return out.reply(409);
}

Task<trading::Answer<ClosedPositions>> close_all(Context context) {
  co_return co_await resume_on<trading::Answer<ClosedPositions>>(
      *context.call->executor, [&](auto complete) {
        context.services->desk.close_all(context.actor(), context.account(), std::move(complete));
      });
}

trading::OrderRequest closing_order(const trading::Position& position, const std::string& strategy) {
  return {.instrument = position.instrument,
          .side = position.quantity.is_positive() ? trading::Side::Sell : trading::Side::Buy,
          .quantity = position.quantity.magnitude(),
          .price_type = trading::PriceType::Market,
          .product = position.product,
          .price = {},
          .trigger_price = {},
          .disclosed_quantity = {},
          .strategy = strategy,
          .client_order_id = {}};
}

Task<trading::Answer<ClosedPositions>> close_product(Context context, trading::Product product,
                                                     std::string strategy) {
  std::vector<trading::Position> open;
  const auto read = co_await read_books(context, [&open, product](const trading::Books& books) {
    for (const auto& [key, position] : books.positions()) {
      if (position.product == product && !position.quantity.is_zero()) open.push_back(position);
    }
  });
  if (!read) co_return std::unexpected(trading::Refusal{read.error(), {}, {}});
  ClosedPositions result{.nothing_open = open.empty()};
  for (const trading::Position& position : open) {
    const PlacedAnswer answer =
        co_await place_towards(context, closing_order(position, strategy), Quantity{});
    const bool sent = answer && answer->status != trading::OrderStatus::Unknown;
    ++(sent ? result.closed : result.failed);
    if (sent) result.recorded_in = std::max(result.recorded_in, answer->recorded_in);
  }
  co_return result;
}

Task<http::Response> close_position(Context context, ClosePositionBody body) {
  auto work = body.product ? close_product(context, *body.product, std::move(body.strategy))
                           : close_all(context);
  const trading::Answer<ClosedPositions> answer = co_await work;
  if (!answer) co_return refusal_reply(answer.error(), mode_of(context));
  co_return context.analyze ? closed_in_analyze(*answer) : closed_in_live(*answer);
}

}  // namespace

void add_close_position_route(RouteBook& book) {
  book.post({.path = "/api/v1/closeposition",
             .summary = "Squares off all open positions, or those of one product.",
             .access = guard::Access::TradeKey,
             .priority = guard::Priority::Essential,
             .changes_state = true,
             .family = ErrorFamily::Literal,
             .mode_in_errors = true},
            close_position_schema(), close_position);
}

}  // namespace kavach::api
