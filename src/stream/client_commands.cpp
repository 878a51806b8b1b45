// What a client may ask for once it is somebody.

#include <utility>

#include "stream/client.h"

namespace kavach::stream {

bool Client::require_principal() {
  if (principal_) return true;
  send(error_reply("NOT_AUTHENTICATED", "You must authenticate first"));
  return false;
}

std::string Client::subscribe_one(const SymbolEntry& entry, Mode mode) {
  const auto exchange = market::parse_exchange(entry.exchange);
  const auto table = parts_.instruments.read();
  if (!exchange || table->find(*exchange, entry.symbol) == nullptr) {
    return "Symbol " + entry.symbol + " not found for exchange " + entry.exchange;
  }
  const Topic topic{{*exchange, entry.symbol}, mode};
  if (subscriptions_.contains(topic)) return {};
  if (subscriptions_.size() >= parts_.limits.subscriptions_max) {
    return "Maximum of " + std::to_string(parts_.limits.subscriptions_max) + " subscriptions reached";
  }
  if (auto joined = parts_.fan_out.join(connection_->executor(), topic, *this); !joined) {
    return joined.error().message;
  }
  subscriptions_.insert(topic);
  return {};
}

// What waits of an abandoned topic goes too: after a new subscription it would be a price of the past.
void Client::leave(const Topic& topic) {
  parts_.fan_out.leave(connection_->executor(), topic, *this);
  waiting_prices_.drop(topic);
}

void Client::handle(const Subscribe& command, const std::string& request_id) {
  if (!require_principal()) return;
  std::vector<EntryOutcome> outcomes;
  outcomes.reserve(command.symbols.size());
  for (const SymbolEntry& entry : command.symbols) {
    outcomes.push_back({entry.symbol, entry.exchange, command.mode, subscribe_one(entry, command.mode)});
  }
  last_useful_at_ = parts_.clock.monotonic();
  send(subscribed_reply(outcomes, parts_.broker, request_id));
}

void Client::handle(const Unsubscribe& command, const std::string& request_id) {
  if (!require_principal()) return;
  std::vector<EntryOutcome> outcomes;
  outcomes.reserve(command.symbols.size());
  for (const SymbolEntry& entry : command.symbols) {
    outcomes.push_back({entry.symbol, entry.exchange, entry.mode, entry.mode_error});
    const auto exchange = market::parse_exchange(entry.exchange);
    if (!exchange || !entry.mode_error.empty()) continue;
    const Topic topic{{*exchange, entry.symbol}, entry.mode};
    if (subscriptions_.erase(topic) > 0) leave(topic);
  }
  last_useful_at_ = parts_.clock.monotonic();
  send(unsubscribed_reply(outcomes, parts_.broker, request_id));
}

void Client::handle(const UnsubscribeAll&, const std::string& request_id) {
  if (!require_principal()) return;
  std::vector<EntryOutcome> outcomes;
  for (const Topic& topic : std::exchange(subscriptions_, {})) {
    leave(topic);
    outcomes.push_back({topic.key.symbol, std::string{market::name_of(topic.key.exchange)}, topic.mode, {}});
  }
  last_useful_at_ = parts_.clock.monotonic();
  send(unsubscribed_reply(outcomes, parts_.broker, request_id));
}

void Client::handle(const SubscribeOrders&, const std::string& request_id) {
  if (!require_principal()) return;
  wants_orders_ = true;
  last_useful_at_ = parts_.clock.monotonic();
  parts_.host.subscribe_orders(*this, true);
  send(orders_reply(true, request_id));
}

void Client::handle(const UnsubscribeOrders&, const std::string& request_id) {
  if (!require_principal()) return;
  wants_orders_ = false;
  last_useful_at_ = parts_.clock.monotonic();
  parts_.host.subscribe_orders(*this, false);
  send(orders_reply(false, request_id));
}

void Client::handle(const GetBrokerInfo&, const std::string&) {
  if (!require_principal()) return;
  send(broker_info_reply(*principal_, parts_.broker, parts_.host.feed_connected()));
}

void Client::handle(const GetSupportedBrokers&, const std::string&) {
  send(supported_brokers_reply({parts_.broker}));
}

void Client::handle(const Ping& command, const std::string&) {
  send(pong_reply(command, epoch_millis(parts_.clock.now())));
}

}  // namespace kavach::stream
