#pragma once

// The money arithmetic: what a fill, an expiry or a delivery does to margin, profit and cost. Pure
// functions from the books as they are to an event whose amounts are explicit.
//
// Rules. Margin follows the opening part of an order: what closes a position frees that position's
// margin pro rata (rounded down; the last share takes the rest), what opens one takes the order's
// margin along. Should more open than was margined, because the position moved in between, the
// missing part is added from the available cash at the fill price and the order's leverage. Profit is
// proceeds less cost, exact, whether or not any margin was blocked.

#include "trading/books.h"

namespace kavach::trading {

/// The effect of a fill of `order` that the books do not have yet. `quantity` > 0.
[[nodiscard]] OrderFilled effect_of_fill(const Books& books, const Order& order, std::string trade_id,
                                         Quantity quantity, Price price);

/// Ends a position at `price` without a trade.
[[nodiscard]] PositionSettled effect_of_expiry(const Position& position, Price price);

/// Moves a delivery position into (or out of) the holding of its instrument; `holding` may be null.
/// A sold quantity beyond the holding stays a position.
[[nodiscard]] DeliverySettled effect_of_delivery(const Position& position, const Holding* holding,
                                                 Date settled_on);

/// |quantity| x price / leverage, rounded up; zero for leverage 0. Nothing on overflow.
[[nodiscard]] std::optional<Money> margin_for(Price price, Quantity quantity, std::int64_t leverage);

/// price x quantity of amounts that validation has bounded; stops the process on overflow.
[[nodiscard]] Money value_of(Price price, Quantity quantity);

}  // namespace kavach::trading
