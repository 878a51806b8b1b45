#pragma once

// The Date header (RFC 9110, 5.6.7), formatted once a second and not once a reply. One per I/O thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace kavach::http {

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
[[nodiscard]] std::string http_date(TimePoint at);

class DateCache {
 public:
  explicit DateCache(const Clock& clock) : clock_{clock} {}
  /// Valid until the next call.
  [[nodiscard]] std::string_view text();

 private:
  const Clock& clock_;
  std::int64_t second_{-1};
  std::string text_;
};

}  // namespace kavach::http
