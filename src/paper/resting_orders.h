#pragma once

// The paper exchange's book of orders that wait, by instrument, in the order of their ids: of two orders
// that could trade on one quote the earlier trades first.
// Not thread-safe; the exchange guards it.

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "trading/order.h"

namespace kavach::paper {

struct RestingOrder {
  trading::AccountId account;
  trading::Order order;
  bool waits_for_trigger{false};
};

class RestingOrders {
 public:
  /// Replaces one of the same id.
  void put(RestingOrder order);
  [[nodiscard]] RestingOrder* find(const std::string& order_id);
  /// False when there was none.
  bool erase(const std::string& order_id);
  /// The instruments that have orders.
  [[nodiscard]] std::vector<trading::InstrumentKey> instruments() const;
  /// Order ids of one instrument, ascending.
  [[nodiscard]] std::vector<std::string> in(const trading::InstrumentKey& instrument) const;
  [[nodiscard]] std::size_t size() const { return orders_.size(); }

 private:
  std::unordered_map<std::string, RestingOrder> orders_;
  std::map<trading::InstrumentKey, std::set<std::string>> by_instrument_;
};

}  // namespace kavach::paper
