#include "paper/placement_rules.h"

#include <algorithm>
#include <memory>

#include "paper/matching.h"
#include "trading/ledger.h"
#include "trading/refusals.h"
#include "trading/worst_price.h"

namespace kavach::paper {

using market::Exchange;
using trading::Answer;
using trading::OrderRequest;
using trading::PriceType;
using trading::Product;
using trading::Refusal;
using trading::Side;
using trading::VenueTerms;

namespace {

using Verdict = std::optional<Refusal>;

Refusal refuse(std::string code, std::string message) {
  return trading::refusal(ErrorCode::InvalidInput, std::move(code), std::move(message));
}

// `1234.50`: clients show these texts to people.
std::string rupees(Money money) {
  const auto paise = divide(money.units(), Money::one / 100, Rounding::HalfEven);
  const std::int64_t rounded = paise.value_or(0);
  std::string digits = std::to_string(rounded < 0 ? -rounded : rounded);
  if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
  digits.insert(digits.size() - 2, ".");
  return "₹" + std::string{rounded < 0 ? "-" : ""} + digits;
}

bool needs_limit(PriceType type) { return type == PriceType::Limit || type == PriceType::StopLimit; }
bool needs_trigger(PriceType type) {
  return type == PriceType::StopLimit || type == PriceType::StopMarket;
}

Verdict wrong_shape(const OrderRequest& request) {
  const std::string exchange{market::name_of(request.instrument.exchange)};
  const std::string type{trading::name_of(request.price_type)};
  if (request.instrument.symbol.empty()) {
    return refuse("MISSING_FIELD", "Missing required field: symbol");
  }
  const bool cash = request.instrument.exchange == Exchange::Nse ||
                    request.instrument.exchange == Exchange::Bse;
  if (cash && request.product == Product::Nrml) {
    return refuse("PRODUCT", "NRML product not allowed for " + exchange +
                                 " equity segment. Use CNC for delivery or MIS for intraday.");
  }
  if (market::is_derivative_exchange(request.instrument.exchange) &&
      request.product == Product::Cnc) {
    return refuse("PRODUCT",
                  "CNC product not allowed for " + exchange +
                      " derivatives segment. Use NRML for carryforward or MIS for intraday.");
  }
  if (!request.quantity.is_positive()) return refuse("QUANTITY", "Quantity must be positive");
  if (!request.quantity.is_whole() && request.instrument.exchange != Exchange::Crypto) {
    return refuse("QUANTITY", "Invalid quantity");
  }
  if (needs_limit(request.price_type) && !request.price.is_positive()) {
    return refuse("PRICE_REQUIRED", type + " orders require price");
  }
  if (needs_trigger(request.price_type) && !request.trigger_price.is_positive()) {
    return refuse("TRIGGER_REQUIRED", type + " orders require trigger_price");
  }
  return std::nullopt;
}

Verdict wrong_lot(const OrderRequest& request, const market::Instrument& instrument) {
  const bool lots = market::is_derivative_exchange(instrument.exchange) &&
                    instrument.exchange != Exchange::Nco && instrument.lot_size > 1;
  if (!lots || request.quantity.units() % (instrument.lot_size * Quantity::one) == 0) {
    return std::nullopt;
  }
  return refuse("LOT_SIZE", "Quantity must be in multiples of lot size " +
                                std::to_string(instrument.lot_size));
}

Verdict unknown_symbol(const OrderRequest& request, const market::Instrument* instrument) {
  const std::string named = request.instrument.symbol + " on " +
                            std::string{market::name_of(request.instrument.exchange)};
  if (instrument == nullptr) {
    return refuse("UNKNOWN_SYMBOL", "Symbol " + request.instrument.symbol + " not found on " +
                                        std::string{market::name_of(request.instrument.exchange)});
  }
  if (market::is_index_exchange(instrument->exchange)) {
    return refuse("INDEX_NOT_TRADABLE", named + " is an index and cannot be traded");
  }
  return std::nullopt;
}

}  // namespace

/// One request under examination.
struct PlacementRules::Case {
  const OrderRequest& request;
  const trading::Books& books;
  const trading::Order* changes;  ///< the order that would be changed, or null
  const market::Instrument* instrument;
  Quantity released{};  ///< claimed by orders that end before
  VenueTerms terms{};

