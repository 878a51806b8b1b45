#pragma once

// What the console shows of an account: the rows of the trading day, copied out of its books and
// valued at the last prices. Plain values.

#include <vector>

#include "console/trader.h"

namespace kavach::console {

struct ValuedPosition {
  trading::Position position;
  Price last;
  Money unrealised;
  [[nodiscard]] Money today() const { return unrealised + position.realised_today; }
};

struct ValuedHolding {
  trading::Holding holding;
  Price last;
  Money invested;
  Money value;
  [[nodiscard]] Money gain() const { return value - invested; }
};

/// Newest first.
[[nodiscard]] Task<Result<std::vector<trading::SharedOrder>>> orders_of_day(Trader trader);
/// Newest first.
[[nodiscard]] Task<Result<std::vector<trading::Fill>>> fills_of_day(Trader trader);
/// Open positions and those touched today.
[[nodiscard]] Task<Result<std::vector<ValuedPosition>>> positions_of_day(Trader trader);
[[nodiscard]] Task<Result<std::vector<ValuedHolding>>> holdings_of(Trader trader);
[[nodiscard]] Task<Result<trading::Funds>> funds_of(Trader trader);

/// part / whole in percent, four places; 0 when `whole` is not positive.
[[nodiscard]] Money percent_of(Money part, Money whole);

}  // namespace kavach::console
