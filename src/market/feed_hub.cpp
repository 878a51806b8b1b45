#include "market/feed_hub.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/random.h"

namespace kavach::market {
namespace {

using Subscribers = std::vector<std::shared_ptr<TickSubscriber>>;

std::size_t slot(FeedMode mode) { return static_cast<std::size_t>(mode) - 1; }

struct Topic {
  FeedChannel channel{0};
  Instrument instrument;
  /// By mode. Replaced, never changed: a delivery keeps reading the list it took.
  std::array<std::shared_ptr<const Subscribers>, kFeedModeCount> subscribers{};
  std::optional<FeedMode> sent;  ///< what the feed has been told on this connection
  Depth latest;
  TimePoint received{};
  Monotonic received_at{};
  std::uint64_t sequence{0};  ///< 0 before the first tick
  bool pending{false};        ///< queued for delivery

  [[nodiscard]] std::optional<FeedMode> wanted() const {
    for (const FeedMode mode : {FeedMode::Depth, FeedMode::Quote, FeedMode::Ltp}) {
      if (subscribers[slot(mode)]) return mode;
    }
    return std::nullopt;
  }
};

// The next thing to tell the feed.
struct Command {
  enum class Kind { None, Disconnect, Connect, Unsubscribe, Subscribe };
  Kind kind{Kind::None};
  std::vector<FeedSubscription> subscriptions{};
  std::vector<FeedChannel> channels{};
};

}  // namespace

// Everything behind the hub's mutex. Functions say so when they expect it to be held.
struct FeedHub::Inner {
  Inner(const Clock& the_clock, std::uint64_t seed, Monotonic the_heartbeat, FeedHubSettings the_settings)
      : clock{the_clock}, heartbeat{the_heartbeat}, settings{the_settings}, random{seed},
        backoff{the_settings.backoff_first} {}

  const Clock& clock;
  const Monotonic heartbeat;
  const FeedHubSettings settings;

  mutable std::mutex mutex;
  std::map<InstrumentKey, std::shared_ptr<Topic>> by_key;
  std::unordered_map<FeedChannel, std::shared_ptr<Topic>> by_channel;
  std::vector<FeedChannel> unsynced;  ///< topics whose mode at the feed may be wrong
  std::vector<FeedChannel> dropped;   ///< to be told to the feed
  FeedChannel last_channel{0};

  std::vector<std::shared_ptr<Topic>> pending;
  bool delivering{false};
  bool driving{false};
  bool cut_wanted{false};
  bool stopped{false};

  SeededRandom random;
  Micros backoff;
  Monotonic attempt_started{};
  Monotonic next_attempt{};
  Monotonic connected_since{};
  Monotonic last_heard{};
  FeedHubStats stats;

  // All below: the mutex is held.

  void forget_feed() {
    dropped.clear();
    unsynced.clear();
    for (const auto& [channel, topic] : by_channel) {
      topic->sent = std::nullopt;
      unsynced.push_back(channel);
    }
  }

  // Half the back-off at least and one and a half at most, so that many gateways do not return in step.
  void wait_before_retry() {
    const double factor = 0.5 + random.unit();
    next_attempt = clock.monotonic() +
                   Monotonic{static_cast<std::int64_t>(static_cast<double>(Monotonic{backoff}.count()) * factor)};
    backoff = std::min(backoff * 2, settings.backoff_max);
    stats.state = FeedState::Waiting;
  }

  void heard() {
    last_heard = clock.monotonic();
    stats.last_received = clock.now();
    backoff = settings.backoff_first;
  }

  [[nodiscard]] bool is_live(const Topic& topic) const {
    return stats.state == FeedState::Connected && topic.received_at >= connected_since;
  }

  void check_timeouts() {
    const Monotonic now = clock.monotonic();
    if (stats.state == FeedState::Connecting && now - attempt_started >= settings.connect_timeout) {
      stats.last_error = "The feed did not answer in time.";
      cut_wanted = true;
      wait_before_retry();
    }
    // One and a half heartbeats: polled twice a heartbeat, silence is noticed within two.
    if (stats.state == FeedState::Connected && now - last_heard >= heartbeat * 3 / 2) {
      ++stats.silences;
      ++stats.disconnections;
      stats.last_error = "The feed was connected but silent.";
      cut_wanted = true;
      wait_before_retry();
      stats.state = FeedState::Silent;
    }
  }

