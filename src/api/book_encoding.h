#pragma once

// The account endpoints' rows and statistics, in the shapes of live and analyze mode. Pure functions
// over values.

#include <vector>

#include "api/book_view.h"
#include "api/replies.h"
#include "core/json.h"
#include "trading/books.h"

namespace kavach::api {

void write_orders(JsonWriter& json, const std::vector<trading::SharedOrder>& orders, Mode mode);
/// One order as orderstatus shows it.
void write_order_status(JsonWriter& json, const trading::Order& order, Mode mode);
void write_fills(JsonWriter& json, const std::vector<trading::Fill>& fills, Mode mode);
void write_positions(JsonWriter& json, const std::vector<ValuedPosition>& positions, Mode mode);
void write_holdings(JsonWriter& json, const std::vector<ValuedHolding>& holdings, Mode mode);
void write_funds(JsonWriter& json, const trading::Funds& funds, const PositionTotals& totals,
                 Mode mode);

}  // namespace kavach::api
