#pragma once

// The one place where a failure becomes an HTTP status. Pure.

#include "core/result.h"

namespace kavach::guard {

/// Storage failures are 503 and never 401 or 403: a full disk must not look like a wrong password.
[[nodiscard]] int http_status(ErrorCode code);

/// Seconds a client should wait before it tries again; 0 when trying again cannot help.
[[nodiscard]] int retry_after_seconds(ErrorCode code);

}  // namespace kavach::guard
