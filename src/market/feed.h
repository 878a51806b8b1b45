#pragma once

// The seam to a live price feed: the simulated feed and each broker's ticker implement `Feed`, the feed
// hub implements `FeedListener`. A feed owns its connection and nothing else: when to connect, what to
// subscribe again and when silence is death is decided by the hub.

#include <cstdint>
#include <span>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "market/instrument.h"
#include "market/quote.h"

namespace kavach::market {

/// The wire contract's numbers. A higher mode carries everything a lower one does.
enum class FeedMode : std::uint8_t { Ltp = 1, Quote = 2, Depth = 3 };
inline constexpr int kFeedModeCount = 3;
[[nodiscard]] std::string_view name_of(FeedMode mode);  ///< `LTP`, `Quote`, `Depth`

/// Names one subscription between hub and feed; never used twice, so a late tick cannot be taken for
/// another instrument's.
using FeedChannel = std::uint64_t;

struct FeedSubscription {
  FeedChannel channel{0};
  Instrument instrument;
  FeedMode mode{FeedMode::Ltp};
};

/// A feed calls its listener from one thread at a time.
class FeedListener {
 public:
  virtual ~FeedListener() = default;
  virtual void on_connected() = 0;
  /// Also when connecting failed. The feed does not reconnect by itself.
  virtual void on_disconnected(const Error& why) = 0;
  /// Anything that proves the feed alive without a price.
  virtual void on_heartbeat() = 0;
  /// Levels are zero below Depth mode.
  virtual void on_tick(FeedChannel channel, const Depth& depth) = 0;
};

/// Calls come one at a time and may arrive from any thread. None blocks.
class Feed {
 public:
  virtual ~Feed() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// A healthy feed calls its listener at least this often while connected.
  [[nodiscard]] virtual Micros heartbeat() const = 0;
  /// Ends in `on_connected` or `on_disconnected`. Credentials are read afresh each time, so a renewed
  /// token takes effect with the next connection.
  virtual void connect(FeedListener& listener) = 0;
  /// Idempotent. After it returns, no call of the old connection begins.
  virtual void disconnect() = 0;
  /// Of a channel already subscribed, the mode changes.
  virtual void subscribe(std::span<const FeedSubscription> subscriptions) = 0;
  virtual void unsubscribe(std::span<const FeedChannel> channels) = 0;
};

}  // namespace kavach::market
