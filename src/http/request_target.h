#pragma once

// The request target (RFC 9112, 3.2) as a pure function over text. Whatever could be read in two ways
// by us and by a proxy in front of us is refused and not repaired.

#include <expected>
#include <string>
#include <string_view>

#include "http/refusal.h"

namespace kavach::http {

struct Target {
  std::string path;       ///< decoded once, valid UTF-8, no control characters, no dot segments
  std::string query;      ///< raw, without `?`
  std::string authority;  ///< only of the absolute form
};

/// Accepts the origin form and the absolute form. A path keeps doubled slashes, so that a router can
/// answer them; an encoded slash or backslash is refused, for it would change what the path means.
[[nodiscard]] std::expected<Target, Refusal> parse_target(std::string_view text);

/// `name`, `1.2.3.4` or `[::1]`, each with an optional port.
[[nodiscard]] bool is_valid_authority(std::string_view text);

}  // namespace kavach::http
