#include "market/feed_hub_state.h"

#include <algorithm>
#include <utility>

namespace kavach::market {
namespace {

constexpr std::array kModes{FeedMode::Ltp, FeedMode::Quote, FeedMode::Depth};

}  // namespace

std::optional<FeedMode> FeedTopic::wanted() const {
  for (const FeedMode mode : {FeedMode::Depth, FeedMode::Quote, FeedMode::Ltp}) {
    if (subscribers[slot_of(mode)]) return mode;
  }
  return std::nullopt;
}

bool FeedHubState::enqueue(const std::shared_ptr<FeedTopic>& topic) {
  ++topic->sequence;
  if (std::exchange(topic->pending, true)) return false;
  pending.push_back(topic);
  return true;
}

void FeedHubState::tell_stale() {
  for (const auto& [_, topic] : by_key) {
    if (is_live(*topic)) enqueue(topic);
  }
}

void FeedHubState::forget_feed() {
  dropped.clear();
  unsynced.clear();
  for (const auto& [channel, topic] : by_channel) {
    topic->sent = std::nullopt;
    unsynced.push_back(channel);
  }
  std::ranges::sort(unsynced);  // what was subscribed first is subscribed again first
}

// Half the back-off at least and one and a half at most, so that many gateways do not return in step.
void FeedHubState::wait_before_retry() {
  const double factor = 0.5 + random.unit();
  const auto nanoseconds = static_cast<double>(Monotonic{backoff}.count()) * factor;
  next_attempt = clock.monotonic() + Monotonic{static_cast<std::int64_t>(nanoseconds)};
  backoff = std::min(backoff * 2, settings.backoff_max);
  stats.state = FeedState::Waiting;
}

void FeedHubState::heard() {
  last_heard = clock.monotonic();
  stats.last_received = clock.now();
  backoff = settings.backoff_first;
}

bool FeedHubState::is_live(const FeedTopic& topic) const {
  return stats.state == FeedState::Connected && topic.connection == stats.connections;
}

void FeedHubState::check_timeouts() {
  const Monotonic now = clock.monotonic();
  if (stats.state == FeedState::Connecting && now - attempt_started >= settings.connect_timeout) {
    stats.last_error = "The feed did not answer in time.";
    cut_wanted = true;
    wait_before_retry();
  }
  // One and a half heartbeats: polled twice a heartbeat, silence is noticed within two.
  if (stats.state == FeedState::Connected && now - last_heard >= heartbeat * 3 / 2) {
    tell_stale();
    ++stats.silences;
    ++stats.disconnections;
    stats.last_error = "The feed was connected but silent.";
    cut_wanted = true;
    wait_before_retry();
    stats.state = FeedState::Silent;
  }
}

FeedCommand FeedHubState::next_command() {
  if (std::exchange(cut_wanted, false)) {
    forget_feed();
    if (stats.state == FeedState::Silent) stats.state = FeedState::Waiting;
    return {.kind = FeedCommand::Kind::Disconnect};
  }
  if (stopped) return {};
  // With nobody to serve, a lost feed is left alone; only the back-off is still waited for.
  const bool due = stats.state == FeedState::Waiting && clock.monotonic() >= next_attempt;
  if (due) stats.state = FeedState::Idle;
  if (stats.state == FeedState::Idle && !by_key.empty()) {
    stats.state = FeedState::Connecting;
    attempt_started = clock.monotonic();
    return {.kind = FeedCommand::Kind::Connect};
  }
  if (stats.state != FeedState::Connected) return {};
  // What was dropped goes first: the same instrument may have been subscribed again since.
  if (!dropped.empty()) {
    return {.kind = FeedCommand::Kind::Unsubscribe, .channels = std::exchange(dropped, {})};
  }
  return subscriptions_due();
}

FeedCommand FeedHubState::subscriptions_due() {
  FeedCommand out{.kind = FeedCommand::Kind::Subscribe};
  for (const FeedChannel channel : std::exchange(unsynced, {})) {
    const auto found = by_channel.find(channel);
    if (found == by_channel.end()) continue;
    FeedTopic& topic = *found->second;
    const auto wanted = topic.wanted();
    if (!wanted || wanted == topic.sent) continue;
    topic.sent = wanted;
    out.subscriptions.push_back({channel, topic.instrument, *wanted});
  }
  if (out.subscriptions.empty()) return {};
  return out;
}

FeedTopic& FeedHubState::topic_for(const InstrumentKey& key, const Instrument& instrument) {
  auto& topic = by_key[key];
  if (!topic) {
    topic = std::make_shared<FeedTopic>();
    topic->channel = ++last_channel;
    topic->instrument = instrument;
    by_channel[topic->channel] = topic;
  }
  return *topic;
}

bool FeedHubState::leave(FeedTopic& topic, FeedMode mode, const TickSubscriber& subscriber) {
  auto& list = topic.subscribers[slot_of(mode)];
  if (!list) return false;
  TickSubscribers rest = *list;
  if (std::erase_if(rest, [&](const auto& each) { return each.get() == &subscriber; }) == 0) return false;
  list = rest.empty() ? nullptr : std::make_shared<const TickSubscribers>(std::move(rest));
  --stats.subscriptions;
  unsynced.push_back(topic.channel);
  return true;
}

void FeedHubState::drop(const FeedTopic& topic) {
  if (topic.sent) dropped.push_back(topic.channel);
  by_channel.erase(topic.channel);
}

std::vector<FeedHubState::Delivery> FeedHubState::take_pending() {
  std::vector<Delivery> out;
  out.reserve(pending.size());
  for (const auto& topic : std::exchange(pending, {})) {
    topic->pending = false;
    auto tick = std::make_shared<Tick>(topic->instrument.key(), topic->sent.value_or(FeedMode::Ltp), topic->latest,
                                       topic->received, topic->sequence);
    tick->depth.quote.stale = tick->depth.quote.stale || !is_live(*topic);
    out.push_back({std::move(tick), topic->subscribers});
  }
  return out;
}

void FeedHubState::deliver(FeedHubState& state) {
  for (;;) {
    std::vector<Delivery> round;
    {
      const std::lock_guard lock{state.mutex};
      round = state.take_pending();
      if (round.empty()) {
        state.delivering = false;
        return;
      }
    }
    std::uint64_t delivered = 0;
    for (const Delivery& delivery : round) {
      for (const FeedMode mode : kModes) {
        const auto& list = delivery.subscribers[slot_of(mode)];
        if (!list) continue;
        for (const auto& subscriber : *list) subscriber->on_tick(mode, delivery.tick);
        delivered += list->size();
      }
    }
    const std::lock_guard lock{state.mutex};
    state.stats.ticks_delivered += delivered;
    // What is told again because it is stale did not lag: it was on time once.
    const Tick& last = *round.back().tick;
    if (!last.depth.quote.stale) state.stats.delivery_lag = state.clock.now() - last.received;
  }
}

}  // namespace kavach::market
