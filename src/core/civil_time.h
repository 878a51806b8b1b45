#pragma once

// Calendar time as traders read it. Exchanges and sessions run on Indian Standard Time, UTC+5:30
// without daylight saving; other zones come from the tz database.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"

namespace kavach {

using Date = std::chrono::year_month_day;

/// Wall-clock minutes after midnight, 0..1439.
struct TimeOfDay {
  int minutes{0};
  [[nodiscard]] static std::optional<TimeOfDay> parse(std::string_view hh_mm);
  friend auto operator<=>(const TimeOfDay&, const TimeOfDay&) = default;
};

struct CivilTime {
  Date date{};
  int seconds_of_day{0};
  friend auto operator<=>(const CivilTime&, const CivilTime&) = default;
};

[[nodiscard]] CivilTime ist(TimePoint at);
[[nodiscard]] TimePoint from_ist(Date date, std::chrono::seconds since_midnight);
/// `2027-06-29 10:20:11` in IST, the books' timestamp.
[[nodiscard]] std::string ist_text(TimePoint at);
/// `2027-06-29T04:50:11.123456Z`.
[[nodiscard]] std::string utc_text(TimePoint at);

/// `YYYY-MM-DD`, a real date between 1900 and 2200.
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);
[[nodiscard]] std::string date_text(Date date);
/// `29JUN27`, as in derivative symbols.
[[nodiscard]] std::string expiry_code(Date date);
/// `29-JUN-27`, as in instrument records.
[[nodiscard]] std::string expiry_text(Date date);
[[nodiscard]] std::optional<Date> parse_expiry_code(std::string_view text);

/// A named zone of the tz database (`Asia/Kolkata`).
class TimeZone {
 public:
  [[nodiscard]] static Result<TimeZone> find(std::string_view name);
  /// The first instant strictly after `after` whose local clock reads `at`. Where a daylight-saving
  /// gap skips that minute, the end of the gap; where it occurs twice, the earlier.
  [[nodiscard]] TimePoint next(TimePoint after, TimeOfDay at) const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_{"Asia/Kolkata"};
};

}  // namespace kavach
