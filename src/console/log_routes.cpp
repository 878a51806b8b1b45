// The latest log lines.

#include "console/record_handlers.h"
#include "console/record_query.h"
#include "console/reply.h"

namespace kavach::console {
namespace {

Result<LogLevel> level_of(const std::string& name) {
  if (name.empty()) return LogLevel::Debug;
  for (const LogLevel level : {LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error}) {
    if (name_of(level) == name) return level;
  }
  return fail(ErrorCode::InvalidInput, "level must be debug, info, warning or error.");
}

Result<std::string> lines(RecordServices& services, const http::Request& request) {
  const auto query = record_query(request);
  if (!query) return pass_on(query);
  const auto level = level_of(request.query_value("level"));
  if (!level) return pass_on(level);
  const auto text = filter_text(request, "text");
  if (!text) return pass_on(text);
  const auto rows_max = static_cast<std::size_t>(query->rows_max);
  const auto found = services.log_tail.search(static_cast<std::uint64_t>(query->before),
                                              {*level, *text, query->from, query->until}, rows_max);
  DataReply out{256 + found.size() * 300};
  JsonWriter& json = out.json();
  json.object().key("rows").array();
  for (const LogTail::Line& line : found) {
    const LogLineParts parts = parts_of(line.text);
    json.object().field("number", line.number).field("at", parts.at).field("level", name_of(line.level));
    json.field("component", parts.component).field("message", parts.message).field("request_id", parts.request_id).end();
  }
  json.end().key("next");
  found.size() == rows_max ? json.value(std::to_string(found.back().number)) : json.null();
  json.end();
  return out.reply().body;
}

}  // namespace

void add_log_routes(RecordServices& services, guard::Routes& routes) {
  routes.push_back(record_route(services, "/logs/api/lines", lines));
}

}  // namespace kavach::console