  Command next_command() {
    if (cut_wanted) {
      cut_wanted = false;
      forget_feed();
      if (stats.state == FeedState::Silent) stats.state = FeedState::Waiting;
      return {.kind = Command::Kind::Disconnect};
    }
    if (stopped) return {};
    const bool due = stats.state == FeedState::Waiting && clock.monotonic() >= next_attempt;
    if ((stats.state == FeedState::Idle && !by_key.empty()) || due) {
      stats.state = FeedState::Connecting;
      attempt_started = clock.monotonic();
      return {.kind = Command::Kind::Connect};
    }
    if (stats.state != FeedState::Connected) return {};
    // What was dropped goes first: the same instrument may have been subscribed again since.
    if (!dropped.empty()) {
      return {.kind = Command::Kind::Unsubscribe, .channels = std::exchange(dropped, {})};
    }
    return subscriptions_due();
  }

  Command subscriptions_due() {
    Command out{.kind = Command::Kind::Subscribe};
    for (const FeedChannel channel : std::exchange(unsynced, {})) {
      const auto found = by_channel.find(channel);
      if (found == by_channel.end()) continue;
      Topic& topic = *found->second;
      const auto wanted = topic.wanted();
      if (!wanted || wanted == topic.sent) continue;
      topic.sent = wanted;
      out.subscriptions.push_back({channel, topic.instrument, *wanted});
    }
    if (out.subscriptions.empty()) return {};
    return out;
  }

  Topic* topic_for(const InstrumentKey& key, const Instrument& instrument) {
    auto& topic = by_key[key];
    if (!topic) {
      topic = std::make_shared<Topic>();
      topic->channel = ++last_channel;
      topic->instrument = instrument;
      by_channel[topic->channel] = topic;
    }
    return topic.get();
  }

  // Whether `subscriber` was on the list.
  bool leave(Topic& topic, FeedMode mode, const TickSubscriber& subscriber) {
    auto& list = topic.subscribers[slot(mode)];
    if (!list) return false;
    Subscribers rest = *list;
    if (std::erase_if(rest, [&](const auto& each) { return each.get() == &subscriber; }) == 0) return false;
    list = rest.empty() ? nullptr : std::make_shared<const Subscribers>(std::move(rest));
    --stats.subscriptions;
    unsynced.push_back(topic.channel);
    return true;
  }

  // Precondition: nobody wants it any more.
  void drop(const Topic& topic) {
    if (topic.sent) dropped.push_back(topic.channel);
    by_channel.erase(topic.channel);
  }

