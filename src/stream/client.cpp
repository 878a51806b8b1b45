#include "stream/client.h"

#include <utility>

namespace kavach::stream {
namespace {

constexpr Monotonic kSecond = std::chrono::seconds{1};

}  // namespace

Client::Client(ClientParts parts, IpAddress address, std::optional<identity::Principal> principal)
    : parts_{std::move(parts)}, address_{address}, principal_{std::move(principal)} {}

// A client whose handshake was never answered is not told that it closed.
Client::~Client() {
  if (!gone_) parts_.host.gone(*this);
}

void Client::opened(std::shared_ptr<http::WebSocketConnection> connection) {
  connection_ = std::move(connection);
  home_->with([&](Executor*& home) { home = &connection_->executor(); });
  parts_.host.opened(*this, connection_->executor());
  connected_at_ = parts_.clock.now();
  opened_at_ = heard_at_ = pinged_at_ = last_useful_at_ = parts_.clock.monotonic();
  if (principal_) {
    auto principal = std::move(*principal_);
    principal_.reset();
    admit(std::move(principal));
  }
}

void Client::message(std::string_view payload, bool) {
  if (closing_) return;
  heard_at_ = parts_.clock.monotonic();
  if (!within_message_rate()) {
    parts_.host.abuse(address_, "ws_message_rate", {});
    close(CloseCode::TooMany, "too many messages");
    return;
  }
  if (verifying_) {
    if (waiting_.size() >= parts_.limits.waiting_messages_max) {
      close(CloseCode::TooMany, "too many messages before authentication");
      return;
    }
    waiting_.emplace_back(payload);
    return;
  }
  run(payload);
}

void Client::run(std::string_view payload) {
  auto command = parse_command(payload, {.symbols_max = parts_.limits.subscriptions_max});
  if (!command) {
    violation(command.error());
    return;
  }
  const std::string request_id = std::move(command->request_id);
  std::visit([&](auto&& what) { handle(std::forward<decltype(what)>(what), request_id); },
             std::move(command->what));
}

void Client::violation(const CommandError& error) {
  send(error_reply(error.code, error.message));
  if (!error.is_abuse) return;
  parts_.host.abuse(address_, "ws_protocol", {});
  if (++violations_ >= parts_.limits.violations_max) {
    close(CloseCode::PolicyViolation, "too many invalid messages");
  }
}

// Counted in windows of a second: a burst at a boundary may be twice the rate, which is harmless.
bool Client::within_message_rate() {
  const Monotonic now = parts_.clock.monotonic();
  if (now - rate_window_ >= kSecond) {
    rate_window_ = now;
    rate_count_ = 0;
  }
  return ++rate_count_ <= parts_.limits.messages_per_second_max;
}

bool Client::require_principal() {
  if (principal_) return true;
  send(error_reply("NOT_AUTHENTICATED", "You must authenticate first"));
  return false;
}

void Client::handle(Authenticate command, const std::string&) {
  if (command.api_key.empty()) {
    send(error_reply("AUTHENTICATION_ERROR", "API key is required"));
    return;
  }
  if (auto verdict = parts_.credentials.judge_key(command.api_key.reveal(), address_)) {
    decide(std::move(*verdict));
    return;
  }
  verify(std::move(command.api_key));
}

void Client::verify(Secret api_key) {
  verifying_ = true;
  parts_.credentials.verify_key(
      std::move(api_key), address_, [weak = weak_from_this(), home = home_](guard::KeyVerdict verdict) {
        home->with([&](Executor* executor) {
          if (executor == nullptr) return;
          executor->post([weak, verdict = std::move(verdict)]() mutable {
            const auto self = weak.lock();
            if (!self) return;
            self->verifying_ = false;
            self->decide(std::move(verdict));
            self->resume_waiting();
          });
        });
      });
}

void Client::decide(guard::KeyVerdict verdict) {
  using Outcome = guard::KeyVerdict::Outcome;
  if (closing_ || !connection_) return;
  switch (verdict.outcome) {
    case Outcome::Accepted:
      // Only a request can be signed: over the socket the key alone would be enough.
      if (parts_.credentials.signature_required(verdict.principal)) {
        send(error_reply("AUTHENTICATION_ERROR", "This API key works only with signed requests"));
        return;
      }
      admit(std::move(verdict.principal));
      return;
    case Outcome::Unknown:
    case Outcome::Expired:
      parts_.host.abuse(address_, "invalid_api_key", verdict.attempted);
      send(error_reply("AUTHENTICATION_ERROR", "Invalid API key"));
      return;
    case Outcome::AddressRefused:
      parts_.host.abuse(address_, "api_key_address", {});
      send(error_reply("AUTHENTICATION_ERROR", "This API key may not be used from your address"));
      return;
    case Outcome::Busy:
    case Outcome::Unavailable:
      send(error_reply("SERVER_ERROR", "The key cannot be checked right now; try again in a few seconds"));
      return;
  }
}

void Client::admit(identity::Principal principal) {
  // A second key on one socket keeps the first identity's subscriptions, so it must be the same user.
  if (principal_ && principal_->user != principal.user) {
    send(error_reply("AUTHENTICATION_ERROR", "This connection belongs to another user; open a new one"));
    return;
  }
  if (!principal_ && !parts_.host.authenticated(*this, principal)) {
    send(error_reply("AUTHENTICATION_ERROR", "Too many connections of this user; close one first"));
    close(CloseCode::TooMany, "too many connections");
    return;
  }
  principal_ = std::move(principal);
  last_useful_at_ = parts_.clock.monotonic();
  send(authenticated_reply(*principal_, parts_.broker));
}

void Client::resume_waiting() {
  while (!waiting_.empty() && !verifying_ && !closing_) {
    const std::string payload = std::move(waiting_.front());
    waiting_.pop_front();
    run(payload);
  }
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
  const auto waiting = conflated_at_.find(topic);
  if (waiting == conflated_at_.end()) return;
  conflated_.erase(waiting->second);
  conflated_at_.erase(waiting);
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

void Client::pong() { heard_at_ = parts_.clock.monotonic(); }

void Client::send(std::string text) { send_frame(http::text_frame(text)); }

void Client::send_frame(http::SharedFrame frame) {
  if (closing_ || !connection_) return;
  if (connection_->queued_bytes() > parts_.limits.queue_cut_bytes) {
    close(CloseCode::TooSlow, "client does not read");
    return;
  }
  ++frames_sent_;
  connection_->send(std::move(frame));
}

void Client::offer(const Topic& topic, const http::SharedFrame& frame) {
  if (closing_ || !connection_) return;
  if (conflated_.empty() && connection_->queued_bytes() < parts_.limits.queue_high_bytes) {
    send_frame(frame);
    return;
  }
  // The client is behind: the latest price replaces the one that waits, in its place in the order.
  if (const auto waiting = conflated_at_.find(topic); waiting != conflated_at_.end()) {
    waiting->second->second = frame;
    ++frames_conflated_;
    return;
  }
  conflated_.emplace_back(topic, frame);
  conflated_at_.emplace(topic, std::prev(conflated_.end()));
}

void Client::drained() {
  while (!conflated_.empty() && !closing_ &&
         connection_->queued_bytes() < parts_.limits.queue_high_bytes) {
    auto [topic, frame] = std::move(conflated_.front());
    conflated_.pop_front();
    conflated_at_.erase(topic);
    send_frame(std::move(frame));
  }
}

void Client::send_order_update(const http::SharedFrame& frame) {
  if (wants_orders_) send_frame(frame);
}

bool Client::access_ended() const {
  return principal_ && (!parts_.credentials.still_valid(*principal_) ||
                        parts_.credentials.signature_required(*principal_));
}

void Client::check(bool address_banned) {
  if (closing_ || !connection_) return;
  const Monotonic now = parts_.clock.monotonic();
  const auto since = [&](Monotonic at) { return now - at; };
  if (address_banned) return close(CloseCode::AccessEnded, "address banned");
  if (!principal_ && since(opened_at_) >= Monotonic{parts_.limits.auth_grace}) {
    return close(CloseCode::Unauthenticated, "auth timeout");
  }
  if (access_ended()) return close(CloseCode::AccessEnded, "access ended");
  if (since(heard_at_) >= Monotonic{parts_.limits.idle_timeout}) {
    return close(CloseCode::Idle, "no answer to pings");
  }
  if (principal_ && subscriptions_.empty() && !wants_orders_ &&
      since(last_useful_at_) >= Monotonic{parts_.limits.unsubscribed_max}) {
    return close(CloseCode::Idle, "nothing subscribed");
  }
  if (since(pinged_at_) >= Monotonic{parts_.limits.heartbeat}) {
    pinged_at_ = now;
    connection_->ping();
  }
}

void Client::close(CloseCode code, std::string_view reason) {
  if (closing_ || !connection_) return;
  closing_ = true;
  conflated_.clear();
  conflated_at_.clear();
  waiting_.clear();
  connection_->close(static_cast<std::uint16_t>(code), reason);
}

void Client::closed(std::uint16_t) {
  closing_ = true;
  home_->with([](Executor*& home) { home = nullptr; });
  conflated_.clear();
  conflated_at_.clear();
  waiting_.clear();
  if (connection_) {
    for (const Topic& topic : std::exchange(subscriptions_, {})) {
      parts_.fan_out.leave(connection_->executor(), topic, *this);
    }
  }
  gone_ = true;
  parts_.host.gone(*this);
  connection_.reset();
}

Client::Snapshot Client::snapshot() const {
  return {{},
          principal_ ? principal_->username : std::string{},
          address_.text(),
          subscriptions_.size(),
          connection_ ? connection_->queued_bytes() : 0,
          frames_sent_,
          frames_conflated_,
          connected_at_};
}

}  // namespace kavach::stream
