#include "paper/simulated_instrument.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "market/calendar.h"
#include "market/option_chain.h"
#include "paper/simulated_noise.h"

namespace kavach::paper {
namespace {

using market::Exchange;
using market::Instrument;
using market::InstrumentTable;

enum class Kind { Equity, Index, Commodity, Currency, Crypto };

Kind kind_of(const Instrument& instrument) {
  switch (instrument.exchange) {
    case Exchange::NseIndex:
    case Exchange::BseIndex:
    case Exchange::GlobalIndex: return Kind::Index;
    case Exchange::Nfo:
    case Exchange::Bfo: {
      const auto spot = market::spot_of(instrument.name, instrument.exchange);
      return market::is_index_exchange(spot.exchange) ? Kind::Index : Kind::Equity;
    }
    case Exchange::Nse:
    case Exchange::Bse: return Kind::Equity;
    case Exchange::Mcx:
    case Exchange::McxIndex:
    case Exchange::Ncdex:
    case Exchange::Nco: return Kind::Commodity;
    case Exchange::Cds:
    case Exchange::Bcd: return Kind::Currency;
    case Exchange::Crypto: return Kind::Crypto;
  }
  return Kind::Equity;
}

struct Nature {
  std::string_view base;
  std::string_view moves_with;  ///< shares its process
  double volatility;            ///< of a day
};
// Where the kind's usual volatility is far off, or where two contracts are on one thing.
constexpr std::array kNatures{
    Nature{"INDIAVIX", "INDIAVIX", 0.035},     Nature{"GOLD", "GOLD", 0.008},
    Nature{"GOLDM", "GOLD", 0.008},            Nature{"GOLDGUINEA", "GOLD", 0.008},
    Nature{"GOLDPETAL", "GOLD", 0.008},        Nature{"SILVER", "SILVER", 0.013},
    Nature{"SILVERM", "SILVER", 0.013},        Nature{"SILVERMIC", "SILVER", 0.013},
    Nature{"CRUDEOIL", "CRUDEOIL", 0.018},     Nature{"CRUDEOILM", "CRUDEOIL", 0.018},
    Nature{"NATURALGAS", "NATURALGAS", 0.028}, Nature{"NATGASMINI", "NATURALGAS", 0.028},
    Nature{"SENSEX", "NIFTY", 0.0075},         Nature{"LIQUIDBEES", "LIQUIDBEES", 0.00002},
};

double usual_volatility(Kind kind, std::uint64_t key) {
  switch (kind) {
    case Kind::Index: return 0.0075;
    case Kind::Equity: return 0.011 + 0.010 * unit(mix(key, std::uint64_t{500}));
    case Kind::Commodity: return 0.011;
    case Kind::Currency: return 0.0025;
    case Kind::Crypto: return 0.03;
  }
  return 0.01;
}

double yearly_carry(Kind kind) {
  switch (kind) {
    case Kind::Index:
    case Kind::Equity: return 0.065;
    case Kind::Commodity: return 0.06;
    case Kind::Currency: return 0.02;
    case Kind::Crypto: return 0.08;
  }
  return 0.065;
}

// A share's own symbol; a contract's underlying.
std::string_view base_of(const Instrument& instrument) {
  return instrument.expiry ? std::string_view{instrument.name} : std::string_view{instrument.symbol};
}

// The underlying's price where the simulation is at rest. The same for all contracts of one base, whatever
// a broker's dump left out.
double reference_of(const Instrument& instrument, const InstrumentTable& table, std::uint64_t key) {
  const double invented = std::exp(4.5 + 3.0 * unit(mix(key, std::uint64_t{501})));
  if (!instrument.expiry) {
    return instrument.reference_price.is_positive() ? instrument.reference_price.to_double() : invented;
  }
  if (const Instrument* spot = table.find(market::spot_of(instrument.name, instrument.exchange))) {
    if (spot->reference_price.is_positive()) return spot->reference_price.to_double();
  }
  if (instrument.reference_price.is_positive()) return instrument.reference_price.to_double();
  constexpr Date kBeginning{std::chrono::year{1970}, std::chrono::January, std::chrono::day{1}};
  const auto expiries = table.expiries(instrument.name, instrument.exchange, true, kBeginning);
  if (expiries.empty()) return invented;
  const auto series = table.option_series(instrument.name, instrument.exchange, expiries.front(),
                                          market::InstrumentType::Call);
  return series.empty() ? invented : series[series.size() / 2]->strike.to_double();
}

LiquidityTerms liquidity_of(const Instrument& instrument, double reference, std::uint64_t seed) {
  LiquidityTerms out;
  out.key = hash_text(mix(seed, static_cast<std::uint64_t>(instrument.exchange)), instrument.symbol);
  out.traded = !market::is_index_exchange(instrument.exchange);
  out.derivative = instrument.expiry.has_value();
  out.lot_size = std::max<std::int64_t>(instrument.lot_size, 1);
  const double draw = unit(mix(out.key, std::uint64_t{502}));
  if (!out.derivative) {
    // Between 5 and 500 crore rupees a day.
    out.lots_per_day = std::pow(10.0, 7.7 + 2.0 * draw) / reference / static_cast<double>(out.lot_size);
  } else if (instrument.is_option()) {
    const double distance = std::log(instrument.strike.to_double() / reference) / 0.03;
    out.lots_per_day = std::pow(10.0, 3.5 + draw) * std::exp(-0.5 * distance * distance);
  } else {
    out.lots_per_day = std::pow(10.0, 3.3 + 1.2 * draw);
  }
  out.lots_per_day = std::max(out.lots_per_day, 50.0);
  return out;
}

}  // namespace

SimulatedInstrument simulate(const Instrument& instrument, const InstrumentTable& table, std::uint64_t seed) {
  const Kind kind = kind_of(instrument);
  const std::string_view base = base_of(instrument);
  const auto nature = std::ranges::find(kNatures, base, &Nature::base);
  const bool known = nature != kNatures.end();
  const std::uint64_t key =
      hash_text(mix(seed, static_cast<std::uint64_t>(kind)), known ? nature->moves_with : base);
  const double reference = reference_of(instrument, table, key);
  const double volatility = known ? nature->volatility : usual_volatility(kind, key);

  ContractTerms terms;
  terms.type = instrument.type;
  terms.strike = instrument.strike.to_double();
  terms.tick = instrument.tick_size.to_double();
  terms.carry = yearly_carry(kind);
  constexpr double kTradingDays = 252.0;
  terms.volatility = volatility * std::sqrt(kTradingDays);
  if (instrument.expiry) terms.expiry = market::expiry_moment(instrument.exchange, *instrument.expiry);
  return {.path = SimulatedPath{SimulatedProcess{key, reference, volatility}, SimulatedContract{key, terms}},
          .liquidity = SimulatedLiquidity{liquidity_of(instrument, reference, seed)},
          .tick = instrument.tick_size};
}

}  // namespace kavach::paper
