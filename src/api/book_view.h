#pragma once

// What the account endpoints show of an account: the rows of the current trading day, copied out of
// its books and valued at the last prices. A plain value; the encoders below it never see the books.

#include <vector>

#include "api/context.h"
#include "core/result.h"
#include "core/task.h"
#include "trading/books.h"

namespace kavach::api {

struct ValuedPosition {
  trading::Position position;
  Price last;
  Money unrealised;
  Money today;  ///< realised today and unrealised
};

struct ValuedHolding {
  trading::Holding holding;
  Price last;
  Money invested;
  Money value;
  Money gain;
};

struct PositionTotals {
  Money unrealised;
  Money realised_today;
  Money today;
};

/// Newest first.
[[nodiscard]] Task<Result<std::vector<trading::SharedOrder>>> orders_of_day(Context context);
/// Newest first.
[[nodiscard]] Task<Result<std::vector<trading::Fill>>> fills_of_day(Context context);
/// Open positions and those closed today.
[[nodiscard]] Task<Result<std::vector<ValuedPosition>>> positions_of_day(Context context);
[[nodiscard]] Task<Result<std::vector<ValuedHolding>>> holdings_of(Context context);

[[nodiscard]] PositionTotals totals_of(const std::vector<ValuedPosition>& positions);
/// The last price, or `otherwise` when the market has none.
[[nodiscard]] Price last_price(const Context& context, const trading::InstrumentKey& instrument,
                               Price otherwise);

}  // namespace kavach::api
