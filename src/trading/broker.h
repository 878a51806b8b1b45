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

/// What happens at the venue to an order it has accepted.
struct Triggered {};                                   ///< a stop order's trigger was touched
struct Filled { std::string trade_id; Quantity quantity; Price price; };
struct CancelledAtVenue { std::string reason; };
struct RejectedAtVenue { std::string reason; };
using Happening = std::variant<Triggered, Filled, CancelledAtVenue, RejectedAtVenue>;
struct VenueEvent {
  AccountId account;
  std::string order_id;  ///< ours
  Happening what;
};
using OnVenueEvent = std::function<void(const VenueEvent&)>;

/// Definitely at the broker; `at_once` is what had already happened to it when the broker answered,
/// in order, so that an order filled on arrival is recorded in one step.
struct Accepted { std::string broker_order_id; std::vector<Happening> at_once; };
struct Declined { std::string reason; };               ///< definitely not, the broker said so
struct NotSent { std::string reason; };                ///< no byte was written: definitely not
struct OutcomeUnknown { std::string reason; };         ///< may or may not have reached the broker
using BrokerOutcome = std::variant<Accepted, Declined, NotSent, OutcomeUnknown>;
using OnOutcome = std::move_only_function<void(BrokerOutcome)>;

/// The venue's terms for an order it would take.
struct VenueTerms {
  Money margin;              ///< to be blocked for this order
  Quantity margin_quantity;  ///< the part of the quantity that needs it: what opens a position
  std::int64_t leverage{0};  ///< for margin beyond that, should the position have moved; 0: none
  Price reference_price;     ///< last price; zero when none is known or it is stale
  Price known_price;         ///< the same, however old: what the order is valued at
  std::string rejection;     ///< not empty: refuse for this reason, with a rejected order in the book
  std::string rejection_code;
};

/// Thread-safe; none of the calls blocks. Callbacks may come before the call returns.
class Broker {
 public:
  virtual ~Broker() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Judges a request against this venue's rules and the account's books, under the account's lock. `released` is
  /// what working orders on its side claim that will have ended before it is sent.
  [[nodiscard]] virtual Answer<VenueTerms> examine(const OrderRequest& request, const Books& books,
                                                   Quantity released) const = 0;
  /// The same for a change of a working order; `request` is the order as it would become. The terms
  /// are for the quantity not yet filled.
  [[nodiscard]] virtual Answer<VenueTerms> examine_change(const Order& order, const OrderRequest& request,
                                                          const Books& books) const = 0;
  virtual void place(const AccountId& account, const Order& order, OnOutcome outcome) = 0;
  virtual void modify(const AccountId& account, const Order& changed, OnOutcome outcome) = 0;
  virtual void cancel(const AccountId& account, const Order& order, OnOutcome outcome) = 0;
  /// Asks what became of an order whose outcome is unknown. Accepted or Declined are facts; anything
  /// else means: still unknown, ask again.
  virtual void look_up(const AccountId& account, const Order& order, OnOutcome outcome) = 0;
  /// An order that is at the venue according to the journal: told once for each at start-up, before
  /// anything else is asked.
  virtual void adopt(const AccountId& account, const Order& order) = 0;
  virtual void listen(OnVenueEvent on_event) = 0;
};

}  // namespace kavach::trading
