// market/holidays and market/timings.

#include <chrono>
#include <optional>

#include "api/resources.h"
#include "api/symbol_body.h"
#include "core/civil_time.h"

namespace kavach::api {
namespace {

constexpr int kYearMin = 2020;
constexpr int kYearMax = 2050;

struct HolidaysBody {
  std::optional<std::int64_t> year;
};

const RequestSchema<HolidaysBody>& holidays_schema() {
  static const RequestSchema<HolidaysBody> kSchema = [] {
    RequestSchema<HolidaysBody> schema;
    schema.integer("year", &HolidaysBody::year, Presence::Optional,
                   {.minimum = kYearMin, .maximum = kYearMax});
    return schema;
  }();
  return kSchema;
}

void write_sessions(JsonWriter& json, const std::vector<market::Session>& sessions) {
  json.array();
  for (const market::Session& session : sessions) {
    json.object()
        .field("end_time", epoch_millis(session.close))
        .field("exchange", market::name_of(session.exchange))
        .field("start_time", epoch_millis(session.open))
        .end();
  }
  json.end();
}

void write_holiday(JsonWriter& json, const market::Holiday& holiday) {
  json.object().key("closed_exchanges").array();
  for (const market::Exchange exchange : holiday.closed) json.value(market::name_of(exchange));
  json.end()
      .field("date", date_text(holiday.date))
      .field("description", holiday.description)
      .field("holiday_type", market::name_of(holiday.type))
      .key("open_exchanges");
  write_sessions(json, holiday.open);
  json.end();
}

http::Response holidays(const Context& context, const HolidaysBody& body) {
  const Date today = ist(context.services->clock.now()).date;
  const int year = body.year ? static_cast<int>(*body.year) : static_cast<int>(today.year());
  ReplyWriter out{8192};
  JsonWriter& json = out.json();
  json.object().key("data").array();
  for (const market::Holiday& holiday : context.services->calendar.holidays(year)) {
    write_holiday(json, holiday);
  }
  json.end().field("status", "success").field("timezone", "Asia/Kolkata").field("year", year).end();
  return out.reply();
}

struct TimingsBody {
  std::string date;
};

const RequestSchema<TimingsBody>& timings_schema() {
  static const RequestSchema<TimingsBody> kSchema = [] {
    RequestSchema<TimingsBody> schema;
    schema.text("date", &TimingsBody::date, Presence::Required);
    return schema;
  }();
  return kSchema;
}

http::Response timings(const Context& context, const TimingsBody& body) {
  const auto date = parse_date(body.date);
  if (!date) return error_reply(400, "Invalid date format. Use YYYY-MM-DD");
  const int year = static_cast<int>(date->year());
  if (year < kYearMin || year > kYearMax) {
    return error_reply(400, "Date must be between 2020-01-01 and 2050-12-31");
  }
  ReplyWriter out{1024};
  out.json().object().key("data");
  write_sessions(out.json(), context.services->calendar.timings(*date));
  out.json().field("status", "success").end();
  return out.reply();
}

}  // namespace

void add_calendar_routes(RouteBook& book) {
  book.post({.path = "/api/v1/market/holidays", .summary = "The exchanges' holidays of a year."},
            holidays_schema(), holidays);
  book.post({.path = "/api/v1/market/timings", .summary = "The sessions of a date."},
            timings_schema(), timings);
}

}  // namespace kavach::api
