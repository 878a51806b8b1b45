#pragma once

// What the desk asks of a venue. The paper exchange and every real broker implement it; the contract
// tests in tests/trading run against each. The outcome classes are those of docs/life-of-an-order.md.

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "trading/order_desk.h"

namespace kavach::trading {

struct Accepted { std::string broker_order_id; };      ///< definitely at the broker
struct Declined { std::string reason; };               ///< definitely not, the broker said so
struct NotSent { std::string reason; };                ///< no byte was written: definitely not
struct OutcomeUnknown { std::string reason; };         ///< may or may not have reached the broker
using BrokerOutcome = std::variant<Accepted, Declined, NotSent, OutcomeUnknown>;
using OnOutcome = std::move_only_function<void(BrokerOutcome)>;

/// What happened at the venue after acceptance.
struct Triggered {};                                   ///< a stop order's trigger was touched
struct Filled { std::string trade_id; Quantity quantity; Price price; };
struct CancelledAtVenue { std::string reason; };
struct RejectedAtVenue { std::string reason; };
struct VenueEvent {
  AccountId account;
  std::string order_id;  ///< ours
  std::variant<Triggered, Filled, CancelledAtVenue, RejectedAtVenue> what;
};
using OnVenueEvent = std::function<void(const VenueEvent&)>;

/// What a refusal before the journal looks like; see Refusal.
struct VenueTerms {
  Money margin;            ///< to be blocked for this order
  Price reference_price;   ///< last price; zero when none is known
  bool record_rejection{false};  ///< a refusal that leaves a rejected order in the book
};

/// Thread-safe; none of the calls blocks. Callbacks may come before the call returns.
class Broker {
 public:
  virtual ~Broker() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Judges a request against this venue's rules and the account's books, under the account's lock.
  [[nodiscard]] virtual Answer<VenueTerms> examine(const OrderRequest& request, const Books& books) const = 0;
  virtual void place(const AccountId& account, const Order& order, OnOutcome outcome) = 0;
  virtual void modify(const AccountId& account, const Order& changed, OnOutcome outcome) = 0;
  virtual void cancel(const AccountId& account, const Order& order, OnOutcome outcome) = 0;
  /// Asks what became of an order whose outcome is unknown. Accepted or Declined are facts; anything
  /// else means: still unknown, ask again.
  virtual void look_up(const AccountId& account, const Order& order, OnOutcome outcome) = 0;
  virtual void listen(OnVenueEvent on_event) = 0;
};

}  // namespace kavach::trading
