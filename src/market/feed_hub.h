#pragma once

// Owns one feed and shares it among all who want prices. Subscriptions are counted by instrument and mode:
// the feed is asked once for the highest mode anybody wants and told when the last one leaves. Ticks are
// conflated to the latest per instrument while a delivery waits, never reordered. The hub reconnects with
// back-off and jitter, subscribes again, notices a feed that is connected but silent, and delivers what it
// last saw once more, marked as stale. It has no thread and no timer: `poll` is called a few times per heartbeat.
// Thread-safe. Subscribers and the feed are called without a lock held.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/executor.h"
#include "core/result.h"
#include "market/feed.h"
#include "market/instrument_table.h"
#include "market/quote.h"

namespace kavach::market {

/// One price as delivered; shared by all subscribers, immutable.
struct Tick {
  InstrumentKey key;
  FeedMode mode{FeedMode::Ltp};  ///< what the feed was asked for; at least what the subscriber wanted
  Depth depth;
  TimePoint received{};
  std::uint64_t sequence{0};  ///< ascends per instrument; gaps are ticks that were overtaken
};
using TickPointer = std::shared_ptr<const Tick>;

/// `on_tick` must return at once: it appends to a queue of its own and wakes whoever serves it.
class TickSubscriber {
 public:
  virtual ~TickSubscriber() = default;
  virtual void on_tick(FeedMode mode, const TickPointer& tick) = 0;
};

enum class FeedState : std::uint8_t {
  Idle,        ///< not connected, and nobody is subscribed
  Connecting,
  Connected,
  Silent,      ///< connected, yet nothing arrived for too long; being cut
  Waiting,     ///< for the next attempt
};
[[nodiscard]] std::string_view name_of(FeedState state);  ///< `idle`, `connecting`, …

struct FeedHubSettings {
  Micros backoff_first{std::chrono::seconds{1}};
  Micros backoff_max{std::chrono::seconds{60}};
  Micros connect_timeout{std::chrono::seconds{15}};
  std::size_t instruments_max{10'000};  ///< distinct instruments at one time
};

/// For the console and the metrics.
struct FeedHubStats {
  std::string feed;
  FeedState state{FeedState::Idle};
  std::size_t instruments{0};
  std::size_t subscriptions{0};
  std::size_t stale{0};               ///< instruments whose last price may no longer be true
  std::uint64_t ticks_received{0};
  std::uint64_t ticks_conflated{0};   ///< replaced by a later one before delivery
  std::uint64_t ticks_delivered{0};   ///< once per subscriber
  std::uint64_t connections{0};       ///< established
  std::uint64_t disconnections{0};
  std::uint64_t silences{0};          ///< times it was cut for silence
  TimePoint last_received{};          ///< tick or heartbeat
  TimePoint next_attempt{};           ///< when waiting
  Micros delivery_lag{0};             ///< of the last delivery, from received to handed over
  std::string last_error;             ///< safe to show
};

struct FeedHubState;

class FeedHub final : public FeedListener {
 public:
  /// Everything referenced outlives the hub. `deliver` runs deliveries; `seed` draws the jitter.
  FeedHub(Feed& feed, const Instruments& instruments, const Clock& clock, Executor& deliver,
          std::uint64_t seed, FeedHubSettings settings = {});
  ~FeedHub() override;

  /// Connects the feed when it is not. Subscribing twice is once. NotFound for an unknown instrument,
  /// Busy when `instruments_max` is reached.
  [[nodiscard]] Result<void> subscribe(const InstrumentKey& key, FeedMode mode,
                                       const std::shared_ptr<TickSubscriber>& subscriber);
  /// Of something never subscribed: nothing. A delivery already under way may still arrive.
  void unsubscribe(const InstrumentKey& key, FeedMode mode, const TickSubscriber& subscriber);
  void unsubscribe_all(const TickSubscriber& subscriber);

  /// The last tick of a subscribed instrument, marked stale when the feed is not live.
  [[nodiscard]] std::optional<Depth> latest(const InstrumentKey& key) const;
  [[nodiscard]] FeedHubStats stats() const;

  /// Drives time-outs, silence and reconnection.
  void poll();
  /// Connects anew at once, without waiting: the broker's token has been renewed.
  void renew();
  /// Disconnects and stays away; for shutdown.
  void stop();

  void on_connected() override;
  void on_disconnected(const Error& why) override;
  void on_heartbeat() override;
  void on_tick(FeedChannel channel, const Depth& depth) override;

 private:
  void drive();
  void start_delivery();

  Feed& feed_;
  const Instruments& instruments_;
  const Clock& clock_;
  Executor& executor_;
  const FeedHubSettings settings_;
  std::shared_ptr<FeedHubState> state_;  ///< shared with a delivery that is still queued when the hub dies
};

}  // namespace kavach::market
