#include "stream/waiting_prices.h"

namespace kavach::stream {

bool WaitingPrices::put(const Topic& topic, const http::SharedFrame& frame) {
  if (const auto found = place_.find(topic); found != place_.end()) {
    found->second->second = frame;
    return true;
  }
  order_.emplace_back(topic, frame);
  place_.emplace(topic, std::prev(order_.end()));
  return false;
}

void WaitingPrices::drop(const Topic& topic) {
  const auto found = place_.find(topic);
  if (found == place_.end()) return;
  order_.erase(found->second);
  place_.erase(found);
}

http::SharedFrame WaitingPrices::take_first() {
  auto [topic, frame] = std::move(order_.front());
  order_.pop_front();
  place_.erase(topic);
  return std::move(frame);
}

void WaitingPrices::clear() {
  order_.clear();
  place_.clear();
}

}  // namespace kavach::stream
