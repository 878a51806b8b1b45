#pragma once

// Numbers as the wire shows them. Prices keep the decimals of their market: two, four for currency
// derivatives, six for crypto; money keeps two.

#include <string>
#include <string_view>

#include "core/decimal.h"
#include "core/json.h"
#include "market/instrument.h"

namespace kavach::api {

/// Rounded half to even to what the exchange quotes in.
[[nodiscard]] Price shown_price(Price price, market::Exchange exchange);
/// Rounded half to even to paise.
[[nodiscard]] Money shown_money(Money money);
/// With exactly two decimals, as live funds are written: `184250.75`.
[[nodiscard]] std::string two_decimals(Money money);
/// An integer when whole, else exact.
void write_quantity(JsonWriter& json, std::string_view name, Quantity quantity);
/// part / whole in percent with two decimals; 0 when `whole` is not positive.
[[nodiscard]] Money percent_of(Money part, Money whole);
/// price x quantity, 0 beyond the range of money (which no book holds).
[[nodiscard]] Money value_of(Price price, Quantity quantity);
/// (to - from) x quantity.
[[nodiscard]] Money gain_of(Price from, Price to, Quantity quantity);

}  // namespace kavach::api
