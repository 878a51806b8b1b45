#pragma once

// The derived state of one account: what its journal adds up to. A Books is rebuilt by applying the
// journal's events in order and by nothing else, so replay equals memory.
// Not thread-safe; the desk guards it.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "trading/order.h"

namespace kavach::trading {

struct JournalEvent;  // trading/journal.h

class Books {
 public:
  [[nodiscard]] const Order* find_order(std::string_view order_id) const;
  /// By id, which is by time of placement.
  [[nodiscard]] const std::map<std::string, Order, std::less<>>& orders() const { return orders_; }
  [[nodiscard]] const std::vector<Fill>& fills() const { return fills_; }
  struct PositionKey {
    InstrumentKey instrument;
    Product product{Product::Mis};
    friend auto operator<=>(const PositionKey&, const PositionKey&) = default;
  };
  [[nodiscard]] const std::map<PositionKey, Position>& positions() const { return positions_; }
  [[nodiscard]] const std::map<InstrumentKey, Holding>& holdings() const { return holdings_; }
  [[nodiscard]] const Funds& funds() const { return funds_; }
  /// Signed; 0 when there is none.
  [[nodiscard]] Quantity net_quantity(const InstrumentKey& instrument, Product product) const;

  void apply(const JournalEvent& event);

 private:
  std::map<std::string, Order, std::less<>> orders_;
  std::vector<Fill> fills_;
  std::map<PositionKey, Position> positions_;
  std::map<InstrumentKey, Holding> holdings_;
  Funds funds_;
};

}  // namespace kavach::trading
