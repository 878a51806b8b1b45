#pragma once

// Establishes who calls: the API key of a program or the session cookie of a browser. Only what the
// route asks for is looked at. Used by the pipeline, on I/O threads.

#include <optional>
#include <string>
#include <string_view>

#include "core/task.h"
#include "guard/call.h"
#include "guard/credentials.h"
#include "guard/pipeline.h"
#include "guard/refusals.h"
#include "guard/route.h"

namespace kavach::guard {

/// Parses the body of a JSON route into an object; anything else is refused in the route's dialect.
[[nodiscard]] std::optional<Refused> parse_body(Call& call, const Route& route);

/// On success the call's principal is set and the presented secret is gone from the call: the body's
/// `apikey` reads `authenticated`, and the raw body is wiped.
[[nodiscard]] Task<std::optional<Refused>> authenticate(Call& call, const Route& route,
                                                        Credentials& credentials);

/// `{"status":"error","message":…}`, or the wire contract's bare `{"message":…}` where `bare`.
[[nodiscard]] http::Response error_reply(int status, std::string_view message, bool bare = false);

/// The refusal's own status and text.
[[nodiscard]] Refused refuse(Refusal refusal, std::vector<http::Header> headers = {});

/// Whether a path belongs to the wire contract (its errors have shapes of their own).
[[nodiscard]] bool is_api_path(std::string_view path);

}  // namespace kavach::guard
