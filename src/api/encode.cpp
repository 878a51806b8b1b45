#include "api/encode.h"

#include "core/check.h"

namespace kavach::api {
namespace {

using market::Exchange;

int shown_places(Exchange exchange) {
  switch (exchange) {
    case Exchange::Cds:
    case Exchange::Bcd: return 4;
    case Exchange::Crypto: return Price::places;
    case Exchange::Nse:
    case Exchange::Nfo:
    case Exchange::Bse:
    case Exchange::Bfo:
    case Exchange::Mcx:
    case Exchange::Ncdex:
    case Exchange::Nco:
    case Exchange::NseIndex:
    case Exchange::BseIndex:
    case Exchange::McxIndex:
    case Exchange::GlobalIndex: return 2;
  }
  return 2;
}

std::int64_t rounded(std::int64_t units, int places, int kept) {
  const std::int64_t step = power_of_ten(places - kept);
  const auto steps = divide(units, step, Rounding::HalfEven);
  check(steps.has_value(), "a rounded number is no longer than the number");
  return *steps * step;
}

}  // namespace

Price shown_price(Price price, Exchange exchange) {
  return Price::from_units(rounded(price.units(), Price::places, shown_places(exchange)));
}

Money shown_money(Money money) { return Money::from_units(rounded(money.units(), Money::places, 2)); }

std::string two_decimals(Money money) {
  std::string text = shown_money(money).text();
  const auto point = text.find('.');
  if (point == std::string::npos) return text + ".00";
  text.append(3 - (text.size() - point), '0');
  return text;
}

void write_quantity(JsonWriter& json, std::string_view name, Quantity quantity) {
  if (quantity.is_whole()) {
    json.field(name, quantity.whole_part());
  } else {
    json.field(name, quantity);
  }
}

Money percent_of(Money part, Money whole) {
  if (!whole.is_positive()) return {};
  const auto units = divide(static_cast<__int128>(part.units()) * 100 * Money::one, whole.units(),
                            Rounding::HalfEven);
  return units ? shown_money(Money::from_units(*units)) : Money{};
}

Money value_of(Price price, Quantity quantity) {
  return notional(price, quantity).value_or(Money{});
}

Money gain_of(Price from, Price to, Quantity quantity) { return value_of(to - from, quantity); }

}  // namespace kavach::api
