#pragma once

// What a WebSocket client may say, decoded once into a typed value. A pure function over text, with
// its own fuzz target. docs/websocket.md is the wire format.

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/secret.h"
#include "market/feed.h"

namespace kavach::stream {

using Mode = market::FeedMode;

/// Bounds on one message. Its size is bounded before it is decoded.
struct CommandLimits {
  std::size_t symbols_max{3000};
};

struct SymbolEntry {
  std::string symbol;
  std::string exchange;
  Mode mode{Mode::Quote};
  std::string mode_error;  ///< why this entry's own mode is not one; unsubscribe reports it by entry
};

struct Authenticate {
  Secret api_key;  ///< empty when the client sent none
};
struct Subscribe {
  std::vector<SymbolEntry> symbols;
  Mode mode{Mode::Quote};
  int depth{5};
};
struct Unsubscribe {
  std::vector<SymbolEntry> symbols;
};
struct UnsubscribeAll {};
struct SubscribeOrders {};
struct UnsubscribeOrders {};
struct GetBrokerInfo {};
struct GetSupportedBrokers {};
struct Ping {
  std::string timestamp;  ///< the client's value as JSON, empty when absent
  std::string ping_id;    ///< likewise
};

struct Command {
  std::variant<Authenticate, Subscribe, Unsubscribe, UnsubscribeAll, SubscribeOrders,
               UnsubscribeOrders, GetBrokerInfo, GetSupportedBrokers, Ping>
      what;
  std::string request_id;  ///< JSON to be echoed in acknowledgements, empty when absent or null
};

/// The wire's error: `{"status":"error","code":…,"message":…}`.
struct CommandError {
  std::string code;
  std::string message;
  bool is_abuse{false};  ///< no correct client sends this: it counts as an offence
};

[[nodiscard]] std::expected<Command, CommandError> parse_command(std::string_view text,
                                                                 const CommandLimits& limits);

}  // namespace kavach::stream
