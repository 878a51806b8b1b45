// closeposition: squares off every open position, or those of one product.

#include <string>
#include <string_view>
#include <utility>

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
  if (result.pending > 0) {
    out += " (" + std::to_string(result.pending) + " more have closing orders that are not filled yet)";
  }
  if (!result.failures.empty()) {
    out += " (Failed to close " + std::to_string(result.failures.size()) + " positions)";
  }
  return with_notice(std::move(out), result);
}

// The contract's counts, and why what failed did.
void write_counts(JsonWriter& json, const ClosedPositions& result) {
  json.field("closed_positions", result.closed)
      .field("failed_closures", static_cast<std::int64_t>(result.failures.size()));
  if (result.pending > 0) json.field("pending_closures", result.pending);
  if (result.failures.empty()) return;
  json.key("failures").array();
  for (const trading::FailedClosure& failed : result.failures) {
    json.object()
        .field("code", failed.why.code)
        .field("exchange", market::name_of(failed.instrument.exchange))
        .field("message", failed.why.error.message)
        .field("product", trading::name_of(failed.product))
        .field("symbol", failed.instrument.symbol)
        .end();
  }
  json.end();
}

http::Response closed_in_analyze(const ClosedPositions& result) {
  ReplyWriter out;
  JsonWriter& json = out.json();
  json.object();
  if (result.nothing_open) {
    json.field("message", "No open positions to close");
  } else {
    write_counts(json, result);
    json.field("message", closed_message(result));
  }
  json.field("mode", "analyze").field("status", "success").end();
  return out.reply();
}

// A trader who is told "squared off" believes to be flat: what waits for a fill is not called so, and a failure is not a
// success here.
http::Response closed_in_live(const ClosedPositions& result) {
  ReplyWriter out;
  JsonWriter& json = out.json();
  json.object();
  if (!result.failures.empty()) {
    const trading::FailedClosure& first = result.failures.front();
    write_counts(json, result);
    json.field("code", "POSITIONS_LEFT_OPEN")
        .field("message", closed_message(result) + ". " + first.instrument.symbol + ": " + first.why.error.message)
        .field("status", "error")
        .end();
    return out.reply(409);
  }
  if (result.pending > 0) {
    write_counts(json, result);
    json.field("message", closed_message(result));
  } else {
    json.field("message", with_notice("All Open Positions Squared Off", result));
  }
  json.field("status", "success").end();
  return out.reply();
}

Task<http::Response> close_position(Context context, ClosePositionBody body) {
  const auto answer = co_await resume_on<trading::Answer<ClosedPositions>>(
      *context.call->executor, [&](auto complete) {
        context.services->desk.close_all(context.actor(), context.account(),
                                         {.product = body.product, .strategy = std::move(body.strategy)},
                                         std::move(complete));
      });
  if (!answer) co_return refusal_reply(answer.error(), mode_of(context));
  co_return context.analyze ? closed_in_analyze(*answer) : closed_in_live(*answer);
}

}  // namespace

void add_close_position_route(RouteBook& book) {
  book.post({.path = "/api/v1/closeposition",
             .summary = "Squares off all open positions, or those of one product.",
             .access = guard::Access::SquareOffKey,
             .priority = guard::Priority::Essential,
             .changes_state = true,
             .family = ErrorFamily::Literal,
             .mode_in_errors = true},
            close_position_schema(), close_position);
}

}  // namespace kavach::api
