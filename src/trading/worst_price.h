#pragma once

// What an order may have to be paid at. A stop or limit price does not bound the value of an order that the
// market has already passed: it fills at the market. Margin and value limits rest on this price, so an
// order cannot look smaller than what it may become. Pure.

#include "trading/order.h"

namespace kavach::trading {

/// The highest price of the order's side and type at placement; `reference` is the last price, zero where none is
/// known. Zero for a MARKET order without one.
[[nodiscard]] Price worst_price(const OrderRequest& request, Price reference);

}  // namespace kavach::trading
