#pragma once

// What bench/websocket_fanout measures: servers that send prices to WebSocket clients. One is ours, from the
// feed to the socket; the others are floors, which do less. Each runs on one core, publisher included.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "market/instrument.h"

namespace kavach::bench {

/// A change of price. The stamp, microseconds of the monotonic clock, travels as the price.
struct Change {
  int topic{0};
  std::int64_t stamp{0};
};

inline constexpr int kTopics = 100;
/// A client with this much waiting gets nothing new, whoever serves it.
inline constexpr std::size_t kBehindBytes = 64 * 1024;

[[nodiscard]] market::Instrument instrument(int topic);
/// The message of a change, as every server sends it.
[[nodiscard]] std::string message(const Change& change);

class FanOutServer {
 public:
  virtual ~FanOutServer() = default;
  /// The port on 127.0.0.1 where clients ask for `/FIRST/COUNT`, the topics they want.
  virtual std::uint16_t start() = 0;
  /// Clients that are connected and will get what they asked for.
  [[nodiscard]] virtual std::size_t subscribed() = 0;
  /// Returns when the changes have been handed to every client that is not behind.
  virtual void publish(std::span<const Change> changes) = 0;
};

[[nodiscard]] std::unique_ptr<FanOutServer> kavach_server();
[[nodiscard]] std::unique_ptr<FanOutServer> beast_server();
[[nodiscard]] std::unique_ptr<FanOutServer> epoll_server();

}  // namespace kavach::bench
