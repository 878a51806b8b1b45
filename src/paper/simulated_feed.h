#pragma once

// A feed over any quote source, in place of a broker's ticker: while connected, each `tick` sends the
// price of every subscribed instrument whose price has changed. No thread of its own: a timer calls
// `tick` every 250 ms. Thread-safe.

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "market/feed.h"
#include "market/quote.h"

namespace kavach::paper {

class SimulatedFeed final : public market::Feed {
 public:
  explicit SimulatedFeed(const market::QuoteSource& market) : market_{market} {}

  [[nodiscard]] std::string_view name() const override { return "simulated"; }
  [[nodiscard]] Micros heartbeat() const override { return std::chrono::seconds{1}; }
  void connect(market::FeedListener& listener) override;
  void disconnect() override;
  void subscribe(std::span<const market::FeedSubscription> subscriptions) override;
  void unsubscribe(std::span<const market::FeedChannel> channels) override;

  /// One heartbeat, then the changed prices. Calls must not overlap.
  void tick();

 private:
  struct Watched {
    market::FeedSubscription subscription;
    market::Quote last_sent;
  };

  [[nodiscard]] std::vector<std::pair<market::FeedChannel, market::Depth>> changes();

  const market::QuoteSource& market_;
  /// Held while the listener is called; recursive because a listener may disconnect.
  std::recursive_mutex speaking_;
  std::mutex mutex_;
  market::FeedListener* listener_{nullptr};         ///< guarded; null when disconnected
  std::map<market::FeedChannel, Watched> watched_;  ///< guarded
};

}  // namespace kavach::paper
