#include "market/feed_hub.h"

#include <algorithm>
#include <utility>

#include "market/feed_hub_state.h"

namespace kavach::market {

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
      state_{std::make_shared<FeedHubState>(clock, seed, Monotonic{feed.heartbeat()}, settings)} {}

FeedHub::~FeedHub() { stop(); }

// Tells the feed what is due, one command at a time and by one thread at a time. Another thread's wish, or a
// callback's from inside the feed, is picked up by the loop that is already running.
void FeedHub::drive() {
  {
    const std::lock_guard lock{state_->mutex};
    if (std::exchange(state_->driving, true)) return;
  }
  for (;;) {
    FeedCommand command;
    {
      const std::lock_guard lock{state_->mutex};
      command = state_->next_command();
      if (command.kind == FeedCommand::Kind::None) {
        state_->driving = false;
        return;
      }
    }
    switch (command.kind) {
      case FeedCommand::Kind::None: break;
      case FeedCommand::Kind::Disconnect: feed_.disconnect(); break;
      case FeedCommand::Kind::Connect: feed_.connect(*this); break;
      case FeedCommand::Kind::Unsubscribe: feed_.unsubscribe(command.channels); break;
      case FeedCommand::Kind::Subscribe: feed_.subscribe(command.subscriptions); break;
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
    const std::lock_guard lock{state_->mutex};
    if (!state_->by_key.contains(key) && state_->by_key.size() >= settings_.instruments_max) {
      return fail(ErrorCode::Busy, "Maximum capacity reached: " + std::to_string(settings_.instruments_max) +
                                       " symbols. Unsubscribe from some first.");
    }
    FeedTopic& topic = state_->topic_for(key, *instrument);
    auto& list = topic.subscribers[slot_of(mode)];
    if (list && std::ranges::find(*list, subscriber) != list->end()) return {};
    TickSubscribers joined = list ? *list : TickSubscribers{};
    joined.push_back(subscriber);
    list = std::make_shared<const TickSubscribers>(std::move(joined));
    ++state_->stats.subscriptions;
    state_->unsynced.push_back(topic.channel);
  }
  drive();
  return {};
}

void FeedHub::unsubscribe(const InstrumentKey& key, FeedMode mode, const TickSubscriber& subscriber) {
  {
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->by_key.find(key);
    if (found == state_->by_key.end() || !state_->leave(*found->second, mode, subscriber)) return;
    if (!found->second->wanted()) {
      state_->drop(*found->second);
      state_->by_key.erase(found);
    }
  }
  drive();
}

void FeedHub::unsubscribe_all(const TickSubscriber& subscriber) {
  {
    const std::lock_guard lock{state_->mutex};
    std::erase_if(state_->by_key, [&](const auto& entry) {
      FeedTopic& topic = *entry.second;
      bool left = false;
      for (const FeedMode mode : {FeedMode::Ltp, FeedMode::Quote, FeedMode::Depth}) {
        left = state_->leave(topic, mode, subscriber) || left;
      }
      if (!left || topic.wanted()) return false;
      state_->drop(topic);
      return true;
    });
  }
  drive();
}

std::optional<Depth> FeedHub::latest(const InstrumentKey& key) const {
  const std::lock_guard lock{state_->mutex};
  const auto found = state_->by_key.find(key);
  if (found == state_->by_key.end() || found->second->sequence == 0) return std::nullopt;
  Depth out = found->second->latest;
  out.quote.stale = out.quote.stale || !state_->is_live(*found->second);
  return out;
}

FeedHubStats FeedHub::stats() const {
  const std::lock_guard lock{state_->mutex};
  FeedHubStats out = state_->stats;
  out.feed = feed_.name();
  out.instruments = state_->by_key.size();
  out.stale = static_cast<std::size_t>(
      std::ranges::count_if(state_->by_key, [&](const auto& entry) { return !state_->is_live(*entry.second); }));
  if (out.state == FeedState::Waiting) {
    out.next_attempt = clock_.now() +
                       std::chrono::duration_cast<Micros>(state_->next_attempt - clock_.monotonic());
  }
  return out;
}

void FeedHub::poll() {
  {
    const std::lock_guard lock{state_->mutex};
    state_->check_timeouts();
  }
  start_delivery();
  drive();
}

void FeedHub::renew() {
  {
    const std::lock_guard lock{state_->mutex};
    const FeedState before = state_->stats.state;
    if (before == FeedState::Idle || state_->stopped) return;
    if (before == FeedState::Connected) ++state_->stats.disconnections;
    state_->tell_stale();
    state_->cut_wanted = state_->cut_wanted || before == FeedState::Connecting || before == FeedState::Connected;
    state_->stats.state = FeedState::Waiting;
    state_->next_attempt = clock_.monotonic();
    state_->backoff = settings_.backoff_first;
  }
  start_delivery();
  drive();
}

void FeedHub::stop() {
  {
    const std::lock_guard lock{state_->mutex};
    if (std::exchange(state_->stopped, true)) return;
    state_->cut_wanted = state_->stats.state != FeedState::Idle;
    state_->stats.state = FeedState::Idle;
  }
  drive();
}

void FeedHub::on_connected() {
  {
    const std::lock_guard lock{state_->mutex};
    if (state_->stats.state != FeedState::Connecting) return;
    state_->stats.state = FeedState::Connected;
    ++state_->stats.connections;
    state_->stats.last_error.clear();
    state_->last_heard = clock_.monotonic();
    state_->forget_feed();
  }
  drive();
}

void FeedHub::on_disconnected(const Error& why) {
  {
    const std::lock_guard lock{state_->mutex};
    const FeedState before = state_->stats.state;
    if (before != FeedState::Connecting && before != FeedState::Connected) return;
    if (before == FeedState::Connected) ++state_->stats.disconnections;
    state_->tell_stale();
    state_->stats.last_error = why.message;
    state_->forget_feed();
    state_->wait_before_retry();
  }
  start_delivery();
}

void FeedHub::on_heartbeat() {
  const std::lock_guard lock{state_->mutex};
  if (state_->stats.state == FeedState::Connected) state_->heard();
}

void FeedHub::on_tick(FeedChannel channel, const Depth& depth) {
  {
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->by_channel.find(channel);
    if (found == state_->by_channel.end() || state_->stats.state != FeedState::Connected) return;
    state_->heard();
    ++state_->stats.ticks_received;
    FeedTopic& topic = *found->second;
    topic.latest = depth;
    topic.received = state_->stats.last_received;
    topic.connection = state_->stats.connections;
    if (!state_->enqueue(found->second)) ++state_->stats.ticks_conflated;
  }
  start_delivery();
}

void FeedHub::start_delivery() {
  {
    const std::lock_guard lock{state_->mutex};
    if (state_->pending.empty() || std::exchange(state_->delivering, true)) return;
  }
  executor_.post([weak = std::weak_ptr{state_}] {
    if (const auto state = weak.lock()) FeedHubState::deliver(*state);
  });
}

}  // namespace kavach::market
