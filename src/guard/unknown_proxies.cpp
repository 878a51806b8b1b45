#include "guard/unknown_proxies.h"

#include <algorithm>

namespace kavach::guard {
namespace {

constexpr auto kRemembered = std::chrono::hours{24};

}  // namespace

bool UnknownProxies::note(const IpAddress& peer, TimePoint now) {
  return seen_.with([&](auto& seen) {
    const auto known = seen.find(peer);
    if (known != seen.end()) {
      known->second = now;
      return false;
    }
    if (seen.size() >= kMax) {
      seen.erase(std::ranges::min_element(seen, {}, [](const auto& entry) { return entry.second; }));
    }
    seen.emplace(peer, now);
    return true;
  });
}

std::vector<IpAddress> UnknownProxies::all(TimePoint now) const {
  return seen_.with([&](const auto& seen) {
    std::vector<IpAddress> out;
    for (const auto& [address, at] : seen) {
      if (now - at < kRemembered) out.push_back(address);
    }
    return out;
  });
}

bool UnknownProxies::contains(const IpAddress& address, TimePoint now) const {
  return std::ranges::any_of(all(now), [&](const IpAddress& proxy) { return proxy == address; });
}

bool UnknownProxies::overlaps(const Cidr& network, TimePoint now) const {
  return std::ranges::any_of(all(now), [&](const IpAddress& proxy) { return network.contains(proxy); });
}

}  // namespace kavach::guard
