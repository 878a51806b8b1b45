// How long requests and orders take, by route and stage.

#include "console/record_handlers.h"
#include "console/record_query.h"
#include "console/reply.h"
#include "core/civil_time.h"
#include "core/text.h"

namespace kavach::console {
namespace {

constexpr std::chrono::hours kTrend{1};
constexpr std::int64_t kSlowestMs = 3'600'000;
constexpr std::string_view kAllRoutes = "*";

std::int64_t micros(Monotonic duration) { return std::chrono::round<Micros>(duration).count(); }

void write_figures(JsonWriter& json, const audit::LatencyFigures& figures) {
  json.field("count", figures.count).field("p50", micros(figures.p50)).field("p95", micros(figures.p95));
  json.field("p99", micros(figures.p99)).field("p999", micros(figures.p999)).field("max", micros(figures.max));
}

void write_route(JsonWriter& json, const audit::RouteLatency& route) {
  json.object().field("route", route.route);
  write_figures(json, route.total);
  json.key("stages").array();
  for (const auto& stage : route.stages) {
    json.object().field("stage", audit::kStageNames[static_cast<std::size_t>(stage.stage)]);
    write_figures(json, stage.figures);
    json.end();
  }
  json.end().end();
}

Result<std::string> stats(RecordServices& services, const http::Request&) {
  const TimePoint now = services.clock.now();
  const auto trend = services.latency.trend(kAllRoutes, now - kTrend, now);
  if (!trend) return pass_on(trend);
  DataReply out{16384};
  JsonWriter& json = out.json();
  json.object().field("since", utc_text(services.latency.since())).key("routes").array();
  for (const audit::RouteLatency& route : services.latency.by_route()) write_route(json, route);
  json.end().key("trend").array();
  for (const audit::LatencyMinute& minute : *trend) {
    json.object().field("at", utc_text(minute.at));
    write_figures(json, minute.figures);
    json.end();
  }
  json.end().end();
  return out.reply().body;
}

Result<audit::OrderLatencyFilter> filter_of(const http::Request& request) {
  audit::OrderLatencyFilter filter;
  const auto query = record_query(request);
  if (!query) return pass_on(query);
  filter.from = query->from;
  filter.until = query->until;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"orderid", &filter.order_id}, {"route", &filter.route}, {"status", &filter.status}};
  for (const auto& [name, text] : texts) {
    auto given = filter_text(request, name);
    if (!given) return pass_on(std::move(given));
    *text = std::move(*given);
  }
  if (const std::string slower = request.query_value("slower_than_ms"); !slower.empty()) {
    const auto millis = parse_int(slower);
    if (!millis || *millis < 0 || *millis > kSlowestMs) {
      return fail(ErrorCode::InvalidInput, "slower_than_ms must be a number from 0 to 3600000.");
    }
    filter.slower_than = std::chrono::milliseconds{*millis};
  }
  return filter;
}

Result<std::string> orders(RecordServices& services, const http::Request& request) {
  const auto query = record_query(request);
  if (!query) return pass_on(query);
  const auto filter = filter_of(request);
  if (!filter) return pass_on(filter);
  const auto page = services.latency.orders(*filter, query->before, query->rows_max);
  if (!page) return pass_on(page);
  DataReply out{256 + page->rows.size() * 300};
  JsonWriter& json = out.json();
  json.object().key("rows").array();
  for (const audit::OrderLatencyRow& row : page->rows) {
    const audit::OrderLatency& order = row.latency;
    json.object().field("at", utc_text(order.at)).field("orderid", order.order_id).field("route", order.route);
    json.field("status", order.status).field("total_micros", micros(order.total)).key("stages").object();
    for (std::size_t stage = 0; stage < audit::kStageCount; ++stage) {
      const Monotonic spent = order.stages.all()[stage];
      if (spent != Monotonic{}) json.field(audit::kStageNames[stage], micros(spent));
    }
    json.end().end();
  }
  json.end().key("next");
  page->before ? json.value(std::to_string(*page->before)) : json.null();
  json.end();
  return out.reply().body;
}

Result<std::unique_ptr<audit::Export>> begin_file(RecordServices& services, const http::Request& request,
                                                  audit::ExportFormat format) {
  auto filter = filter_of(request);
  if (!filter) return pass_on(filter);
  return services.latency.begin_export(std::move(*filter), format);
}

}  // namespace

void add_latency_routes(RecordServices& services, guard::Routes& routes) {
  routes.push_back(record_route(services, "/latency/api/stats", stats));
  routes.push_back(record_route(services, "/latency/api/logs", orders));
  routes.push_back(export_route(services, "/latency/export", "kavach-latency", begin_file));
}

}  // namespace kavach::console
