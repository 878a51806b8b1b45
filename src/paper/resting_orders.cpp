#include "paper/resting_orders.h"

namespace kavach::paper {

void RestingOrders::put(RestingOrder order) {
  std::string id = order.order.id;
  by_instrument_[order.order.request.instrument].insert(id);
  orders_.insert_or_assign(std::move(id), std::move(order));
}

RestingOrder* RestingOrders::find(const std::string& order_id) {
  const auto found = orders_.find(order_id);
  return found == orders_.end() ? nullptr : &found->second;
}

bool RestingOrders::erase(const std::string& order_id) {
  const auto found = orders_.find(order_id);
  if (found == orders_.end()) return false;
  const auto instrument = by_instrument_.find(found->second.order.request.instrument);
  instrument->second.erase(order_id);
  if (instrument->second.empty()) by_instrument_.erase(instrument);
  orders_.erase(found);
  return true;
}

std::vector<trading::InstrumentKey> RestingOrders::instruments() const {
  std::vector<trading::InstrumentKey> keys;
  keys.reserve(by_instrument_.size());
  for (const auto& [key, ids] : by_instrument_) keys.push_back(key);
  return keys;
}

std::vector<std::string> RestingOrders::in(const trading::InstrumentKey& instrument) const {
  const auto found = by_instrument_.find(instrument);
  if (found == by_instrument_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace kavach::paper
