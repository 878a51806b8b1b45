#include "market/builtin_universe.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "market/builtin_listings.h"
#include "market/symbol.h"

namespace kavach::market {
namespace {

using std::chrono::days;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year_month;

constexpr int kFuturesListed = 3;            // months
constexpr int kStockOptionMonths = 2;
constexpr int kStockStrikesEachSide = 20;
constexpr int kCommodityOptionMonths = 2;
constexpr int kCommodityStrikesEachSide = 20;
constexpr int kCurrencyMonths = 6;
constexpr int kCurrencyOptionMonths = 2;
constexpr int kCurrencyStrikesEachSide = 16;
constexpr std::int64_t kCurrencyLot = 1'000;
constexpr std::int64_t kCurrencyFreeze = 10'000'000;
constexpr std::int64_t kCurrencyTickUnits = 2'500;  // 0.0025
constexpr std::int64_t kFirstToken = 100'001;

constexpr Price from_paise(std::int64_t paise) { return Price::from_units(paise * (Price::one / 100)); }

year_month month_of(Date date) { return {date.year(), date.month()}; }

// Below 250 rupees NSE quotes in paise.
Price equity_tick(Price price) { return from_paise(price < Price::whole(250) ? 1 : 5); }

// Exchanges publish freeze quantities for large orders; for a share it is about forty lots.
std::int64_t stock_freeze(std::int64_t lot_size) { return lot_size * 40; }

class Builder {
 public:
  Builder(const Calendar& calendar, Date today) : calendar_{calendar}, today_{today} {
    out_.reserve(8'000);
  }

  std::vector<Instrument> build() {
    add_cash();
    for (const IndexContract& contract : index_contracts()) add_index_contract(contract);
    for (const EquityListing& listing : equity_listings()) {
      if (listing.lot_size > 0) add_stock_contract(listing);
    }
    for (const CommodityContract& contract : commodity_contracts()) add_commodity(contract);
    for (const CurrencyContract& contract : currency_contracts()) add_currency(contract);
    out_.shrink_to_fit();
    return std::move(out_);
  }

 private:
  // What all contracts of one underlying share.
  struct Terms {
    std::string_view base;
    Exchange exchange;
    Price reference;
    Price tick;
    std::int64_t lot_size;
    std::int64_t freeze_quantity;
  };

  void add(Instrument instrument) {
    instrument.broker_symbol = instrument.symbol;
    instrument.broker_exchange = name_of(instrument.exchange);
    instrument.token = std::to_string(kFirstToken + static_cast<std::int64_t>(out_.size()));
    out_.push_back(std::move(instrument));
  }

  void add_cash() {
    for (const IndexListing& listing : index_listings()) {
      Instrument index;
      index.symbol = listing.symbol;
      index.name = listing.name;
      index.exchange = listing.exchange;
      index.type = InstrumentType::Index;
      index.tick_size = from_paise(5);
      index.reference_price = from_paise(listing.price_paise);
      add(std::move(index));
    }
    for (const Exchange exchange : {Exchange::Nse, Exchange::Bse}) {
      for (const EquityListing& listing : equity_listings()) {
        Instrument equity;
        equity.symbol = listing.symbol;
        equity.name = listing.name;
        equity.exchange = exchange;
        equity.reference_price = from_paise(listing.price_paise);
        equity.tick_size = equity_tick(equity.reference_price);
        add(std::move(equity));
      }
    }
  }

  Instrument contract(const Terms& terms, Date expiry) const {
    Instrument out;
    out.name = terms.base;
    out.exchange = terms.exchange;
    out.expiry = expiry;
    out.reference_price = terms.reference;
    out.tick_size = terms.tick;
    out.lot_size = terms.lot_size;
    out.freeze_quantity = terms.freeze_quantity;
    return out;
  }

  void add_future(const Terms& terms, Date expiry) {
    Instrument out = contract(terms, expiry);
    out.type = InstrumentType::Future;
    out.symbol = future_symbol(terms.base, expiry);
    add(std::move(out));
  }

  void add_options(const Terms& terms, Date expiry, Price step, int each_side) {
    const Price middle = round_to_tick(terms.reference, step);
    for (int i = -each_side; i <= each_side; ++i) {
      const Price strike = middle + Price::from_units(step.units() * i);
      if (!strike.is_positive()) continue;
      for (const InstrumentType type : {InstrumentType::Call, InstrumentType::Put}) {
        Instrument out = contract(terms, expiry);
        out.type = type;
        out.strike = strike;
        out.symbol = option_symbol(terms.base, expiry, strike, type);
        add(std::move(out));
      }
    }
  }

  Date settle(Exchange exchange, Date date) const {
    return calendar_.trading_day_on_or_before(exchange, date);
  }

  // The last `day` of each month from this one on, moved before holidays; the first not before today.
  std::vector<Date> monthly(Exchange exchange, weekday day, int count) const {
    std::vector<Date> out;
    for (year_month month = month_of(today_); std::ssize(out) < count; month += months{1}) {
      const Date expiry = settle(exchange, Date{sys_days{month / day[std::chrono::last]}});
      if (expiry >= today_) out.push_back(expiry);
    }
    return out;
  }

  std::vector<Date> weekly(Exchange exchange, weekday day, int count) const {
    std::vector<Date> out;
    sys_days at = sys_days{today_} + (day - weekday{sys_days{today_}});
    for (; std::ssize(out) < count; at += days{7}) {
      const Date expiry = settle(exchange, Date{at});
      if (expiry >= today_) out.push_back(expiry);
    }
    return out;
  }

  void add_index_contract(const IndexContract& contract) {
    const auto listing = std::ranges::find(index_listings(), contract.symbol, &IndexListing::symbol);
    const Terms terms{contract.symbol, contract.exchange, from_paise(listing->price_paise), from_paise(5),
                      contract.lot_size, contract.freeze_quantity};
    const weekday day{contract.weekday};
    for (const Date expiry : monthly(contract.exchange, day, kFuturesListed)) add_future(terms, expiry);
    std::vector<Date> series = weekly(contract.exchange, day, contract.weeklies);
    for (const Date expiry : monthly(contract.exchange, day, contract.monthlies)) series.push_back(expiry);
    std::ranges::sort(series);
    const auto repeated = std::ranges::unique(series);
    series.erase(repeated.begin(), repeated.end());
    for (const Date expiry : series) {
      add_options(terms, expiry, Price::whole(contract.option_step), contract.strikes_each_side);
    }
  }

  void add_stock_contract(const EquityListing& listing) {
    const Price reference = from_paise(listing.price_paise);
    const Terms terms{listing.symbol, Exchange::Nfo, reference, equity_tick(reference), listing.lot_size,
                      stock_freeze(listing.lot_size)};
    for (const Date expiry : monthly(Exchange::Nfo, std::chrono::Tuesday, kFuturesListed)) {
      add_future(terms, expiry);
    }
    if (listing.option_step == 0) return;
    Terms options = terms;
    options.tick = from_paise(5);
    for (const Date expiry : monthly(Exchange::Nfo, std::chrono::Tuesday, kStockOptionMonths)) {
      add_options(options, expiry, Price::whole(listing.option_step), kStockStrikesEachSide);
    }
  }

  Date commodity_expiry(CommodityExpiry rule, year_month month) const {
    const auto day_of_month = [&](unsigned day) {
      return settle(Exchange::Mcx, Date{month / std::chrono::day{day}});
    };
    switch (rule) {
      case CommodityExpiry::Fifth: return day_of_month(5);
      case CommodityExpiry::Nineteenth: return day_of_month(19);
      case CommodityExpiry::TwentySixth: return day_of_month(26);
      case CommodityExpiry::LastDay: break;
    }
    return settle(Exchange::Mcx, Date{sys_days{month / std::chrono::last}});
  }

  void add_commodity(const CommodityContract& contract) {
    const Terms terms{contract.symbol, Exchange::Mcx, from_paise(contract.price_paise),
                      from_paise(contract.tick_paise), contract.lot_size, contract.freeze_quantity};
    int listed = 0;
    for (year_month month = month_of(today_); listed < kFuturesListed; month += months{1}) {
      const auto bit = static_cast<unsigned>(month.month()) - 1;
      const Date expiry = commodity_expiry(contract.expiry, month);
      if ((contract.months >> bit & 1U) == 0 || expiry < today_) continue;
      add_future(terms, expiry);
      ++listed;
      if (contract.option_step == 0 || listed > kCommodityOptionMonths) continue;
      // Options end two trading days before the future they deliver.
      const Date option_expiry = calendar_.trading_day_before(
          Exchange::Mcx, calendar_.trading_day_before(Exchange::Mcx, expiry));
      if (option_expiry < today_) continue;
      add_options(terms, option_expiry, Price::whole(contract.option_step), kCommodityStrikesEachSide);
    }
  }

  void add_currency(const CurrencyContract& contract) {
    const Terms terms{contract.symbol, Exchange::Cds, Price::from_units(contract.price_units),
                      Price::from_units(kCurrencyTickUnits), kCurrencyLot, kCurrencyFreeze};
    int listed = 0;
    for (year_month month = month_of(today_); listed < kCurrencyMonths; month += months{1}) {
      // Two trading days before the month's last.
      const Date last = settle(Exchange::Cds, Date{sys_days{month / std::chrono::last}});
      const Date expiry = calendar_.trading_day_before(
          Exchange::Cds, calendar_.trading_day_before(Exchange::Cds, last));
      if (expiry < today_) continue;
      add_future(terms, expiry);
      ++listed;
      if (contract.option_step == 0 || listed > kCurrencyOptionMonths) continue;
      add_options(terms, expiry, Price::from_units(contract.option_step), kCurrencyStrikesEachSide);
    }
  }

  const Calendar& calendar_;
  const Date today_;
  std::vector<Instrument> out_;
};

}  // namespace

std::vector<Instrument> builtin_universe(const Calendar& calendar, Date today) {
  return Builder{calendar, today}.build();
}

}  // namespace kavach::market
