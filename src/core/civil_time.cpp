#include "core/civil_time.h"

#include <date/tz.h>

#include <array>
#include <cstdio>

#include "core/text.h"

namespace kavach {
namespace {

constexpr std::chrono::minutes kIstOffset{330};
constexpr std::array<const char*, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                              "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char buffer[64];
  const int length = std::snprintf(buffer, sizeof buffer, pattern, args...);
  return {buffer, static_cast<std::size_t>(length)};
}

int year_of(Date date) { return static_cast<int>(date.year()); }
unsigned month_of(Date date) { return static_cast<unsigned>(date.month()); }
unsigned day_of(Date date) { return static_cast<unsigned>(date.day()); }

CivilTime split_day(TimePoint at, std::chrono::minutes offset) {
  const auto local = at + offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto rest = std::chrono::floor<std::chrono::seconds>(local - day);
  return {Date{day}, static_cast<int>(rest.count())};
}

}  // namespace

std::optional<TimeOfDay> TimeOfDay::parse(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = parse_int(text.substr(0, 2));
  const auto minutes = parse_int(text.substr(3, 2));
  if (!hours || !minutes || *hours < 0 || *hours > 23 || *minutes < 0 || *minutes > 59) {
    return std::nullopt;
  }
  return TimeOfDay{static_cast<int>(*hours * 60 + *minutes)};
}

CivilTime ist(TimePoint at) { return split_day(at, kIstOffset); }

TimePoint from_ist(Date date, std::chrono::seconds since_midnight) {
  return TimePoint{std::chrono::sys_days{date}} + since_midnight - kIstOffset;
}

std::string ist_text(TimePoint at) {
  const CivilTime local = ist(at);
  return format("%04d-%02u-%02u %02d:%02d:%02d", year_of(local.date), month_of(local.date),
                day_of(local.date), local.seconds_of_day / 3600, local.seconds_of_day / 60 % 60,
                local.seconds_of_day % 60);
}

std::string utc_text(TimePoint at) {
  const CivilTime utc = split_day(at, std::chrono::minutes{0});
  const auto micros = at - std::chrono::floor<std::chrono::seconds>(at);
  return format("%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", year_of(utc.date), month_of(utc.date),
                day_of(utc.date), utc.seconds_of_day / 3600, utc.seconds_of_day / 60 % 60,
                utc.seconds_of_day % 60, static_cast<int>(micros.count()));
}

std::optional<Date> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i != 4 && i != 7 && (text[i] < '0' || text[i] > '9')) return std::nullopt;
  }
  const Date date{std::chrono::year{static_cast<int>(*parse_int(text.substr(0, 4)))},
                  std::chrono::month{static_cast<unsigned>(*parse_int(text.substr(5, 2)))},
                  std::chrono::day{static_cast<unsigned>(*parse_int(text.substr(8, 2)))}};
  if (!date.ok() || year_of(date) < 1900 || year_of(date) > 2200) return std::nullopt;
  return date;
}

std::string date_text(Date date) {
  return format("%04d-%02u-%02u", year_of(date), month_of(date), day_of(date));
}

std::string expiry_code(Date date) {
  return format("%02u%s%02d", day_of(date), kMonths[month_of(date) - 1], year_of(date) % 100);
}

std::string expiry_text(Date date) {
  return format("%02u-%s-%02d", day_of(date), kMonths[month_of(date) - 1], year_of(date) % 100);
}

std::optional<Date> parse_expiry_code(std::string_view text) {
  if (text.size() != 7) return std::nullopt;
  for (const std::size_t i : {0U, 1U, 5U, 6U}) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
  }
  for (unsigned month = 1; month <= 12; ++month) {
    if (text.substr(2, 3) != kMonths[month - 1]) continue;
    const Date date{std::chrono::year{2000 + static_cast<int>(*parse_int(text.substr(5)))},
                    std::chrono::month{month},
                    std::chrono::day{static_cast<unsigned>(*parse_int(text.substr(0, 2)))}};
    if (date.ok()) return date;
  }
  return std::nullopt;
}

Result<TimeZone> TimeZone::find(std::string_view name) {
  TimeZone zone;
  zone.name_ = std::string{name};
  try {
    (void)date::locate_zone(zone.name_);
  } catch (const std::exception& error) {
    return fail(ErrorCode::InvalidInput,
                "Unknown time zone; use a name such as Asia/Kolkata (and install tzdata).",
                error.what());
  }
  return zone;
}

TimePoint TimeZone::next(TimePoint after, TimeOfDay at) const {
  const auto* zone = date::locate_zone(name_);
  auto day = std::chrono::floor<std::chrono::days>(zone->to_local(after));
  for (;; day += std::chrono::days{1}) {
    const auto local = day + std::chrono::minutes{at.minutes};
    const auto instant = std::chrono::time_point_cast<Micros>(
        zone->to_sys(date::local_time<Micros>{local.time_since_epoch()}, date::choose::earliest));
    if (instant > after) return instant;
  }
}

}  // namespace kavach
