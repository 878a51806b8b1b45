#pragma once

// The published description of the REST API (OpenAPI 3.1), written from the same schemas that decode
// the requests, so that it cannot tell another story than the gateway.

#include <string>
#include <vector>

#include "api/route_book.h"

namespace kavach::api {

[[nodiscard]] std::string openapi_document(const std::vector<EndpointDescription>& endpoints,
                                           std::string_view public_origin);

}  // namespace kavach::api
