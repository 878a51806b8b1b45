#include "paper/simulated_feed.h"

#include <utility>
#include <vector>

namespace kavach::paper {
namespace {

using market::Depth;
using market::FeedChannel;
using market::FeedMode;
using market::Quote;

// Whether a subscriber of `mode` could see a difference. Quantities at the touch alone are no news for LTP.
bool has_changed(const Quote& before, const Quote& now, FeedMode mode) {
  if (before.last != now.last) return true;
  if (mode == FeedMode::Ltp) return false;
  return before.bid != now.bid || before.ask != now.ask || before.volume != now.volume ||
         before.bid_quantity != now.bid_quantity || before.ask_quantity != now.ask_quantity;
}

Result<Depth> top_only(const market::QuoteSource& market, const market::Instrument& instrument) {
  const auto quote = market.quote(instrument);
  if (!quote) return pass_on(quote);
  return Depth{.quote = *quote};
}

}  // namespace

void SimulatedFeed::connect(market::FeedListener& listener) {
  {
    const std::lock_guard lock{mutex_};
    listener_ = &listener;
    watched_.clear();
  }
  listener.on_connected();
}

void SimulatedFeed::disconnect() {
  // Waits for a tick under way, so that its calls are over when this returns.
  const std::lock_guard speaking{speaking_};
  const std::lock_guard lock{mutex_};
  listener_ = nullptr;
  watched_.clear();
}

void SimulatedFeed::subscribe(std::span<const market::FeedSubscription> subscriptions) {
  const std::lock_guard lock{mutex_};
  for (const market::FeedSubscription& subscription : subscriptions) {
    watched_.insert_or_assign(subscription.channel, Watched{subscription, {}});
  }
}

void SimulatedFeed::unsubscribe(std::span<const FeedChannel> channels) {
  const std::lock_guard lock{mutex_};
  for (const FeedChannel channel : channels) watched_.erase(channel);
}

std::vector<std::pair<FeedChannel, Depth>> SimulatedFeed::changes() {
  std::vector<std::pair<FeedChannel, Depth>> out;
  for (auto& [channel, watched] : watched_) {
    const auto& [_, instrument, mode] = watched.subscription;
    const auto depth = mode == FeedMode::Depth ? market_.depth(instrument) : top_only(market_, instrument);
    if (!depth || !has_changed(watched.last_sent, depth->quote, mode)) continue;
    watched.last_sent = depth->quote;
    out.emplace_back(channel, *depth);
  }
  return out;
}

void SimulatedFeed::tick() {
  const std::lock_guard speaking{speaking_};
  market::FeedListener* listener = nullptr;
  std::vector<std::pair<FeedChannel, Depth>> news;
  {
    const std::lock_guard lock{mutex_};
    listener = listener_;
    if (listener == nullptr) return;
    news = changes();
  }
  listener->on_heartbeat();
  for (const auto& [channel, depth] : news) listener->on_tick(channel, depth);
}

}  // namespace kavach::paper