  // One round of delivery: every pending topic once, in order. Called without the mutex.
  static void deliver(Inner& inner);
};

void FeedHub::Inner::deliver(Inner& inner) {
  struct Delivery {
    TickPointer tick;
    std::array<std::shared_ptr<const Subscribers>, kFeedModeCount> subscribers;
  };
  std::vector<Delivery> round;
  for (;;) {
    {
      const std::lock_guard lock{inner.mutex};
      // Only one delivery runs at a time, so that no tick overtakes another.
      if (inner.pending.empty()) {
        inner.delivering = false;
        return;
      }
      for (const auto& topic : std::exchange(inner.pending, {})) {
        topic->pending = false;
        auto tick = std::make_shared<Tick>(topic->instrument.key(), topic->sent.value_or(FeedMode::Ltp),
                                           topic->latest, topic->received, topic->sequence);
        round.push_back({std::move(tick), topic->subscribers});
      }
    }
    std::uint64_t delivered = 0;
    for (const Delivery& delivery : round) {
      for (const FeedMode mode : {FeedMode::Ltp, FeedMode::Quote, FeedMode::Depth}) {
        const auto& list = delivery.subscribers[slot(mode)];
        if (!list) continue;
        for (const auto& subscriber : *list) subscriber->on_tick(mode, delivery.tick);
        delivered += list->size();
      }
    }
    const std::lock_guard lock{inner.mutex};
    inner.stats.ticks_delivered += delivered;
    inner.stats.delivery_lag = inner.clock.now() - round.back().tick->received;
    round.clear();
  }
}

std::string_view name_of(FeedState state) {
  switch (state) {
    case FeedState::Idle: return "idle";
    case FeedState::Connecting: return "connecting";
    case FeedState::Connected: return "connected";
    case FeedState::Silent: return "silent";
    case FeedState::Waiting: return "waiting";
  }
  return "idle";
}

std::string_view name_of(FeedMode mode) {
  switch (mode) {
    case FeedMode::Ltp: return "LTP";
    case FeedMode::Quote: return "Quote";
    case FeedMode::Depth: return "Depth";
  }
  return "LTP";
}

FeedHub::FeedHub(Feed& feed, const Instruments& instruments, const Clock& clock, Executor& deliver,
                 std::uint64_t seed, FeedHubSettings settings)
    : feed_{feed}, instruments_{instruments}, clock_{clock}, executor_{deliver}, settings_{settings},
      inner_{std::make_shared<Inner>(clock, seed, Monotonic{feed.heartbeat()}, settings)} {}

FeedHub::~FeedHub() { stop(); }

// Tells the feed what is due, one command at a time and by one thread at a time. Another thread's wish, or a
// callback's from inside the feed, is picked up by the loop that is already running.
void FeedHub::drive() {
  {
    const std::lock_guard lock{inner_->mutex};
    if (std::exchange(inner_->driving, true)) return;
  }
  for (;;) {
    Command command;
    {
      const std::lock_guard lock{inner_->mutex};
      command = inner_->next_command();
      if (command.kind == Command::Kind::None) {
        inner_->driving = false;
        return;
      }
    }
    switch (command.kind) {
      case Command::Kind::None: break;
      case Command::Kind::Disconnect: feed_.disconnect(); break;
      case Command::Kind::Connect: feed_.connect(*this); break;
      case Command::Kind::Unsubscribe: feed_.unsubscribe(command.channels); break;
      case Command::Kind::Subscribe: feed_.subscribe(command.subscriptions); break;
    }
  }
}

Result<void> FeedHub::subscribe(const InstrumentKey& key, FeedMode mode,
                                const std::shared_ptr<TickSubscriber>& subscriber) {
  const auto table = instruments_.read();
  const Instrument* instrument = table->find(key);
  if (instrument == nullptr) {
    return fail(ErrorCode::NotFound, "Symbol " + key.symbol + " not found for exchange " +
                                         std::string{name_of(key.exchange)});
  }
  {
    const std::lock_guard lock{inner_->mutex};
    if (!inner_->by_key.contains(key) && inner_->by_key.size() >= settings_.instruments_max) {
      return fail(ErrorCode::Busy, "Maximum capacity reached: " + std::to_string(settings_.instruments_max) +
                                       " symbols. Unsubscribe from some first.");
    }
    Topic* topic = inner_->topic_for(key, *instrument);
    auto& list = topic->subscribers[slot(mode)];
    if (list && std::ranges::find(*list, subscriber) != list->end()) return {};
    Subscribers joined = list ? *list : Subscribers{};
    joined.push_back(subscriber);
    list = std::make_shared<const Subscribers>(std::move(joined));
    ++inner_->stats.subscriptions;
    inner_->unsynced.push_back(topic->channel);
  }
  drive();
  return {};
}

void FeedHub::unsubscribe(const InstrumentKey& key, FeedMode mode, const TickSubscriber& subscriber) {
  {
    const std::lock_guard lock{inner_->mutex};
    const auto found = inner_->by_key.find(key);
    if (found == inner_->by_key.end() || !inner_->leave(*found->second, mode, subscriber)) return;
    if (!found->second->wanted()) {
      inner_->drop(*found->second);
      inner_->by_key.erase(found);
    }
  }
  drive();
}

void FeedHub::unsubscribe_all(const TickSubscriber& subscriber) {
  {
    const std::lock_guard lock{inner_->mutex};
    std::erase_if(inner_->by_key, [&](const auto& entry) {
      Topic& topic = *entry.second;
      bool left = false;
      for (const FeedMode mode : {FeedMode::Ltp, FeedMode::Quote, FeedMode::Depth}) {
        left = inner_->leave(topic, mode, subscriber) || left;
      }
      if (!left || topic.wanted()) return false;
      inner_->drop(topic);
      return true;
    });
  }
  drive();
}

std::optional<Depth> FeedHub::latest(const InstrumentKey& key) const {
  const std::lock_guard lock{inner_->mutex};
  const auto found = inner_->by_key.find(key);
  if (found == inner_->by_key.end() || found->second->sequence == 0) return std::nullopt;
  Depth out = found->second->latest;
  out.quote.stale = out.quote.stale || !inner_->is_live(*found->second);
  return out;
}

FeedHubStats FeedHub::stats() const {
  const std::lock_guard lock{inner_->mutex};
  FeedHubStats out = inner_->stats;
  out.feed = feed_.name();
  out.instruments = inner_->by_key.size();
  if (out.state == FeedState::Waiting) {
    out.next_attempt = clock_.now() +
                       std::chrono::duration_cast<Micros>(inner_->next_attempt - clock_.monotonic());
  }
  return out;
}

void FeedHub::poll() {
  {
    const std::lock_guard lock{inner_->mutex};
    inner_->check_timeouts();
  }
  drive();
}

void FeedHub::renew() {
  {
    const std::lock_guard lock{inner_->mutex};
    const FeedState state = inner_->stats.state;
    if (state == FeedState::Idle || inner_->stopped) return;
    if (state == FeedState::Connected) ++inner_->stats.disconnections;
    inner_->cut_wanted = inner_->cut_wanted || state == FeedState::Connecting || state == FeedState::Connected;
    inner_->stats.state = FeedState::Waiting;
    inner_->next_attempt = clock_.monotonic();
    inner_->backoff = settings_.backoff_first;
  }
  drive();
}

void FeedHub::stop() {
  {
    const std::lock_guard lock{inner_->mutex};
    if (std::exchange(inner_->stopped, true)) return;
    inner_->cut_wanted = inner_->stats.state != FeedState::Idle;
    inner_->stats.state = FeedState::Idle;
  }
  drive();
}

void FeedHub::on_connected() {
  {
    const std::lock_guard lock{inner_->mutex};
    if (inner_->stats.state != FeedState::Connecting) return;
    inner_->stats.state = FeedState::Connected;
    ++inner_->stats.connections;
    inner_->stats.last_error.clear();
    inner_->connected_since = inner_->last_heard = clock_.monotonic();
    inner_->forget_feed();
  }
  drive();
}

void FeedHub::on_disconnected(const Error& why) {
  const std::lock_guard lock{inner_->mutex};
  const FeedState state = inner_->stats.state;
  if (state != FeedState::Connecting && state != FeedState::Connected) return;
  if (state == FeedState::Connected) ++inner_->stats.disconnections;
  inner_->stats.last_error = why.message;
  inner_->forget_feed();
  inner_->wait_before_retry();
}

void FeedHub::on_heartbeat() {
  const std::lock_guard lock{inner_->mutex};
  if (inner_->stats.state == FeedState::Connected) inner_->heard();
}

void FeedHub::on_tick(FeedChannel channel, const Depth& depth) {
  {
    const std::lock_guard lock{inner_->mutex};
    const auto found = inner_->by_channel.find(channel);
    if (found == inner_->by_channel.end() || inner_->stats.state != FeedState::Connected) return;
    inner_->heard();
    ++inner_->stats.ticks_received;
    Topic& topic = *found->second;
    topic.latest = depth;
    topic.received = inner_->stats.last_received;
    topic.received_at = inner_->last_heard;
    ++topic.sequence;
    if (std::exchange(topic.pending, true)) {
      ++inner_->stats.ticks_conflated;
      return;
    }
    inner_->pending.push_back(found->second);
    if (std::exchange(inner_->delivering, true)) return;
  }
  executor_.post([weak = std::weak_ptr{inner_}] {
    if (const auto inner = weak.lock()) Inner::deliver(*inner);
  });
}

}  // namespace kavach::market
