#pragma once

// Requests that a strict server refuses, with the status and the stable reason. Run against the parser
// alone and against a real server over a socket. `\r\n` is written out: the bytes are the point.

#include <string>
#include <string_view>
#include <vector>

namespace kavach::http {

struct MalformedRequest {
  std::string name;
  std::string bytes;
  int status{400};
  std::string_view reason;
};

/// Wrong in the head: refused before a body is looked at.
[[nodiscard]] std::vector<MalformedRequest> malformed_heads();
/// Wrong in a chunked body.
[[nodiscard]] std::vector<MalformedRequest> malformed_bodies();

}  // namespace kavach::http
