#pragma once

// The pieces the record routes are put together from; not for other rooms.

#include <functional>
#include <string>

#include "console/record_services.h"
#include "core/task.h"
#include "guard/route.h"

namespace kavach::console {

/// Reads on a worker and answers the body of the reply.
using RecordRead = Result<std::string> (*)(RecordServices& services, const http::Request& request);
/// Writes a file's pieces into the sink, on a worker.
using RecordExport = Result<void> (*)(RecordServices& services, const http::Request& request,
                                      audit::ExportFormat format, const audit::ExportSink& sink);

/// An owner's route that reads on a worker.
[[nodiscard]] guard::Route record_route(RecordServices& services, std::string path, RecordRead read);
/// An owner's route that answers a file named after `stem`.
[[nodiscard]] guard::Route export_route(RecordServices& services, std::string path, std::string stem,
                                        RecordExport write);

void add_traffic_routes(RecordServices& services, guard::Routes& routes);
void add_latency_routes(RecordServices& services, guard::Routes& routes);
void add_audit_routes(RecordServices& services, guard::Routes& routes);
void add_log_routes(RecordServices& services, guard::Routes& routes);

}  // namespace kavach::console