  [[nodiscard]] trading::Books::PositionKey key() const {
    return {request.instrument, request.product};
  }
  [[nodiscard]] Quantity own_claim() const {
    return changes == nullptr ? released : changes->pending();
  }
  /// Not yet filled.
  [[nodiscard]] Quantity open_quantity() const {
    return changes == nullptr ? request.quantity : request.quantity - changes->filled;
  }
  [[nodiscard]] Quantity opening_quantity() const {
    return std::max(Quantity{}, open_quantity() - books.closable(key(), request.side, own_claim()));
  }
};

std::optional<Refusal> PlacementRules::outside_intraday_window(const Case& at) const {
  if (settings_.hours == MarketHours::Always || at.request.product != Product::Mis) {
    return std::nullopt;
  }
  // What only closes a position is welcome at any time.
  if (at.opening_quantity().is_zero()) return std::nullopt;
  constexpr int kOpens = 9 * 60;
  const int end = market::square_off_time(at.request.instrument.exchange).minutes;
  const int minute = ist(clock_.now()).seconds_of_day / 60;
  if (minute >= kOpens && minute < end) return std::nullopt;
  const auto two_digits = [](int value) {
    return std::string{value < 10 ? "0" : ""} + std::to_string(value);
  };
  return refuse("SQUARE_OFF_TIME", "MIS orders cannot be placed after square-off time (" +
                                       two_digits(end / 60) + ":" + two_digits(end % 60) +
                                       " IST). Trading resumes at 09:00 AM IST.");
}

std::optional<Refusal> PlacementRules::price_and_margin(Case& at) const {
  const OrderRequest& request = at.request;
  if (const auto quote = quotes_.quote(*at.instrument)) {
    at.terms.known_price = std::max(Price{}, quote->last);
    if (!quote->stale) at.terms.reference_price = at.terms.known_price;
  }
  const bool market_order = request.price_type == PriceType::Market;
  // A stop purchase without any price to value it at could become any amount.
  const bool valued_at_market = market_order || (request.price_type == PriceType::StopMarket && request.side == Side::Buy);
  const Price market = market_order ? at.terms.reference_price : at.terms.known_price;
  if (valued_at_market && !market.is_positive()) {
    return refuse("NO_PRICE", "Cannot place " + std::string{trading::name_of(request.price_type)} + " order for " +
                                  request.instrument.symbol +
                                  " - unable to fetch current price. Please try again later or "
                                  "use LIMIT order with a specific price.");
  }
  const Price margin_price = trading::worst_price(request, at.terms.known_price);
  at.terms.leverage =
      leverage_of(settings_, *at.instrument, request.side == Side::Buy,
                  request.product == Product::Mis, request.product == Product::Cnc);
  if (at.terms.leverage > 0) at.terms.margin_quantity = at.opening_quantity();
  const auto margin =
      trading::margin_for(margin_price, at.terms.margin_quantity, at.terms.leverage);
  // The whole order's value has to be representable too, or its fill would not be.
  if (!margin || !notional(margin_price, request.quantity)) {
    return refuse("QUANTITY", "Invalid quantity");
  }
  at.terms.margin = *margin;
  return std::nullopt;
}

std::optional<Refusal> PlacementRules::short_of_funds(const Case& at) {
  const Money blocked = at.changes == nullptr ? Money{} : at.changes->margin_blocked;
  const Money required = at.terms.margin - blocked;
  const Money available = at.books.funds().available;
  if (required.is_positive() && required > available) {
    return refuse("INSUFFICIENT_FUNDS", "Insufficient funds. Required: " + rupees(required) +
                                            ", Available: " + rupees(available) +
                                            ", Shortage: " + rupees(required - available));
  }
  return std::nullopt;
}

namespace {

// Shares that can be delivered: bought and held, less what other orders are selling already.
Verdict short_of_shares(const OrderRequest& request, Quantity open, Quantity own,
                        const trading::Books& books) {
  if (request.product != Product::Cnc || request.side != Side::Sell) return std::nullopt;
  const Quantity position = books.net_quantity(request.instrument, Product::Cnc);
  const auto found = books.holdings().find(request.instrument);
  const Quantity holding = found == books.holdings().end() ? Quantity{} : found->second.quantity;
  const Quantity selling = books.working({request.instrument, Product::Cnc}).selling - own;
  const Quantity available = position + holding - selling;
  if (open <= available) return std::nullopt;
  const std::string& symbol = request.instrument.symbol;
  if (!(position + holding).is_positive()) {
    return refuse("NO_SHARES", "Cannot sell " + symbol +
                                   " in CNC. No positions or holdings available. CNC (delivery) "
                                   "requires existing shares. Use MIS for intraday short selling.");
  }
  return refuse("NOT_ENOUGH_SHARES",
                "Cannot sell " + open.text() + " shares of " + symbol + " in CNC. Only " +
                    std::max(Quantity{}, available).text() + " shares available (Position: " +
                    position.text() + ", Holdings: " + holding.text() + ")");
}

}  // namespace

Answer<VenueTerms> PlacementRules::examine(const OrderRequest& request,
                                           const trading::Books& books, Quantity released) const {
  if (auto refused = wrong_shape(request)) return std::unexpected{*refused};
  const auto table = instruments_.read();
  Case at{request, books, nullptr,
          table->find(request.instrument.exchange, request.instrument.symbol), released};
  if (auto refused = unknown_symbol(request, at.instrument)) return std::unexpected{*refused};
  if (auto refused = wrong_lot(request, *at.instrument)) return std::unexpected{*refused};
  if (auto refused = outside_intraday_window(at)) return std::unexpected{*refused};
  if (auto refused = price_and_margin(at)) return std::unexpected{*refused};
  if (auto refused = short_of_funds(at)) return std::unexpected{*refused};
  if (auto refused = short_of_shares(request, at.open_quantity(), at.own_claim(), books)) {
    at.terms.rejection = refused->error.message;
    at.terms.rejection_code = refused->code;
  }
  return std::move(at.terms);
}

Answer<Money> PlacementRules::margin_of(const OrderRequest& request) const {
  if (auto refused = wrong_shape(request)) return std::unexpected{*refused};
  const auto table = instruments_.read();
  const trading::Books flat;
  Case at{request, flat, nullptr,
          table->find(request.instrument.exchange, request.instrument.symbol)};
  if (auto refused = unknown_symbol(request, at.instrument)) return std::unexpected{*refused};
  if (auto refused = wrong_lot(request, *at.instrument)) return std::unexpected{*refused};
  if (auto refused = price_and_margin(at)) return std::unexpected{*refused};
  return at.terms.margin;
}

Answer<VenueTerms> PlacementRules::examine_change(const trading::Order& order,
                                                  const OrderRequest& request,
                                                  const trading::Books& books) const {
  const auto table = instruments_.read();
  Case at{request, books, &order,
          table->find(request.instrument.exchange, request.instrument.symbol)};
  if (auto refused = unknown_symbol(request, at.instrument)) return std::unexpected{*refused};
  if (auto refused = wrong_lot(request, *at.instrument)) return std::unexpected{*refused};
  const std::string type{trading::name_of(request.price_type)};
  if (!needs_limit(request.price_type) && request.price.is_positive()) {
    return std::unexpected{refuse("PRICE_NOT_ACCEPTED", type + " orders do not accept a price")};
  }
  if (!needs_trigger(request.price_type) && request.trigger_price.is_positive()) {
    return std::unexpected{
        refuse("TRIGGER_NOT_ACCEPTED", type + " orders do not accept a trigger_price")};
  }
  if (auto refused = wrong_shape(request)) return std::unexpected{*refused};
  if (auto refused = price_and_margin(at)) return std::unexpected{*refused};
  if (auto refused = short_of_funds(at)) return std::unexpected{*refused};
  if (auto refused = short_of_shares(request, at.open_quantity(), at.own_claim(), books)) {
    return std::unexpected{*refused};
  }
  return std::move(at.terms);
}

}  // namespace kavach::paper
