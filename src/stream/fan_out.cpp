#include "stream/fan_out.h"

#include <algorithm>
#include <utility>

#include "stream/replies.h"

namespace kavach::stream {
namespace {

// A last price or a quote would save less than a compressor's work is worth to either side.
constexpr std::size_t kDeflateFrom = 512;

}  // namespace

std::shared_ptr<FanOut::Lane> FanOut::lane_of(Executor& executor) {
  return lanes_.with([&](auto& lanes) {
    auto& lane = lanes[&executor];
    if (!lane) lane = std::make_shared<Lane>(executor);
    return lane;
  });
}

Result<void> FanOut::join(Executor& executor, const Topic& topic, Receiver& receiver) {
  const auto lane = lane_of(executor);
  auto& receivers = lane->receivers[topic];
  if (std::ranges::find(receivers, &receiver) != receivers.end()) return {};
  const bool first_of_lane = receivers.empty();
  // The directory is told first: a tick between the two finds the lane and no receiver, which is
  // harmless, instead of a receiver whose lane gets nothing.
  if (first_of_lane) {
    const std::lock_guard lock{membership_};
    const bool first_of_all = directory_.with([&](auto& directory) {
      auto& lanes = directory[topic].lanes;
      lanes.push_back(lane);
      return lanes.size() == 1;
    });
    if (first_of_all) {
      if (auto subscribed = hub_.subscribe(topic.key, topic.mode, shared_from_this()); !subscribed) {
        directory_.with([&](auto& directory) { directory.erase(topic); });
        lane->receivers.erase(topic);
        return subscribed;
      }
    }
  }
  receivers.push_back(&receiver);
  if (receiver.deflates()) change_deflating(topic, 1);
  return {};
}

void FanOut::change_deflating(const Topic& topic, std::ptrdiff_t by) {
  directory_.with([&](auto& directory) { directory[topic].deflating += static_cast<std::size_t>(by); });
}

void FanOut::leave(Executor& executor, const Topic& topic, Receiver& receiver) {
  const auto lane = lane_of(executor);
  const auto found = lane->receivers.find(topic);
  if (found == lane->receivers.end()) return;
  if (std::erase(found->second, &receiver) > 0 && receiver.deflates()) change_deflating(topic, -1);
  if (!found->second.empty()) return;
  lane->receivers.erase(found);
  const std::lock_guard lock{membership_};
  const bool last_of_all = directory_.with([&](auto& directory) {
    const auto audience = directory.find(topic);
    if (audience == directory.end()) return false;
    std::erase(audience->second.lanes, lane);
    if (!audience->second.lanes.empty()) return false;
    directory.erase(audience);
    return true;
  });
  if (last_of_all) hub_.unsubscribe(topic.key, topic.mode, *this);
}

void FanOut::on_tick(market::FeedMode mode, const market::TickPointer& tick) {
  const Topic topic{tick->key, mode};
  const Audience audience = directory_.with([&](auto& directory) {
    const auto found = directory.find(topic);
    return found == directory.end() ? Audience{} : found->second;
  });
  if (audience.lanes.empty()) return;
  const PriceFrames frames = encode(*tick, mode, audience.deflating > 0);
  for (const auto& lane : audience.lanes) {
    const bool was_empty = lane->inbox.with([&](Inbox& inbox) {
      const auto [place, is_new] = inbox.at.try_emplace(topic, inbox.waiting.size());
      if (!is_new) {
        inbox.waiting[place->second].frames = frames;
        return false;
      }
      inbox.waiting.push_back({topic, frames});
      return inbox.waiting.size() == 1;
    });
    if (was_empty) lane->executor.post([self = shared_from_this(), lane] { self->drain(*lane); });
  }
}

PriceFrames FanOut::encode(const market::Tick& tick, market::FeedMode mode, bool is_deflated_too) {
  const std::string text = market_data(tick, mode, broker_);
  PriceFrames frames{http::text_frame(text), {}};
  frames_built_.fetch_add(1, std::memory_order_relaxed);
  if (!is_deflated_too || text.size() < kDeflateFrom) return frames;
  const std::string deflated = deflater_.with([&](http::MessageDeflater& deflater) { return deflater.deflate(text); });
  if (deflated.size() >= text.size()) return frames;
  frames.deflated = http::deflated_text_frame(deflated);
  frames_deflated_.fetch_add(1, std::memory_order_relaxed);
  return frames;
}

void FanOut::drain(Lane& lane) {
  const auto deliveries = lane.inbox.with([](Inbox& inbox) { return std::exchange(inbox, {}).waiting; });
  std::uint64_t offered = 0;
  for (const Delivery& delivery : deliveries) {
    const auto found = lane.receivers.find(delivery.topic);
    if (found == lane.receivers.end()) continue;
    for (Receiver* receiver : found->second) receiver->offer(delivery.topic, delivery.frames);
    offered += found->second.size();
  }
  frames_offered_.fetch_add(offered, std::memory_order_relaxed);
}

FanOut::Stats FanOut::stats() const { return {frames_built_.load(), frames_deflated_.load(), frames_offered_.load()}; }

}  // namespace kavach::stream
