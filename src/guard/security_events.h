#pragma once

// The last security events of this process, for the console's live list. The audit trail is the record;
// this is the glance. Thread-safe, of fixed size.

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/guarded.h"

namespace kavach::guard {

struct SecurityEvent {
  TimePoint at{};
  std::string kind;     ///< `ban.created`, `flood.detected` … (docs/defences.md)
  std::string address;  ///< address or network, or empty
  std::string detail;
};

class SecurityEvents {
 public:
  void add(SecurityEvent event);
  /// Newest first.
  [[nodiscard]] std::vector<SecurityEvent> latest() const;

 private:
  static constexpr std::size_t kMax = 200;
  Guarded<std::deque<SecurityEvent>> events_;
};

}  // namespace kavach::guard
