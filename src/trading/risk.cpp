#include "trading/risk.h"

#include <algorithm>
#include <array>

#include "trading/ledger.h"
#include "trading/worst_price.h"

namespace kavach::trading {
namespace {

using Verdict = std::optional<Refusal>;

Refusal refusal(ErrorCode code, std::string token, std::string message) {
  return {Error{code, std::move(message), {}}, std::move(token), {}};
}

std::string quoted(Quantity quantity) { return quantity.text(); }
std::string quoted(Money money) { return "₹" + money.text(); }
std::string quoted(Price price) { return "₹" + price.text(); }
std::string quoted(std::int64_t number) { return std::to_string(number); }

// `Order quantity 600 is above the limit of 500.`
Refusal above(std::string token, std::string_view what, const auto& actual, const auto& limit) {
  return refusal(ErrorCode::InvalidInput, std::move(token),
                 std::string{what} + " " + quoted(actual) + " is above the limit of " +
                     quoted(limit) + ".");
}

Books::PositionKey key_of(const RiskContext& c) {
  return {c.request.instrument, c.request.product};
}

// The quantity that this request adds to what already works in the market.
Quantity added_quantity(const RiskContext& c) {
  return c.replaces == nullptr ? c.request.quantity
                               : c.request.quantity - c.replaces->request.quantity;
}

Verdict halted(const RiskContext& c) {
  if (c.state == TradingState::Halted) {
    return refusal(ErrorCode::Forbidden, "TRADING_HALTED",
                   "Trading is halted. An operator has to release it first.");
  }
  if (c.state == TradingState::Reconciling) {
    return refusal(ErrorCode::Unavailable, "RECONCILING",
                   "The gateway is checking its orders. Try again in a moment.");
  }
  return std::nullopt;
}

Verdict reducing_only(const RiskContext& c) {
  const bool now = c.state == TradingState::Reducing;
  if ((!now && !c.only_reduces) || c.reduces()) return std::nullopt;
  return refusal(ErrorCode::Forbidden, "REDUCE_ONLY",
                 now ? "Only orders that reduce a position are allowed now."
                     : "This API key may only reduce positions.");
}

Verdict loss_limit(const RiskContext& c) {
  if (!c.limits.loss_today_max || c.reduces()) return std::nullopt;
  const Money loss = -c.books.funds().realised_today;
  if (loss < *c.limits.loss_today_max) return std::nullopt;
  return above("LOSS_LIMIT", "Today's realised loss of", loss, *c.limits.loss_today_max);
}

Verdict unresolved_order(const RiskContext& c) {
  if (c.reduces()) return std::nullopt;
  for (const auto product : {Product::Mis, Product::Nrml, Product::Cnc}) {
    if (c.books.working({c.request.instrument, product}).unknown == 0) continue;
    return refusal(ErrorCode::Conflict, "UNRESOLVED_ORDER",
                   "An earlier order in " + c.request.instrument.symbol +
                       " has no answer from the broker yet. Wait until it is resolved.");
  }
  return std::nullopt;
}

Verdict open_orders(const RiskContext& c) {
  if (c.replaces != nullptr) return std::nullopt;
  const auto with_reserve = [&](std::int64_t limit) { return c.reduces() ? limit + limit / 10 : limit; };
  const std::int64_t kept_max = with_reserve(c.limits.orders_kept_max);
  const std::int64_t open_max = with_reserve(c.limits.open_orders_max);
  if (static_cast<std::int64_t>(c.books.orders().size()) >= kept_max) {
    return above("ORDER_BOOK_FULL", "The number of orders in the book", kept_max + 1, kept_max);
  }
  std::int64_t open = 1;
  for (const auto& [key, working] : c.books.working()) open += working.orders;
  if (open <= open_max) return std::nullopt;
  return above("OPEN_ORDERS", "The number of open orders", open, open_max);
}

Verdict quantity(const RiskContext& c) {
  if (!c.limits.order_quantity_max || c.request.quantity <= *c.limits.order_quantity_max || c.reduces()) {
    return std::nullopt;
  }
  return above("ORDER_QUANTITY", "Order quantity", c.request.quantity,
               *c.limits.order_quantity_max);
}

Verdict lots(const RiskContext& c) {
  if (!c.limits.order_lots_max || c.instrument == nullptr || c.instrument->lot_size < 1) {
    return std::nullopt;
  }
  const std::int64_t lots = c.request.quantity.whole_part() / c.instrument->lot_size;
  if (lots <= *c.limits.order_lots_max || c.reduces()) return std::nullopt;
  return above("ORDER_LOTS", "The number of lots", lots, *c.limits.order_lots_max);
}

Verdict freeze(const RiskContext& c) {
  if (!c.limits.freeze_quantity || c.instrument == nullptr) return std::nullopt;
  const std::int64_t freeze = c.instrument->freeze_quantity;
  // The venue's own number; 1 stands for unknown.
  if (freeze <= 1 || c.request.quantity.whole_part() <= freeze) return std::nullopt;
  return refusal(ErrorCode::InvalidInput, "FREEZE_QUANTITY",
                 "Order quantity " + quoted(c.request.quantity) +
                     " is above the exchange's freeze quantity of " + quoted(freeze) +
                     ". Split the order.");
}

bool off_tick(Price price, Price tick) {
  return tick.is_positive() && price.units() % tick.units() != 0;
}

Verdict tick(const RiskContext& c) {
  if (!c.limits.tick_size || c.instrument == nullptr) return std::nullopt;
  for (const Price price : {c.request.price, c.request.trigger_price}) {
    if (!off_tick(price, c.instrument->tick_size)) continue;
    return refusal(ErrorCode::InvalidInput, "TICK_SIZE",
                   "Price " + quoted(price) + " is not a multiple of the tick size " +
                       c.instrument->tick_size.text() + ".");
  }
  return std::nullopt;
}

// A stop's limit is measured from its trigger, which is where the market will be.
Price collar_reference(const RiskContext& c) {
  return c.request.price_type == PriceType::StopLimit ? c.request.trigger_price
                                                      : c.terms->reference_price;
}

Verdict collar(const RiskContext& c) {
  const PriceType type = c.request.price_type;
  if (type != PriceType::Limit && type != PriceType::StopLimit) return std::nullopt;
  const bool option = c.instrument != nullptr && c.instrument->is_option();
  const auto percent = option ? c.limits.collar_percent_option : c.limits.collar_percent;
  const Price reference = collar_reference(c);
  if (!percent || !reference.is_positive()) return std::nullopt;
  const bool buying = c.request.side == Side::Buy;
  const __int128 bound = static_cast<__int128>(reference.units()) *
                         (buying ? 100 + *percent : std::max(0, 100 - *percent));
  const __int128 asked = static_cast<__int128>(c.request.price.units()) * 100;
  if (buying ? asked <= bound : asked >= bound) return std::nullopt;
  return refusal(ErrorCode::InvalidInput, "PRICE_COLLAR",
                 "Price " + quoted(c.request.price) + " is more than " + std::to_string(*percent) +
                     " per cent " + (buying ? "above" : "below") + " the reference price " +
                     quoted(reference) + ".");
}

Verdict value(const RiskContext& c) {
  const auto worth = notional(worst_price(c.request, c.terms->known_price), c.request.quantity);
  if (!worth) {
    return refusal(ErrorCode::InvalidInput, "ORDER_VALUE", "The order's value is out of range.");
  }
  if (!c.limits.order_value_max || *worth <= *c.limits.order_value_max || c.reduces()) return std::nullopt;
  return above("ORDER_VALUE", "Order value", *worth, *c.limits.order_value_max);
}

// Far above what any market takes and far below what the sums can hold, so that no fill, however the price has
// moved since, can take a sum out of its range.
constexpr Money kOrderValueEver = Money::whole(10'000'000'000);  // 1,000 crore
constexpr Money kAccountValueEver = Money::whole(100'000'000'000'000);
constexpr Quantity kPositionEver = Quantity::whole(10'000'000'000);

bool holds_more_than(const Books& books, Money limit) {
  Money held = books.funds().used_margin.magnitude();
  if (held > limit || books.funds().available.magnitude() > limit) return true;
  for (const auto& [key, position] : books.positions()) {
    const Money cost = position.cost.magnitude();
    if (cost > limit - held) return true;
    held += cost;
  }
  return false;
}

Verdict range(const RiskContext& c) {
  if (c.reduces()) return std::nullopt;
  const auto worth = notional(worst_price(c.request, c.terms->known_price), c.request.quantity);
  if (!worth || *worth > kOrderValueEver) {
    return refusal(ErrorCode::InvalidInput, "ORDER_VALUE",
                   "The order is worth more than ₹1,000 crore. Check its quantity and prices.");
  }
  const auto working = c.books.working(key_of(c));
  const Quantity net = c.books.net_quantity(c.request.instrument, c.request.product).magnitude();
  if (std::max({net, working.buying, working.selling}) > kPositionEver || holds_more_than(c.books, kAccountValueEver)) {
    return refusal(ErrorCode::InvalidInput, "POSITION_LIMIT",
                   "The account holds more than can be counted exactly. Close positions first.");
  }
  return std::nullopt;
}

Verdict position(const RiskContext& c) {
  if (!c.limits.position_quantity_max || c.reduces()) return std::nullopt;
  const auto working = c.books.working(key_of(c));
  const Quantity net = c.books.net_quantity(c.request.instrument, c.request.product);
  const Quantity worst = c.request.side == Side::Buy
                             ? net + working.buying + added_quantity(c)
                             : working.selling + added_quantity(c) - net;
  if (worst <= *c.limits.position_quantity_max) return std::nullopt;
  return above("POSITION_LIMIT", "The position, open orders included, of", worst,
               *c.limits.position_quantity_max);
}

enum class Phase { BeforeVenue, AfterVenue };

struct Check {
  Phase phase;
  Verdict (*run)(const RiskContext&);
};

// The order is part of the contract (docs/order-refusals.md). Between the phases the venue's own rules
// speak, whose texts clients know.
constexpr std::array kChecks{
    Check{Phase::BeforeVenue, halted},
    Check{Phase::BeforeVenue, reducing_only},
    Check{Phase::BeforeVenue, loss_limit},
    Check{Phase::BeforeVenue, unresolved_order},
    Check{Phase::BeforeVenue, open_orders},
    Check{Phase::AfterVenue, quantity},
    Check{Phase::AfterVenue, lots},
    Check{Phase::AfterVenue, freeze},
    Check{Phase::AfterVenue, tick},
    Check{Phase::AfterVenue, collar},
    Check{Phase::AfterVenue, value},
    Check{Phase::AfterVenue, range},
    Check{Phase::AfterVenue, position},
};

Verdict run(const RiskContext& context, Phase phase) {
  for (const Check& each : kChecks) {
    if (each.phase != phase) continue;
    if (auto refused = each.run(context)) return refused;
  }
  return std::nullopt;
}

}  // namespace

TradingState trading_state_of(std::string_view name) {
  for (const auto state : {TradingState::Active, TradingState::Reducing, TradingState::Halted}) {
    if (name == name_of(state)) return state;
  }
  return TradingState::Halted;
}

std::string_view name_of(TradingState state) {
  switch (state) {
    case TradingState::Active: return "ACTIVE";
    case TradingState::Reducing: return "REDUCING";
    case TradingState::Halted: return "HALTED";
    case TradingState::Reconciling: return "RECONCILING";
  }
  return "";
}

RiskLimits RiskLimits::simulated() {
  RiskLimits limits;
  limits.orders_per_second = limits.messages_per_second = 0;
  limits.orders_per_minute = limits.messages_per_minute = 0;
  return limits;
}

bool RiskContext::reduces() const {
  const Quantity own = replaces == nullptr ? released : replaces->pending();
  const Quantity filled = replaces == nullptr ? Quantity{} : replaces->filled;
  return request.quantity - filled <=
         books.closable({request.instrument, request.product}, request.side, own);
}

std::optional<Refusal> refuse_before_venue(const RiskContext& context) {
  return run(context, Phase::BeforeVenue);
}

std::optional<Refusal> refuse_after_venue(const RiskContext& context) {
  check(context.terms != nullptr, "the venue has not examined the order");
  return run(context, Phase::AfterVenue);
}

}  // namespace kavach::trading
