#pragma once

// What it takes to bring a position to a target, given what works in the market already. Pure; used by the desk for
// smart orders and for closing.
//
// Counts as on its way to the target: a market order towards it, whoever placed it, because it trades as soon as the
// venue does; and an earlier smart order towards it on the same terms. Works against it and has to end first: any other
// order of an earlier target; and, where a position is closed at the market, whatever else would reduce it (a stop, a
// profit target), because that would be left behind to open the opposite position. An exit that waits for its price
// leaves them: until it trades they protect. Other resting orders are none of its business.

#include <optional>
#include <string>
#include <vector>

#include "trading/books.h"

namespace kavach::trading {

struct Approach {
  std::vector<std::string> against;   ///< orders to cancel first, newest first
  Quantity released;                  ///< of these, what claims a part of the position that `order` closes
  const Order* on_its_way{nullptr};   ///< the newest order that does it already; valid until the next event
  std::optional<OrderRequest> order;  ///< what is missing then; no order when nothing is
  bool closes{false};                 ///< there is a position and the target is none
};

/// `request` supplies the terms, and side and quantity for an account that is flat and shall be flat: then they are
/// traded as they are. Not so when `was_approaching`: an earlier target had orders working, so it was not flat.
[[nodiscard]] Approach approach(const Books& books, const OrderRequest& request, Quantity target,
                                bool was_approaching);

/// What working orders are about to close of this position.
[[nodiscard]] Quantity about_to_close(const Books& books, const Books::PositionKey& key);

}  // namespace kavach::trading
