#pragma once

// What the server says over a WebSocket, as JSON text in the wire format of docs/websocket.md. Pure
// functions: a frame is built once however many clients receive it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "identity/principal.h"
#include "market/feed_hub.h"
#include "stream/command.h"
#include "trading/order_desk.h"

namespace kavach::stream {

/// What became of one entry of a subscribe or unsubscribe.
struct EntryOutcome {
  std::string symbol;
  std::string exchange;
  Mode mode{Mode::Quote};
  std::string error;  ///< empty when it succeeded
};

[[nodiscard]] std::string error_reply(std::string_view code, std::string_view message);
[[nodiscard]] std::string authenticated_reply(const identity::Principal& principal, std::string_view broker);
[[nodiscard]] std::string subscribed_reply(const std::vector<EntryOutcome>& outcomes, std::string_view broker,
                                           std::string_view request_id);
[[nodiscard]] std::string unsubscribed_reply(const std::vector<EntryOutcome>& outcomes, std::string_view broker,
                                             std::string_view request_id);
[[nodiscard]] std::string orders_reply(bool subscribed, std::string_view request_id);
[[nodiscard]] std::string broker_info_reply(const identity::Principal& principal, std::string_view broker,
                                            bool connected);
[[nodiscard]] std::string supported_brokers_reply(const std::vector<std::string>& brokers);
[[nodiscard]] std::string pong_reply(const Ping& ping, std::int64_t server_millis);

/// One price, in the shape of a subscription's mode.
[[nodiscard]] std::string market_data(const market::Tick& tick, Mode mode, std::string_view broker);
[[nodiscard]] std::string order_update(const trading::OrderUpdate& update, std::string_view username,
                                       std::string_view broker, bool analyze);

}  // namespace kavach::stream
