#include "console/handlers.h"
#include "console/record_handlers.h"
#include "console/record_query.h"
#include "console/reply.h"
#include "console/routes.h"
#include "core/civil_time.h"
#include "core/on_worker.h"

namespace kavach::console {
namespace {

// A reply is built whole. A larger export is cut at a record and says so in a header; its filters make
// it smaller.
constexpr std::size_t kExportBytesMax = std::size_t{32} << 20U;

guard::Route owners_route(std::string path, guard::Handle handle) {
  return {.method = http::Method::Get,
          .path = std::move(path),
          .policy = {.access = guard::Access::OwnerSession,
                     .rate = guard::RateClass::ConsoleRead,
                     .body = guard::BodyKind::None,
                     .body_bytes_max = 0,
                     .changes_state = false,
                     .csrf = guard::Csrf::NotApplicable,
                     .priority = guard::Priority::Deferrable},
          .handle = std::move(handle)};
}

Task<http::Response> read_records(guard::Call* call, RecordServices* services, RecordRead read) {
  auto body = co_await on_worker<std::string>(&services->workers, call->executor,
                                              [call, services, read] { return read(*services, call->request); });
  if (!body) co_return failure_reply(body.error());
  co_return http::Response::json(200, std::move(*body));
}

struct File {
  std::string content;
  bool cut{false};
};

Result<File> collect(RecordServices& services, const http::Request& request, audit::ExportFormat format,
                     RecordExport write) {
  File file;
  auto written = write(services, request, format, [&file](std::string_view piece) {
    file.cut = file.content.size() + piece.size() > kExportBytesMax;
    if (!file.cut) file.content += piece;
    return !file.cut;
  });
  if (!written) return pass_on(std::move(written));
  return file;
}

Task<http::Response> export_records(guard::Call* call, RecordServices* services, std::string stem,
                                    RecordExport write) {
  const auto format = export_format(call->request);
  if (!format) co_return failure_reply(format.error());
  auto file = co_await on_worker<File>(
      &services->workers, call->executor,
      [call, services, write, kind = *format] { return collect(*services, call->request, kind, write); });
  if (!file) co_return failure_reply(file.error());
  const bool csv = *format == audit::ExportFormat::Csv;
  http::Response response;
  response.content_type = csv ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
  response.body = std::move(file->content);
  response.with("Content-Disposition", "attachment; filename=\"" + stem + '-' +
                                           date_text(ist(services->clock.now()).date) + (csv ? ".csv\"" : ".jsonl\""));
  if (file->cut) response.with("X-Export-Truncated", "true");
  co_return response;
}

}  // namespace

guard::Route record_route(RecordServices& services, std::string path, RecordRead read) {
  return owners_route(std::move(path),
                      [&services, read](guard::Call& call) { return read_records(&call, &services, read); });
}

guard::Route export_route(RecordServices& services, std::string path, std::string stem, RecordExport write) {
  return owners_route(std::move(path), [&services, stem = std::move(stem), write](guard::Call& call) {
    return export_records(&call, &services, stem, write);
  });
}

guard::Routes record_routes(RecordServices& services) {
  guard::Routes routes;
  add_traffic_routes(services, routes);
  add_latency_routes(services, routes);
  add_audit_routes(services, routes);
  add_log_routes(services, routes);
  return routes;
}

}  // namespace kavach::console
