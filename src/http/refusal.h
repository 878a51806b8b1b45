#pragma once

// Why the server itself refused a request, before or instead of the handler. The token is stable:
// it goes into records and counters, so tests and operators may match it.

#include <string_view>

namespace kavach::http {

struct Refusal {
  int status{400};
  std::string_view reason{};  ///< static storage, snake_case
};

}  // namespace kavach::http
