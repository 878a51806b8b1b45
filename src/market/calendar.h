#pragma once

// When each exchange trades: sessions, holidays of 2025 to 2027, intraday square-off and expiry moments.
// Immutable after construction, hence thread-safe. All clock times are Indian Standard Time.
// docs/market-data.md lists the sources and which dates are provisional.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/civil_time.h"
#include "core/clock.h"
#include "market/instrument.h"

namespace kavach::market {

struct Session {
  Exchange exchange{Exchange::Nse};
  TimePoint open{};
  TimePoint close{};  ///< the first instant after the session
};

enum class HolidayType { TradingHoliday, SettlementHoliday, SpecialSession };
[[nodiscard]] std::string_view name_of(HolidayType type);  ///< TRADING_HOLIDAY …

struct Holiday {
  Date date{};
  std::string_view description;
  HolidayType type{HolidayType::TradingHoliday};
  std::vector<Exchange> closed{};
  std::vector<Session> open{};  ///< the only ones that trade on a holiday or special day
};

class Calendar {
 public:
  /// The built-in holidays.
  Calendar();

  /// By date; empty for a year without data.
  [[nodiscard]] std::vector<Holiday> holidays(int year) const;
  /// The sessions of a day in the wire contract's order: NSE, BSE, NFO, BFO, MCX, BCD, CDS, NCO, CRYPTO.
  [[nodiscard]] std::vector<Session> timings(Date date) const;

  /// Index exchanges keep the hours of their cash market. Nothing when closed all day.
  [[nodiscard]] std::optional<Session> session(Exchange exchange, Date date) const;
  /// The latest session that has opened at or before `at`; within it when the market is open.
  [[nodiscard]] Session latest_session(Exchange exchange, TimePoint at) const;
  [[nodiscard]] bool is_open(Exchange exchange, TimePoint at) const;
  /// Trades its normal day: neither weekend, holiday nor special session.
  [[nodiscard]] bool is_trading_day(Exchange exchange, Date date) const;
  /// `date` itself or the nearest trading day before it, which is where an expiry moves to.
  [[nodiscard]] Date trading_day_on_or_before(Exchange exchange, Date date) const;
  [[nodiscard]] Date trading_day_before(Exchange exchange, Date date) const;

 private:
  [[nodiscard]] const Holiday* find(Date date) const;

  std::vector<Holiday> holidays_;  ///< ascending
};

/// Intraday positions are closed from then on.
[[nodiscard]] TimeOfDay square_off_time(Exchange exchange);
/// The moment an option of this exchange stops having time value, for pricing: 15:30, MCX 23:30, CDS and
/// BCD 12:30.
[[nodiscard]] TimePoint expiry_moment(Exchange exchange, Date expiry);
/// From then on a contract is expired in the books: NFO and BFO 15:40, CDS and BCD 17:00, MCX 23:30,
/// NCDEX 17:00, others 15:30.
[[nodiscard]] TimePoint settlement_moment(Exchange exchange, Date expiry);

}  // namespace kavach::market
