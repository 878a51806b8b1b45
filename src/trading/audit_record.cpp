#include "trading/audit_record.h"

namespace kavach::trading {
namespace {

struct Describe {
  std::vector<audit::EventField>& fields;

  void text(std::string_view name, const std::string& value) const {
    if (!value.empty()) fields.emplace_back(name, value);
  }
  void amount(std::string_view name, auto value) const {
    if (!value.is_zero()) fields.emplace_back(name, value.text());
  }
  void instrument(const InstrumentKey& key) const {
    fields.emplace_back("exchange", market::name_of(key.exchange));
    text("symbol", key.symbol);
  }

  void operator()(const AccountOpened& what) const { amount("capital", what.capital); }
  void operator()(const OrderIntended& what) const {
    const OrderRequest& request = what.order.request;
    instrument(request.instrument);
    fields.emplace_back("side", name_of(request.side));
    amount("quantity", request.quantity);
    fields.emplace_back("price_type", name_of(request.price_type));
    fields.emplace_back("product", name_of(request.product));
    amount("price", request.price);
    amount("trigger_price", request.trigger_price);
    text("strategy", request.strategy);
    text("client_order_id", request.client_order_id);
    text("verdict", what.verdict);
  }
  void operator()(const OrderAccepted& what) const { text("broker_id", what.broker_id); }
  void operator()(const OrderRejected& what) const { text("reason", what.reason); }
  void operator()(const OrderLost& what) const { text("reason", what.reason); }
  void operator()(const OrderTriggered&) const {}
  void operator()(const OrderFilled& what) const {
    text("trade_id", what.trade_id);
    amount("quantity", what.quantity);
    amount("price", what.price);
    amount("realised", what.realised);
  }
  void operator()(const OrderCancelled& what) const { text("reason", what.reason); }
  void operator()(const ChangeIntended& what) const {
    amount("quantity", what.change.quantity);
    amount("price", what.change.price);
    amount("trigger_price", what.change.trigger_price);
  }
  void operator()(const ChangeMade& what) const {
    amount("quantity", what.quantity);
    amount("price", what.price);
    amount("trigger_price", what.trigger_price);
  }
  void operator()(const ChangeRefused& what) const { text("reason", what.reason); }
  void operator()(const CancelIntended&) const {}
  void operator()(const CancelRefused& what) const { text("reason", what.reason); }
  void operator()(const PositionSettled& what) const {
    instrument(what.instrument);
    amount("quantity", what.quantity);
    amount("price", what.price);
    amount("realised", what.realised);
  }
  void operator()(const DeliverySettled& what) const {
    instrument(what.instrument);
    amount("quantity", what.quantity);
    amount("realised", what.realised);
  }
  void operator()(const DayRolled& what) const { text("day", date_text(what.day)); }
  void operator()(const AccountReset& what) const { amount("capital", what.capital); }
  void operator()(const TradingStateChanged& what) const {
    text("state", what.state);
    text("reason", what.reason);
  }
};

}  // namespace

audit::Event audit_record(const JournalEvent& event, const Actor& actor) {
  audit::Event record;
  record.kind = std::string{kind_of(event)};
  record.actor = actor.username;
  record.address = actor.address;
  record.request_id = actor.request_id;
  record.fields.reserve(16);
  if (!event.account.empty()) record.fields.emplace_back("account", event.account);
  if (!event.order_id.empty()) record.fields.emplace_back("order", event.order_id);
  if (!actor.credential_id.empty()) record.fields.emplace_back("credential", actor.credential_id);
  std::visit(Describe{record.fields}, event.what);
  return record;
}

}  // namespace kavach::trading
