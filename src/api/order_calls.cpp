#include "api/order_calls.h"

#include <algorithm>
#include <utility>

#include "api/order_bodies.h"

namespace kavach::api {

namespace {

void note(const Context& context, const PlacedAnswer& answer, Monotonic asked) {
  if (!answer || answer->replayed || answer->order_id.empty()) return;
  context.call->orders.push_back({answer->order_id, std::string{trading::wire_name(answer->status)}, asked,
                                  context.services->clock.monotonic(), answer->stages});
}

}  // namespace

Task<PlacedAnswer> place(Context context, trading::OrderRequest request) {
  const Monotonic asked = context.services->clock.monotonic();
  PlacedAnswer answer = co_await resume_on<PlacedAnswer>(*context.call->executor, [&](auto complete) {
    context.services->desk.place(context.actor(), context.account(), std::move(request),
                                 std::move(complete));
  });
  note(context, answer, asked);
  co_return answer;
}

Task<PlacedAnswer> place_towards(Context context, trading::OrderRequest request, Quantity target) {
  const Monotonic asked = context.services->clock.monotonic();
  PlacedAnswer answer = co_await resume_on<PlacedAnswer>(*context.call->executor, [&](auto complete) {
    context.services->desk.place_towards(context.actor(), context.account(), std::move(request),
                                         target, std::move(complete));
  });
  note(context, answer, asked);
  co_return answer;
}

Task<Result<void>> read_books(Context context, std::function<void(const trading::Books&)> use) {
  co_return co_await resume_on<Result<void>>(*context.call->executor, [&](auto complete) {
    context.services->desk.read(context.account(), std::move(use), std::move(complete));
  });
}

http::Response placed_reply(const Context& context, const PlacedAnswer& answer,
                            std::string_view analyze_message) {
  const Mode mode = mode_of(context);
  if (!answer) return refusal_reply(answer.error(), mode);
  if (answer->status == trading::OrderStatus::Unknown) return outcome_unknown(answer->order_id, mode);
  ReplyWriter out{96};
  JsonWriter& json = out.json();
  json.object();
  const std::string_view notice = trading::notice_of(answer->recorded_in);
  if (!notice.empty()) {
    json.field("message", notice);
  } else if (context.analyze && !analyze_message.empty()) {
    json.field("message", analyze_message);
  }
  if (context.analyze) json.field("mode", "analyze");
  json.field("orderid", answer->order_id).field("status", "success").end();
  return out.reply();
}

std::expected<std::string, FieldErrors> idempotency_key(const Context& context,
                                                        const std::string& in_body) {
  const std::string_view header = context.call->request.header("Idempotency-Key");
  if (header.empty()) return in_body;
  FieldErrors errors;
  const bool visible = std::ranges::all_of(header, [](char c) { return c > 0x20 && c < 0x7F; });
  if (!visible || header.size() > kOrderIdMax) {
    errors.add("client_order_id", "Idempotency-Key must be 1 to 64 visible ASCII characters.");
  } else if (!in_body.empty() && in_body != header) {
    errors.add("client_order_id", "Differs from the Idempotency-Key header.");
  } else {
    return std::string{header};
  }
  return std::unexpected(std::move(errors));
}

}  // namespace kavach::api
