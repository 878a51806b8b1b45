#pragma once

// Private peers that speak for others although no proxy is trusted: a proxy was put in front of the
// gateway and TRUSTED_PROXIES was forgotten, so all clients share one address. They are not banned,
// and `kavach doctor`, the log and the console say what to set. Thread-safe, bounded.

#include <map>
#include <vector>

#include "core/clock.h"
#include "core/guarded.h"
#include "core/net_address.h"

namespace kavach::guard {

class UnknownProxies {
 public:
  /// True the first time, for the log.
  bool note(const IpAddress& peer, TimePoint now);
  /// Seen within the last day.
  [[nodiscard]] bool contains(const IpAddress& address, TimePoint now) const;
  [[nodiscard]] bool overlaps(const Cidr& network, TimePoint now) const;
  [[nodiscard]] std::vector<IpAddress> all(TimePoint now) const;

 private:
  static constexpr std::size_t kMax = 64;
  Guarded<std::map<IpAddress, TimePoint>> seen_;
};

}  // namespace kavach::guard
