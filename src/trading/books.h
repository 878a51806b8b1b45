#pragma once

// The derived state of one account: what its journal adds up to. A Books is rebuilt by applying the
// journal's events in order and by nothing else, so replay equals memory.
// Not thread-safe; the desk guards it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "trading/journal_event.h"
#include "trading/order.h"

namespace kavach::trading {

class Books {
 public:
  struct PositionKey {
    InstrumentKey instrument;
    Product product{Product::Mis};
    friend auto operator<=>(const PositionKey&, const PositionKey&) = default;
  };
  /// Working orders of one instrument and product, as quantities not yet filled.
  struct Working {
    Quantity buying;
    Quantity selling;
    std::int64_t orders{0};
    std::int64_t unknown{0};  ///< of these, orders whose outcome is unknown
    friend bool operator==(const Working&, const Working&) = default;
  };
  /// What a client order id stands for: the order, and what was asked for word by word.
  struct ClientOrder {
    std::string order_id;
    OrderRequest asked;
    std::optional<Towards> towards;
  };

  [[nodiscard]] const Order* find_order(std::string_view order_id) const;
  /// By id, which is by time of placement.
  [[nodiscard]] const std::map<std::string, Order, std::less<>>& orders() const { return orders_; }
  /// Oldest first.
  [[nodiscard]] const std::vector<Fill>& fills() const { return fills_; }
  [[nodiscard]] const std::map<PositionKey, Position>& positions() const { return positions_; }
  [[nodiscard]] const std::map<InstrumentKey, Holding>& holdings() const { return holdings_; }
  [[nodiscard]] const Funds& funds() const { return funds_; }
  /// Signed; 0 when there is none.
  [[nodiscard]] Quantity net_quantity(const InstrumentKey& instrument, Product product) const;

  /// The day of the latest session that has begun for this account; not a date before the first.
  [[nodiscard]] Date rolled_on() const { return rolled_on_; }
  /// False until the account's first event.
  [[nodiscard]] bool is_open() const { return opened_; }
  [[nodiscard]] Working working(const PositionKey& key) const;
  [[nodiscard]] const std::map<PositionKey, Working>& working() const { return working_; }
  /// How much of an order on `side` would close a position that no other working order is about to
  /// close already; the rest would open or enlarge one. `own` is a claim to leave out: that of the
  /// order which is being changed.
  [[nodiscard]] Quantity closable(const PositionKey& key, Side side, Quantity own = {}) const;
  [[nodiscard]] const ClientOrder* find_client_order(const std::string& client_order_id) const;
  [[nodiscard]] bool has_fill(std::string_view order_id, std::string_view trade_id) const;

  /// The only mutator. Events the order table does not allow change nothing.
  void apply(const JournalEvent& event);

  /// The whole state as one JSON object; equal states give equal texts.
  [[nodiscard]] std::string dump() const;
  /// What `dump` wrote. ErrorCode::StorageCorrupt otherwise.
  [[nodiscard]] static Result<Books> load(std::string_view dumped);

 private:
  struct AccountVisitor;
  struct OrderVisitor;

  void opened(const AccountOpened& event, TimePoint at);
  void intended(const OrderIntended& event);
  void filled(Order& order, const OrderFilled& event, TimePoint at);
  void settled(const PositionSettled& event, TimePoint at);
  void delivered(const DeliverySettled& event, TimePoint at);
  void rolled(const DayRolled& event);
  void reset(const AccountReset& event, TimePoint at);
  void apply_to(Order& order, const JournalEvent& event);
  void count(const Order& order, int direction);
  void release(Money margin);
  void rebuild_indexes();

  bool opened_{false};
  Date rolled_on_{};
  std::map<std::string, Order, std::less<>> orders_;
  std::vector<Fill> fills_;
  std::map<PositionKey, Position> positions_;
  std::map<InstrumentKey, Holding> holdings_;
  Funds funds_;
  std::unordered_map<std::string, ClientOrder> client_orders_;
  // Derived from the above.
  std::map<PositionKey, Working> working_;
  std::unordered_set<std::string> fill_keys_;
};

}  // namespace kavach::trading
