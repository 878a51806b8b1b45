#pragma once

// Decodes what the order ticket sends. Pure. Checks shapes and bounds only; whether an order is
// acceptable is the desk's business.

#include <string>

#include "core/json.h"
#include "core/result.h"
#include "trading/order_desk.h"

namespace kavach::console {

/// `{symbol,exchange,action,quantity,pricetype,product,price,trigger_price,disclosed_quantity,
/// client_order_id}`. Numbers are JSON numbers; price, trigger and disclosed quantity default to 0.
[[nodiscard]] Result<trading::OrderRequest> order_of(const json::object& body);
/// `{orderid,quantity,price,trigger_price,pricetype}`.
[[nodiscard]] Result<trading::OrderChange> change_of(const json::object& body);
/// `{orderid}`.
[[nodiscard]] Result<std::string> order_id_of(const json::object& body);

}  // namespace kavach::console
