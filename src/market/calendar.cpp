#include "market/calendar.h"

#include <algorithm>
#include <array>

#include "market/holidays.h"

namespace kavach::market {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;

// In the wire contract's order of `timings`.
constexpr std::array kTimed{Exchange::Nse, Exchange::Bse, Exchange::Nfo, Exchange::Bfo, Exchange::Mcx,
                            Exchange::Bcd, Exchange::Cds, Exchange::Nco, Exchange::Crypto};

// Longer than any run of closed days.
constexpr int kDaysSearched = 15;

struct Hours {
  std::chrono::seconds open, close;
};

Hours hours_of(Exchange exchange) {
  switch (exchange) {
    case Exchange::Nse:
    case Exchange::Bse:
    case Exchange::NseIndex:
    case Exchange::BseIndex:
    case Exchange::GlobalIndex: return {9h + 15min, 15h + 30min};
    case Exchange::Nfo:
    case Exchange::Bfo: return {9h + 15min, 15h + 40min};
    case Exchange::Mcx:
    case Exchange::McxIndex:
    case Exchange::Nco: return {9h, 23h + 55min};
    case Exchange::Cds:
    case Exchange::Bcd: return {9h, 17h};
    case Exchange::Ncdex: return {10h, 17h};
    case Exchange::Crypto: return {0h, 23h + 59min + 59s};
  }
  return {9h + 15min, 15h + 30min};
}

// Whose holidays an exchange keeps.
Exchange market_of(Exchange exchange) {
  switch (exchange) {
    case Exchange::NseIndex:
    case Exchange::GlobalIndex: return Exchange::Nse;
    case Exchange::BseIndex: return Exchange::Bse;
    case Exchange::McxIndex:
    case Exchange::Ncdex: return Exchange::Mcx;
    case Exchange::Nse:
    case Exchange::Nfo:
    case Exchange::Cds:
    case Exchange::Bse:
    case Exchange::Bfo:
    case Exchange::Bcd:
    case Exchange::Mcx:
    case Exchange::Nco:
    case Exchange::Crypto: return exchange;
  }
  return exchange;
}

bool is_weekend(Date date) {
  const std::chrono::weekday day{sys_days{date}};
  return day == std::chrono::Saturday || day == std::chrono::Sunday;
}

Session regular(Exchange exchange, Date date) {
  const Hours hours = hours_of(exchange);
  return {exchange, from_ist(date, hours.open), from_ist(date, hours.close)};
}

}  // namespace

std::string_view name_of(HolidayType type) {
  switch (type) {
    case HolidayType::TradingHoliday: return "TRADING_HOLIDAY";
    case HolidayType::SettlementHoliday: return "SETTLEMENT_HOLIDAY";
    case HolidayType::SpecialSession: return "SPECIAL_SESSION";
  }
  return "TRADING_HOLIDAY";
}

Calendar::Calendar() : holidays_{builtin_holidays()} {}

const Holiday* Calendar::find(Date date) const {
  const auto found = std::ranges::lower_bound(holidays_, date, {}, &Holiday::date);
  return found != holidays_.end() && found->date == date ? &*found : nullptr;
}

std::vector<Holiday> Calendar::holidays(int year) const {
  std::vector<Holiday> out;
  std::ranges::copy_if(holidays_, std::back_inserter(out), [year](const Holiday& day) {
    return static_cast<int>(day.date.year()) == year;
  });
  return out;
}

std::optional<Session> Calendar::session(Exchange exchange, Date date) const {
  if (exchange == Exchange::Crypto) return regular(exchange, date);
  const Holiday* day = find(date);
  if (day == nullptr || day->type == HolidayType::SettlementHoliday) {
    if (is_weekend(date)) return std::nullopt;
    return regular(exchange, date);
  }
  const auto listed = std::ranges::find(day->open, market_of(exchange), &Session::exchange);
  if (listed == day->open.end()) return std::nullopt;
  return Session{exchange, listed->open, listed->close};
}

std::vector<Session> Calendar::timings(Date date) const {
  std::vector<Session> out;
  for (const Exchange exchange : kTimed) {
    if (const auto day = session(exchange, date)) out.push_back(*day);
  }
  return out;
}

Session Calendar::latest_session(Exchange exchange, TimePoint at) const {
  const sys_days today{ist(at).date};
  for (int back = 0; back < kDaysSearched; ++back) {
    const auto found = session(exchange, Date{today - days{back}});
    if (found && found->open <= at) return *found;
  }
  return regular(exchange, Date{today - days{kDaysSearched}});
}

bool Calendar::is_open(Exchange exchange, TimePoint at) const {
  const auto today = session(exchange, ist(at).date);
  return today && today->open <= at && at < today->close;
}

bool Calendar::is_trading_day(Exchange exchange, Date date) const {
  if (exchange == Exchange::Crypto) return true;
  const Holiday* day = find(date);
  const bool special = day != nullptr && day->type != HolidayType::SettlementHoliday;
  return !special && !is_weekend(date);
}

Date Calendar::trading_day_on_or_before(Exchange exchange, Date date) const {
  sys_days day{date};
  for (int back = 0; back < kDaysSearched && !is_trading_day(exchange, Date{day}); ++back) day -= days{1};
  return Date{day};
}

Date Calendar::trading_day_before(Exchange exchange, Date date) const {
  return trading_day_on_or_before(exchange, Date{sys_days{date} - days{1}});
}

TimeOfDay square_off_time(Exchange exchange) {
  switch (exchange) {
    case Exchange::Nse:
    case Exchange::Bse:
    case Exchange::Nfo:
    case Exchange::Bfo:
    case Exchange::NseIndex:
    case Exchange::BseIndex:
    case Exchange::GlobalIndex: return {15 * 60 + 15};
    case Exchange::Cds:
    case Exchange::Bcd: return {16 * 60 + 45};
    case Exchange::Mcx:
    case Exchange::McxIndex:
    case Exchange::Nco:
    case Exchange::Crypto: return {23 * 60 + 30};
    case Exchange::Ncdex: return {17 * 60};
  }
  return {15 * 60 + 15};
}

TimePoint expiry_moment(Exchange exchange, Date expiry) {
  if (exchange == Exchange::Mcx || exchange == Exchange::Nco) return from_ist(expiry, 23h + 30min);
  if (exchange == Exchange::Cds || exchange == Exchange::Bcd) return from_ist(expiry, 12h + 30min);
  return from_ist(expiry, 15h + 30min);
}

TimePoint settlement_moment(Exchange exchange, Date expiry) {
  switch (exchange) {
    case Exchange::Nfo:
    case Exchange::Bfo: return from_ist(expiry, 15h + 40min);
    case Exchange::Cds:
    case Exchange::Bcd:
    case Exchange::Ncdex: return from_ist(expiry, 17h);
    case Exchange::Mcx:
    case Exchange::Nco: return from_ist(expiry, 23h + 30min);
    case Exchange::Nse:
    case Exchange::Bse:
    case Exchange::NseIndex:
    case Exchange::BseIndex:
    case Exchange::McxIndex:
    case Exchange::GlobalIndex:
    case Exchange::Crypto: return from_ist(expiry, 15h + 30min);
  }
  return from_ist(expiry, 15h + 30min);
}

}  // namespace kavach::market
