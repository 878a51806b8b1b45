#include "console/export_file.h"

#include <string>

#include "console/export_body.h"
#include "console/record_query.h"
#include "console/reply.h"
#include "core/civil_time.h"

namespace kavach::console {

http::Response export_file(const guard::Call& call, const ExportPlace& place, std::string_view stem,
                           audit::ExportFormat format, std::unique_ptr<audit::Export> pieces) {
  const bool csv = format == audit::ExportFormat::Csv;
  http::Response response;
  response.content_type = csv ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
  response.body_source = ExportBody::begin(place.workers, place.running, std::move(pieces));
  if (!response.body_source) {
    return failure_reply({ErrorCode::Busy, "Other exports are running. Try again when one has ended.", {}});
  }
  const std::string name = std::string{stem} + '-' + date_text(ist(place.clock.now()).date) + (csv ? ".csv" : ".jsonl");
  response.with("Content-Disposition", "attachment; filename=\"" + name + '"');
  place.audit.record({"records.exported",
                      call.principal.username,
                      call.client.text(),
                      call.request.request_id,
                      {{"file", stem}, {"filter", known_filters(call.request)}}});
  return response;
}

}  // namespace kavach::console
