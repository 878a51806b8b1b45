#include "console/export_file.h"
#include "console/handlers.h"
#include "console/policies.h"
#include "console/record_handlers.h"
#include "console/record_query.h"
#include "console/reply.h"
#include "console/routes.h"
#include "core/on_worker.h"

namespace kavach::console {
namespace {

guard::Route owners_route(std::string path, guard::Handle handle) {
  return {.method = http::Method::Get,
          .path = std::move(path),
          .policy = reading_policy(guard::Access::OwnerSession, guard::RateClass::ConsoleRead, guard::Priority::Deferrable),
          .handle = std::move(handle)};
}

Task<http::Response> read_records(guard::Call* call, RecordServices* services, RecordRead read) {
  auto body = co_await on_worker<std::string>(&services->workers, call->executor,
                                              [call, services, read] { return read(*services, call->request); });
  if (!body) co_return failure_reply(body.error());
  co_return http::Response::json(200, std::move(*body));
}

Task<http::Response> export_records(guard::Call* call, RecordServices* services, std::string stem,
                                    RecordExport begin) {
  if (!services->is_fresh(*call)) return ready(step_up_reply());
  const auto format = export_format(call->request);
  if (!format) return ready(failure_reply(format.error()));
  auto pieces = begin(*services, call->request, *format);
  if (!pieces) return ready(failure_reply(pieces.error()));
  return ready(export_file(*call, {services->workers, services->exports_running, services->audit, services->clock},
                           stem, *format, std::move(*pieces)));
}

}  // namespace

guard::Route record_route(RecordServices& services, std::string path, RecordRead read) {
  return owners_route(std::move(path),
                      [&services, read](guard::Call& call) { return read_records(&call, &services, read); });
}

guard::Route export_route(RecordServices& services, std::string path, std::string stem, RecordExport begin) {
  return owners_route(std::move(path), [&services, stem = std::move(stem), begin](guard::Call& call) {
    return export_records(&call, &services, stem, begin);
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
