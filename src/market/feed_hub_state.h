#pragma once

// What the feed hub holds under its mutex: topics, the connection's state and what is still to be told or
// delivered. Used by feed_hub.cpp only, and by a delivery that outlives the hub. Members are reached with
// `mutex` held, but for `deliver`.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/random.h"
#include "market/feed_hub.h"

namespace kavach::market {

using TickSubscribers = std::vector<std::shared_ptr<TickSubscriber>>;

[[nodiscard]] constexpr std::size_t slot_of(FeedMode mode) { return static_cast<std::size_t>(mode) - 1; }

/// One instrument that somebody wants.
struct FeedTopic {
  FeedChannel channel{0};
  Instrument instrument;
  /// By mode. Replaced, never changed: a delivery keeps reading the list it took.
  std::array<std::shared_ptr<const TickSubscribers>, kFeedModeCount> subscribers{};
  std::optional<FeedMode> sent;  ///< what the feed has been told on this connection
  Depth latest;
  TimePoint received{};
  std::uint64_t connection{0};  ///< the one that `latest` came over, counted from 1
  std::uint64_t sequence{0};  ///< 0 before the first tick
  bool pending{false};        ///< queued for delivery

  /// The highest mode anybody wants.
  [[nodiscard]] std::optional<FeedMode> wanted() const;
};

/// The next thing to tell the feed.
struct FeedCommand {
  enum class Kind { None, Disconnect, Connect, Unsubscribe, Subscribe };
  Kind kind{Kind::None};
  std::vector<FeedSubscription> subscriptions{};
  std::vector<FeedChannel> channels{};
};

struct FeedHubState {
  FeedHubState(const Clock& the_clock, std::uint64_t seed, Monotonic the_heartbeat, FeedHubSettings the_settings)
      : clock{the_clock}, heartbeat{the_heartbeat}, settings{the_settings}, random{seed},
        backoff{the_settings.backoff_first} {}

  /// Every pending topic once, in order, until none is left. Takes the mutex itself.
  static void deliver(FeedHubState& state);

  /// Puts the topic's latest price among those to be delivered; false when one that it overtakes was there.
  bool enqueue(const std::shared_ptr<FeedTopic>& topic);
  /// Before a live connection ends: whoever has a price of it is told that it may no longer be true.
  void tell_stale();
  /// The connection is gone: nothing is subscribed there any more.
  void forget_feed();
  void wait_before_retry();
  /// The feed has shown that it is alive.
  void heard();
  [[nodiscard]] bool is_live(const FeedTopic& topic) const;
  void check_timeouts();
  [[nodiscard]] FeedCommand next_command();
  [[nodiscard]] FeedTopic& topic_for(const InstrumentKey& key, const Instrument& instrument);
  /// Whether `subscriber` was on the list.
  bool leave(FeedTopic& topic, FeedMode mode, const TickSubscriber& subscriber);
  /// Precondition: nobody wants it any more. The caller removes it from `by_key`.
  void drop(const FeedTopic& topic);

  const Clock& clock;
  const Monotonic heartbeat;
  const FeedHubSettings settings;

  mutable std::mutex mutex;
  std::map<InstrumentKey, std::shared_ptr<FeedTopic>> by_key;
  std::unordered_map<FeedChannel, std::shared_ptr<FeedTopic>> by_channel;
  std::vector<FeedChannel> unsynced;  ///< topics whose mode at the feed may be wrong
  std::vector<FeedChannel> dropped;   ///< to be told to the feed
  FeedChannel last_channel{0};

  std::vector<std::shared_ptr<FeedTopic>> pending;
  bool delivering{false};  ///< one delivery runs at a time, so that no tick overtakes another
  bool driving{false};     ///< one thread tells the feed things
  bool cut_wanted{false};
  bool stopped{false};

  SeededRandom random;
  Micros backoff;
  Monotonic attempt_started{};
  Monotonic next_attempt{};
  Monotonic last_heard{};
  FeedHubStats stats;

 private:
  struct Delivery {
    TickPointer tick;
    std::array<std::shared_ptr<const TickSubscribers>, kFeedModeCount> subscribers;
  };
  [[nodiscard]] std::vector<Delivery> take_pending();
  [[nodiscard]] FeedCommand subscriptions_due();
};

}  // namespace kavach::market
