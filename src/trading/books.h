#pragma once

// The derived state of one account: what its journal adds up to. A Books is rebuilt by applying the
// journal's events in order and by nothing else, so replay equals memory.
//
// An order or fill once written down here is never changed, only replaced. So copies of the books share
// them, and the two books of an account (journaled_account.h) keep what they agree on once.
// Not thread-safe; the desk guards it. What is shared is immutable and may be read from any thread.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/json.h"
#include "trading/journal_event.h"
#include "trading/order.h"

namespace kavach::trading {

/// As it was at one moment; later changes of the books are not seen in it.
using SharedOrder = std::shared_ptr<const Order>;

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
  /// Of a fill what its order does not say; the order stays as long as its fills.
  struct Execution {
    std::string trade_id;
    std::string order_id;
    Quantity quantity;
    Price price;
    TimePoint at{};
    friend bool operator==(const Execution&, const Execution&) = default;
  };
  /// What a client order id stands for: the order, and what was asked for word by word.
  struct ClientOrder {
    std::string order_id;
    OrderRequest asked;
    std::optional<Towards> towards;
  };

  /// Until the next `apply`.
  [[nodiscard]] const Order* find_order(std::string_view order_id) const;
  /// By id, which is by time of placement. A view of the books as they are: `const Order&`, random access.
  [[nodiscard]] auto orders() const {
    return orders_ | std::views::transform([](const auto& entry) -> const Order& { return *entry; });
  }
  /// Oldest first. A view like `orders`; each `Fill` is put together when it is read.
  [[nodiscard]] auto fills() const {
    return fills_ | std::views::transform([this](const auto& entry) { return whole(*entry); });
  }
  /// Newest first: those placed at `begun`, the beginning of a trading day, or later.
  [[nodiscard]] std::vector<SharedOrder> orders_since(TimePoint begun) const;
  [[nodiscard]] std::vector<Fill> fills_since(TimePoint begun) const;
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
  /// Newest first. Valid until the next event.
  [[nodiscard]] std::vector<const Order*> working_orders(const PositionKey& key) const;
  /// How much of an order on `side` would close a position that no other working order is about to
  /// close already; the rest would open or enlarge one. `own` is a claim to leave out: that of the
  /// order which is being changed, or of orders that end before.
  [[nodiscard]] Quantity closable(const PositionKey& key, Side side, Quantity own = {}) const;
  [[nodiscard]] std::optional<ClientOrder> find_client_order(const std::string& client_order_id) const;
  [[nodiscard]] bool has_fill(std::string_view order_id, std::string_view trade_id) const;

  /// The only mutator. Events the order table does not allow change nothing.
  void apply(const JournalEvent& event);

  /// Keeps the order, and the latest fill of `other` if it is its, only once where both books have them alike.
  void share_with(const Books& other, std::string_view order_id);

  /// The whole state as lines of JSON; equal states give equal texts.
  [[nodiscard]] std::string dump() const;
  /// What `dump` wrote. ErrorCode::StorageCorrupt otherwise.
  [[nodiscard]] static Result<Books> load(std::string_view dumped);

 private:
  struct AccountVisitor;
  struct OrderVisitor;
  using Orders = std::vector<SharedOrder>;
  /// The first entry that is not before `order_id`.
  [[nodiscard]] Orders::const_iterator place_of(std::string_view order_id) const;
  [[nodiscard]] Fill whole(const Execution& execution) const;
  void add(Order order);
  /// One line of a dump; false when it is none.
  bool read(const json::object& line);
  void remember_client_order(const Order& order);

  void opened(const AccountOpened& event, TimePoint at);
  void intended(const OrderIntended& event);
  void filled(Order& order, const OrderFilled& event, TimePoint at);
  void changed(Order& order, const ChangeMade& event);
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
  Orders orders_;  ///< by id
  std::vector<std::shared_ptr<const Execution>> fills_;
  std::map<PositionKey, Position> positions_;
  std::map<InstrumentKey, Holding> holdings_;
  Funds funds_;
  /// By order id; only of orders that are no longer, or never were, what their client asked for.
  std::map<std::string, ClientOrder, std::less<>> asked_otherwise_;
  // Derived from the above.
  std::map<PositionKey, Working> working_;
  std::unordered_multimap<std::size_t, std::string> client_orders_;  ///< order ids by hash of the client's
};

}  // namespace kavach::trading
