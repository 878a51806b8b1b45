#include "stream/fan_out.h"

#include <algorithm>
#include <utility>

#include "stream/replies.h"

namespace kavach::stream {

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
      auto& lanes = directory[topic];
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
  return {};
}

void FanOut::leave(Executor& executor, const Topic& topic, Receiver& receiver) {
  const auto lane = lane_of(executor);
  const auto found = lane->receivers.find(topic);
  if (found == lane->receivers.end()) return;
  std::erase(found->second, &receiver);
  if (!found->second.empty()) return;
  lane->receivers.erase(found);
  const std::lock_guard lock{membership_};
  const bool last_of_all = directory_.with([&](auto& directory) {
    const auto lanes = directory.find(topic);
    if (lanes == directory.end()) return false;
    std::erase(lanes->second, lane);
    if (!lanes->second.empty()) return false;
    directory.erase(lanes);
    return true;
  });
  if (last_of_all) hub_.unsubscribe(topic.key, topic.mode, *this);
}

void FanOut::on_tick(market::FeedMode mode, const market::TickPointer& tick) {
  const Topic topic{tick->key, mode};
  const Lanes lanes = directory_.with([&](auto& directory) {
    const auto found = directory.find(topic);
    return found == directory.end() ? Lanes{} : found->second;
  });
  if (lanes.empty()) return;
  const http::SharedFrame frame = http::text_frame(market_data(*tick, mode, broker_));
  frames_built_.fetch_add(1, std::memory_order_relaxed);
  for (const auto& lane : lanes) {
    const bool was_empty = lane->inbox.with([&](Inbox& inbox) {
      const auto [place, is_new] = inbox.at.try_emplace(topic, inbox.waiting.size());
      if (!is_new) {
        inbox.waiting[place->second].frame = frame;
        return false;
      }
      inbox.waiting.push_back({topic, frame});
      return inbox.waiting.size() == 1;
    });
    if (was_empty) lane->executor.post([self = shared_from_this(), lane] { self->drain(*lane); });
  }
}

void FanOut::drain(Lane& lane) {
  const auto deliveries = lane.inbox.with([](Inbox& inbox) { return std::exchange(inbox, {}).waiting; });
  std::uint64_t offered = 0;
  for (const Delivery& delivery : deliveries) {
    const auto found = lane.receivers.find(delivery.topic);
    if (found == lane.receivers.end()) continue;
    for (Receiver* receiver : found->second) receiver->offer(delivery.topic, delivery.frame);
    offered += found->second.size();
  }
  frames_offered_.fetch_add(offered, std::memory_order_relaxed);
}

FanOut::Stats FanOut::stats() const { return {frames_built_.load(), frames_offered_.load()}; }

}  // namespace kavach::stream
