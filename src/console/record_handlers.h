#pragma once

// The pieces the record routes are put together from; not for other rooms.

#include <functional>
#include <memory>
#include <string>

#include "console/record_services.h"
#include "core/task.h"
#include "guard/route.h"

namespace kavach::console {

/// Reads on a worker and answers the body of the reply.
using RecordRead = Result<std::string> (*)(RecordServices& services, const http::Request& request);
/// What a file is made of, piece by piece.
using RecordExport = Result<std::unique_ptr<audit::Export>> (*)(RecordServices& services, const http::Request& request,
                                                                audit::ExportFormat format);

/// An owner's route that reads on a worker.
[[nodiscard]] guard::Route record_route(RecordServices& services, std::string path, RecordRead read);
/// An owner's route that answers a file named after `stem`, to somebody who has just shown a second factor. It
/// is read from the database while it is sent, and recorded as `records.exported`.
[[nodiscard]] guard::Route export_route(RecordServices& services, std::string path, std::string stem,
                                        RecordExport begin);

void add_traffic_routes(RecordServices& services, guard::Routes& routes);
void add_latency_routes(RecordServices& services, guard::Routes& routes);
void add_audit_routes(RecordServices& services, guard::Routes& routes);
void add_log_routes(RecordServices& services, guard::Routes& routes);

}  // namespace kavach::console
