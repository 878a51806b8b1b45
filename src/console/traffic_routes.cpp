// Every request, searched and summed up.

#include "console/record_handlers.h"
#include "console/record_query.h"
#include "console/reply.h"
#include "core/civil_time.h"
#include "core/text.h"

namespace kavach::console {
namespace {

Result<audit::TrafficFilter> filter_of(const http::Request& request) {
  audit::TrafficFilter filter;
  const auto query = record_query(request);
  if (!query) return pass_on(query);
  filter.from = query->from;
  filter.until = query->until;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"address", &filter.address},     {"method", &filter.method},   {"route", &filter.route},
      {"principal", &filter.principal}, {"refusal", &filter.refusal}, {"request_id", &filter.request_id}};
  for (const auto& [name, text] : texts) {
    auto given = filter_text(request, name);
    if (!given) return pass_on(std::move(given));
    *text = std::move(*given);
  }
  if (const std::string status = request.query_value("status"); !status.empty()) {
    const auto number = parse_int(status);
    if (!number || *number < 100 || *number > 599) return fail(ErrorCode::InvalidInput, "status must be a number from 100 to 599.");
    filter.status = static_cast<int>(*number);
  }
  return filter;
}

Result<std::string> rows(RecordServices& services, const http::Request& request) {
  const auto query = record_query(request);
  if (!query) return pass_on(query);
  const auto filter = filter_of(request);
  if (!filter) return pass_on(filter);
  const auto page = services.traffic.search(*filter, query->before, query->rows_max);
  if (!page) return pass_on(page);
  DataReply out{256 + page->rows.size() * 300};
  JsonWriter& json = out.json();
  json.object().key("rows").array();
  for (const audit::TrafficRow& row : page->rows) {
    json.object().field("at", utc_text(row.at)).field("address", row.address).field("method", row.method);
    json.field("route", row.route).field("status", row.status).field("duration_micros", row.duration_us);
    json.key("stages").object().field("queue", row.queue_us).field("guard", row.guard_us);
    json.field("handler", row.handler_us).end();
    json.field("request_id", row.request_id).field("principal", row.principal).field("refusal", row.refusal).end();
  }
  json.end().key("next");
  page->before ? json.value(std::to_string(*page->before)) : json.null();
  json.end();
  return out.reply().body;
}

Result<std::string> stats(RecordServices& services, const http::Request&) {
  const TimePoint now = services.clock.now();
  const auto sums = services.traffic.stats(now - std::chrono::hours{24}, now + Micros{1});
  if (!sums) return pass_on(sums);
  DataReply out{8192};
  JsonWriter& json = out.json();
  json.object().field("total", sums->total).field("errors", sums->errors).field("refused", sums->refused);
  json.field("banned", sums->banned).field("average_micros", sums->average_us).key("by_minute").array();
  for (const auto& minute : sums->by_minute) {
    json.object().field("at", utc_text(minute.at)).field("requests", minute.requests);
    json.field("errors", minute.errors).end();
  }
  json.end().key("by_route").array();
  for (const auto& route : sums->by_route) {
    json.object().field("route", route.route).field("requests", route.requests).field("errors", route.errors);
    json.field("average_micros", route.average_us).end();
  }
  json.end().key("by_status").array();
  for (const auto& status : sums->by_status) {
    json.object().field("status", status.status).field("requests", status.requests).end();
  }
  json.end().end();
  return out.reply().body;
}

Result<std::unique_ptr<audit::Export>> begin_file(RecordServices& services, const http::Request& request,
                                                  audit::ExportFormat format) {
  auto filter = filter_of(request);
  if (!filter) return pass_on(filter);
  return services.traffic.begin_export(std::move(*filter), format);
}

}  // namespace

void add_traffic_routes(RecordServices& services, guard::Routes& routes) {
  routes.push_back(record_route(services, "/traffic/api/logs", rows));
  routes.push_back(record_route(services, "/traffic/api/stats", stats));
  routes.push_back(export_route(services, "/traffic/export", "kavach-traffic", begin_file));
}

}  // namespace kavach::console
