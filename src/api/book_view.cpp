#include "api/book_view.h"

#include <algorithm>

#include "api/encode.h"
#include "api/order_calls.h"
#include "core/civil_time.h"

namespace kavach::api {
namespace {

TimePoint day_begun(const Context& context) {
  return context.services->day.begun(context.services->clock.now());
}

}  // namespace

Price last_price(const Context& context, const trading::InstrumentKey& instrument, Price otherwise) {
  const auto table = context.services->instruments.read();
  const market::Instrument* found = table->find(instrument.exchange, instrument.symbol);
  if (found == nullptr) return otherwise;
  const auto quote = context.services->quotes.quote(*found);
  return quote && quote->last.is_positive() ? quote->last : otherwise;
}

Task<Result<std::vector<trading::SharedOrder>>> orders_of_day(Context context) {
  const TimePoint begun = day_begun(context);
  std::vector<trading::SharedOrder> orders;
  const auto read = co_await read_books(context, [&orders, begun](const trading::Books& books) {
    orders = books.orders_since(begun);
  });
  if (!read) co_return pass_on(read);
  co_return orders;
}

Task<Result<std::vector<trading::Fill>>> fills_of_day(Context context) {
  const TimePoint begun = day_begun(context);
  std::vector<trading::Fill> fills;
  const auto read = co_await read_books(context, [&fills, begun](const trading::Books& books) {
    fills = books.fills_since(begun);
  });
  if (!read) co_return pass_on(read);
  co_return fills;
}

Task<Result<std::vector<ValuedPosition>>> positions_of_day(Context context) {
  const TimePoint begun = day_begun(context);
  std::vector<ValuedPosition> positions;
  const auto read = co_await read_books(context, [&positions, begun](const trading::Books& books) {
    for (const auto& [key, position] : books.positions()) {
      if (!position.quantity.is_zero() || position.touched_at >= begun) {
        positions.push_back({position, {}, {}, {}});
      }
    }
  });
  if (!read) co_return pass_on(read);
  for (ValuedPosition& row : positions) {
    const trading::Position& position = row.position;
    row.last = last_price(context, position.instrument, position.average_price);
    row.unrealised = gain_of(position.average_price, row.last, position.quantity);
    row.today = row.unrealised + position.realised_today;
  }
  co_return positions;
}

Task<Result<std::vector<ValuedHolding>>> holdings_of(Context context) {
  std::vector<ValuedHolding> holdings;
  const auto read = co_await read_books(context, [&holdings](const trading::Books& books) {
    for (const auto& [key, holding] : books.holdings()) {
      if (!holding.quantity.is_zero()) holdings.push_back({holding, {}, {}, {}, {}});
    }
  });
  if (!read) co_return pass_on(read);
  for (ValuedHolding& row : holdings) {
    const trading::Holding& holding = row.holding;
    row.last = last_price(context, holding.instrument, holding.average_price);
    row.invested = value_of(holding.average_price, holding.quantity);
    row.value = value_of(row.last, holding.quantity);
    row.gain = row.value - row.invested;
  }
  co_return holdings;
}

PositionTotals totals_of(const std::vector<ValuedPosition>& positions) {
  PositionTotals totals;
  for (const ValuedPosition& row : positions) {
    totals.unrealised += row.unrealised;
    totals.realised_today += row.position.realised_today;
    totals.today += row.today;
  }
  return totals;
}

}  // namespace kavach::api
