#include "console/record_query.h"

#include <algorithm>

#include "core/civil_time.h"
#include "core/text.h"

namespace kavach::console {
namespace {

constexpr std::int64_t kRowsMax = 500;
constexpr std::size_t kDateLength = 10;

struct Moment {
  TimePoint at{};
  bool whole_day{false};
};

std::optional<Moment> parse_moment(std::string_view text) {
  const auto date = parse_date(text.substr(0, kDateLength));
  if (!date) return std::nullopt;
  if (text.size() == kDateLength) return Moment{from_ist(*date, std::chrono::seconds{0}), true};
  const auto time = TimeOfDay::parse(text.substr(kDateLength + 1));
  if (!time || (text[kDateLength] != 'T' && text[kDateLength] != ' ')) return std::nullopt;
  return Moment{from_ist(*date, std::chrono::minutes{time->minutes}), false};
}

}  // namespace

Result<RecordQuery> record_query(const http::Request& request) {
  RecordQuery query;
  for (const std::string_view name : {"from", "to"}) {
    const std::string text = request.query_value(name);
    if (text.empty()) continue;
    const auto moment = parse_moment(text);
    if (!moment) return fail(ErrorCode::InvalidInput, std::string{name} + " must be a date such as 2027-06-29 or 2027-06-29T10:15.");
    if (name == "from") {
      query.from = moment->at;
    } else {
      query.until = moment->whole_day ? moment->at + std::chrono::hours{24} : moment->at;
    }
  }
  if (const std::string text = request.query_value("before"); !text.empty()) {
    const auto before = parse_int(text);
    if (!before || *before <= 0) return fail(ErrorCode::InvalidInput, "before must be the cursor of an earlier answer.");
    query.before = *before;
  }
  if (const std::string text = request.query_value("limit"); !text.empty()) {
    const auto limit = parse_int(text);
    if (!limit) return fail(ErrorCode::InvalidInput, "limit must be a number from 1 to 500.");
    query.rows_max = static_cast<int>(std::clamp<std::int64_t>(*limit, 1, kRowsMax));
  }
  return query;
}

Result<std::string> filter_text(const http::Request& request, std::string_view name) {
  std::string text = request.query_value(name);
  if (text.size() > kFilterBytesMax) return fail(ErrorCode::InvalidInput, std::string{name} + " is too long.");
  return text;
}

std::string known_filters(const http::Request& request) {
  std::string known;
  for (const std::string_view name : {"from", "to", "address", "method", "route", "principal", "refusal", "request_id",
                                      "status", "orderid", "slower_than_ms", "kind", "actor", "format"}) {
    const std::string value = request.query_value(name);
    if (value.empty()) continue;
    if (!known.empty()) known += '&';
    known.append(name).append("=").append(value.substr(0, kFilterBytesMax));
  }
  return known;
}

Result<audit::ExportFormat> export_format(const http::Request& request) {
  const std::string name = request.query_value("format");
  if (name == "csv") return audit::ExportFormat::Csv;
  if (name == "jsonl") return audit::ExportFormat::JsonLines;
  return fail(ErrorCode::InvalidInput, "format must be csv or jsonl.");
}

}  // namespace kavach::console
