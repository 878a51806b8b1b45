#include "trading/journal_codec.h"

#include <array>

#include "trading/fields.h"

namespace kavach::trading {
namespace {

void each_field(auto& visit, Is<AccountOpened> auto& event) { visit("capital", event.capital); }
void each_field(auto& visit, Is<OrderIntended> auto& event) {
  visit("order", event.order);
  visit("towards", event.towards);
  visit("actor", event.actor);
  visit("verdict", event.verdict);
}
void each_field(auto& visit, Is<OrderAccepted> auto& event) { visit("broker_id", event.broker_id); }
void each_field(auto& visit, Is<OrderRejected> auto& event) {
  visit("reason", event.reason);
  visit("margin_released", event.margin_released);
}
void each_field(auto& visit, Is<OrderLost> auto& event) { visit("reason", event.reason); }
void each_field(auto&, Is<OrderTriggered> auto&) {}
void each_field(auto& visit, Is<OrderFilled> auto& event) {
  visit("trade_id", event.trade_id);
  visit("quantity", event.quantity);
  visit("price", event.price);
  visit("broker_id", event.broker_id);
  visit("order_margin_moved", event.order_margin_moved);
  visit("order_margin_released", event.order_margin_released);
  visit("order_margin_quantity", event.order_margin_quantity);
  visit("margin_added", event.margin_added);
  visit("position_margin_released", event.position_margin_released);
  visit("realised", event.realised);
  visit("position_quantity", event.position_quantity);
  visit("position_average", event.position_average);
  visit("position_cost", event.position_cost);
}
void each_field(auto& visit, Is<OrderCancelled> auto& event) {
  visit("reason", event.reason);
  visit("margin_released", event.margin_released);
}
void each_field(auto& visit, Is<ChangeIntended> auto& event) {
  visit("change", event.change);
  visit("actor", event.actor);
}
void each_field(auto& visit, Is<ChangeMade> auto& event) {
  visit("quantity", event.quantity);
  visit("price", event.price);
  visit("trigger_price", event.trigger_price);
  visit("margin", event.margin);
  visit("margin_quantity", event.margin_quantity);
  visit("margin_released", event.margin_released);
}
void each_field(auto& visit, Is<ChangeRefused> auto& event) {
  visit("reason", event.reason);
  visit("margin_released", event.margin_released);
}
void each_field(auto& visit, Is<CancelIntended> auto& event) { visit("actor", event.actor); }
void each_field(auto& visit, Is<CancelRefused> auto& event) { visit("reason", event.reason); }
void each_field(auto& visit, Is<PositionSettled> auto& event) {
  each_field(visit, event.instrument);
  visit("product", event.product);
  visit("quantity", event.quantity);
  visit("price", event.price);
  visit("margin_released", event.margin_released);
  visit("realised", event.realised);
}
void each_field(auto& visit, Is<DeliverySettled> auto& event) {
  each_field(visit, event.instrument);
  visit("quantity", event.quantity);
  visit("margin_released", event.margin_released);
  visit("cash", event.cash);
  visit("realised", event.realised);
  visit("position_left", event.position_left);
  visit("position_cost", event.position_cost);
  visit("holding_quantity", event.holding_quantity);
  visit("holding_average", event.holding_average);
  visit("holding_cost", event.holding_cost);
  visit("settled_on", event.settled_on);
}
void each_field(auto& visit, Is<DayRolled> auto& event) {
  visit("day", event.day);
  visit("keep_since", event.keep_since);
}
void each_field(auto& visit, Is<AccountReset> auto& event) { visit("capital", event.capital); }
void each_field(auto& visit, Is<TradingStateChanged> auto& event) {
  visit("state", event.state);
  visit("reason", event.reason);
  visit("actor", event.actor);
}

using What = decltype(JournalEvent::what);

// In the order of the variant.
constexpr std::array<std::string_view, std::variant_size_v<What>> kKinds{
    "account.opened",  "order.intent",         "order.accepted",     "order.rejected",
    "order.unknown",   "order.triggered",      "order.filled",       "order.cancelled",
    "modify.intent",   "order.modified",       "modify.refused",     "cancel.intent",
    "cancel.refused",  "position.settled",     "delivery.settled",   "day.rolled",
    "account.reset",   "trading.state"};

template <std::size_t kIndex = 0>
bool read_what(std::string_view kind, FieldReader& in, What& what) {
  if constexpr (kIndex == kKinds.size()) {
    return false;
  } else {
    if (kind != kKinds[kIndex]) return read_what<kIndex + 1>(kind, in, what);
    each_field(in, what.emplace<kIndex>());
    return in.ok();
  }
}

}  // namespace

std::string_view kind_of(const JournalEvent& event) { return kKinds[event.what.index()]; }

std::string encode_body(const JournalEvent& event) {
  std::string body;
  body.reserve(384);
  JsonWriter out{body};
  out.object();
  FieldWriter visit{out};
  std::visit([&](const auto& what) { each_field(visit, what); }, event.what);
  out.end();
  return body;
}

Result<JournalEvent> decode_event(TimePoint at, std::string_view account, std::string_view order_id,
                                  std::string_view kind, std::string_view body) {
  JournalEvent event{at, AccountId{account}, std::string{order_id}, {}};
  const auto parsed = parse_json(body);
  if (parsed && parsed->is_object()) {
    FieldReader in{parsed->get_object()};
    if (read_what(kind, in, event.what)) return event;
  }
  return fail(ErrorCode::StorageCorrupt,
              "A row of the order journal cannot be read. Restore a backup or run `kavach doctor`.",
              "journal kind " + std::string{kind} + ": " + std::string{body});
}

}  // namespace kavach::trading
