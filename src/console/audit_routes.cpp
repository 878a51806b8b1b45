// The audit chain: searched, verified, exported.

#include "console/record_handlers.h"
#include "console/record_query.h"
#include "console/reply.h"
#include "core/civil_time.h"

namespace kavach::console {
namespace {

Result<audit::AuditFilter> filter_of(const http::Request& request, const RecordQuery& query) {
  audit::AuditFilter filter;
  filter.from = query.from;
  filter.until = query.until;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"kind", &filter.kind}, {"actor", &filter.actor}, {"address", &filter.address}};
  for (const auto& [name, text] : texts) {
    auto given = filter_text(request, name);
    if (!given) return pass_on(std::move(given));
    *text = std::move(*given);
  }
  return filter;
}

Result<std::string> events(RecordServices& services, const http::Request& request) {
  const auto query = record_query(request);
  if (!query) return pass_on(query);
  const auto filter = filter_of(request, *query);
  if (!filter) return pass_on(filter);
  const auto page = audit::search_audit(services.database, *filter, query->before, query->rows_max);
  if (!page) return pass_on(page);
  DataReply out{256 + page->rows.size() * 500};
  JsonWriter& json = out.json();
  json.object().key("rows").array();
  for (const audit::AuditRecord& record : page->rows) {
    json.object().field("sequence", record.seq).field("at", utc_text(TimePoint{Micros{record.at_us}}));
    json.field("kind", record.kind).field("actor", record.actor).field("address", record.address);
    json.field("request_id", record.request_id).key("fields").raw(record.body).field("hash", record.hash).end();
  }
  json.end().key("next");
  page->before ? json.value(std::to_string(*page->before)) : json.null();
  json.end();
  return out.reply().body;
}

Result<std::string> verify(RecordServices& services, const http::Request&) {
  const auto verdict = audit::verify_audit(services.database, services.audit_trust());
  if (!verdict) return pass_on(verdict);
  DataReply out;
  JsonWriter& json = out.json();
  json.object().field("intact", verdict->intact()).field("records", verdict->records);
  json.field("segments", verdict->segments).field("head", verdict->head.hash);
  json.field("checked_at", utc_text(services.clock.now()));
  if (verdict->first_bad) {
    json.field("first_bad_sequence", verdict->first_bad->seq).field("problem", verdict->first_bad->what);
  }
  json.end();
  return out.reply().body;
}

Result<std::unique_ptr<audit::Export>> begin_file(RecordServices& services, const http::Request& request,
                                                  audit::ExportFormat format) {
  const auto query = record_query(request);
  if (!query) return pass_on(query);
  return audit::begin_audit_export(services.database, services.sign_head, {query->from, query->until, format});
}

}  // namespace

void add_audit_routes(RecordServices& services, guard::Routes& routes) {
  routes.push_back(record_route(services, "/audit/api/events", events));
  routes.push_back(record_route(services, "/audit/api/verify", verify));
  routes.push_back(export_route(services, "/audit/export", "kavach-audit", begin_file));
}

}  // namespace kavach::console
