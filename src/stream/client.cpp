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
  opened_at_ = heard_at_ = pinged_at_ = last_useful_at_ = drained_at_ = parts_.clock.monotonic();
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
  // A client of a newer version may ask for what we do not know; a stranger has nothing to ask for.
  const bool is_tolerated = principal_ && error.code == "INVALID_ACTION";
  if (!error.is_abuse || is_tolerated) return;
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

void Client::pong() { heard_at_ = parts_.clock.monotonic(); }

void Client::violated(std::uint16_t) { parts_.host.abuse(address_, "ws_protocol", {}); }

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

void Client::offer(const Topic& topic, const PriceFrames& frames) {
  if (closing_ || !connection_) return;
  const http::SharedFrame& frame = frames.deflated && connection_->deflates() ? frames.deflated : frames.plain;
  if (waiting_prices_.empty()) {
    if (connection_->queued_bytes() < parts_.limits.queue_high_bytes) {
      send_frame(frame);
      return;
    }
    behind_since_ = parts_.clock.monotonic();
  }
  if (waiting_prices_.put(topic, frame)) ++frames_conflated_;
}

bool Client::deflates() const { return connection_ && connection_->deflates(); }

void Client::drained() {
  drained_at_ = parts_.clock.monotonic();
  while (!waiting_prices_.empty() && !closing_ &&
         connection_->queued_bytes() < parts_.limits.queue_high_bytes) {
    send_frame(waiting_prices_.take_first());
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
  if (connection_->queued_bytes() == 0) drained_at_ = now;
  // Before silence: who does not read does not see pings either.
  if (since(drained_at_) >= Monotonic{parts_.limits.stalled_max}) {
    return close(CloseCode::TooSlow, "client does not read");
  }
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
  waiting_prices_.clear();
  waiting_.clear();
  connection_->close(static_cast<std::uint16_t>(code), reason);
}

void Client::closed(std::uint16_t code) {
  closed_with_ = code;
  closing_ = true;
  home_->with([](Executor*& home) { home = nullptr; });
  waiting_prices_.clear();
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
          waiting_prices_.empty() ? Monotonic{} : parts_.clock.monotonic() - behind_since_,
          connected_at_,
          closed_with_};
}

}  // namespace kavach::stream
