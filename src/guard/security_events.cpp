#include "guard/security_events.h"

namespace kavach::guard {

void SecurityEvents::add(SecurityEvent event) {
  events_.with([&](auto& events) {
    events.push_front(std::move(event));
    if (events.size() > kMax) events.pop_back();
  });
}

std::vector<SecurityEvent> SecurityEvents::latest() const {
  return events_.with([](const auto& events) { return std::vector<SecurityEvent>{events.begin(), events.end()}; });
}

}  // namespace kavach::guard
