#include "console/book_view.h"

#include <algorithm>

namespace kavach::console {
namespace {

// The last price, or `otherwise` when the market has none.
Price last_price(const ConsoleServices& services, const trading::InstrumentKey& instrument, Price otherwise) {
  const auto table = services.instruments.read();
  const market::Instrument* found = table->find(instrument.exchange, instrument.symbol);
  if (found == nullptr) return otherwise;
  const auto quote = services.quotes.quote(*found);
  return quote && quote->last.is_positive() ? quote->last : otherwise;
}

Money value_of(Price price, Quantity quantity) { return notional(price, quantity).value_or(Money{}); }

}  // namespace

Task<Result<std::vector<trading::SharedOrder>>> orders_of_day(Trader trader) {
  const TimePoint begun = trader.services->day_begun();
  std::vector<trading::SharedOrder> orders;
  const auto read = co_await read_books(trader, [&orders, begun](const trading::Books& books) {
    orders = books.orders_since(begun);
  });
  if (!read) co_return pass_on(read);
  co_return orders;
}

Task<Result<std::vector<trading::Fill>>> fills_of_day(Trader trader) {
  const TimePoint begun = trader.services->day_begun();
  std::vector<trading::Fill> fills;
  const auto read = co_await read_books(trader, [&fills, begun](const trading::Books& books) {
    fills = books.fills_since(begun);
  });
  if (!read) co_return pass_on(read);
  co_return fills;
}

Task<Result<std::vector<ValuedPosition>>> positions_of_day(Trader trader) {
  const TimePoint begun = trader.services->day_begun();
  std::vector<ValuedPosition> rows;
  const auto read = co_await read_books(trader, [&rows, begun](const trading::Books& books) {
    for (const auto& [key, position] : books.positions()) {
      if (!position.quantity.is_zero() || position.touched_at >= begun) rows.push_back({position, {}, {}});
    }
  });
  if (!read) co_return pass_on(read);
  for (ValuedPosition& row : rows) {
    const trading::Position& position = row.position;
    row.last = last_price(*trader.services, position.instrument, position.average_price);
    row.unrealised = value_of(row.last - position.average_price, position.quantity);
  }
  co_return rows;
}

Task<Result<std::vector<ValuedHolding>>> holdings_of(Trader trader) {
  std::vector<ValuedHolding> rows;
  const auto read = co_await read_books(trader, [&rows](const trading::Books& books) {
    for (const auto& [key, holding] : books.holdings()) {
      if (!holding.quantity.is_zero()) rows.push_back({holding, {}, {}, {}});
    }
  });
  if (!read) co_return pass_on(read);
  for (ValuedHolding& row : rows) {
    const trading::Holding& holding = row.holding;
    row.last = last_price(*trader.services, holding.instrument, holding.average_price);
    row.invested = value_of(holding.average_price, holding.quantity);
    row.value = value_of(row.last, holding.quantity);
  }
  co_return rows;
}

Task<Result<trading::Funds>> funds_of(Trader trader) {
  trading::Funds funds;
  const auto read =
      co_await read_books(trader, [&funds](const trading::Books& books) { funds = books.funds(); });
  if (!read) co_return pass_on(read);
  co_return funds;
}

Money percent_of(Money part, Money whole) {
  if (!whole.is_positive()) return {};
  const auto units = divide(static_cast<__int128>(part.units()) * 100 * Money::one, whole.units(),
                            Rounding::HalfEven);
  return units ? Money::from_units(*units) : Money{};
}

}  // namespace kavach::console
