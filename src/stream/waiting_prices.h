#pragma once

// The prices that wait for a client which is behind: of each topic the latest, in the order in which the
// topics began to wait. Bounded by the client's subscriptions. Used by `Client` on its I/O thread.

#include <list>
#include <unordered_map>
#include <utility>

#include "stream/fan_out.h"

namespace kavach::stream {

class WaitingPrices {
 public:
  [[nodiscard]] bool empty() const { return order_.empty(); }
  /// True when it took the place of an older one, which nobody will see.
  bool put(const Topic& topic, const http::SharedFrame& frame);
  /// What waits of an abandoned topic; nothing when nothing does.
  void drop(const Topic& topic);
  /// Precondition: not empty.
  [[nodiscard]] http::SharedFrame take_first();
  void clear();

 private:
  using Order = std::list<std::pair<Topic, http::SharedFrame>>;
  Order order_;
  std::unordered_map<Topic, Order::iterator> place_;
};

}  // namespace kavach::stream
