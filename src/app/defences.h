#pragma once

// The ban machinery over a foundation: what the gateway and the ban commands both need.

#include <memory>

#include "app/foundation.h"
#include "guard/allow_list.h"
#include "guard/ban_protection.h"
#include "guard/bans.h"
#include "guard/client_address.h"
#include "guard/unknown_proxies.h"

namespace kavach::app {

struct Defences {
  explicit Defences(Foundation& base);
  /// Reads the stored bans and allowed networks.
  [[nodiscard]] Result<void> load();

  Foundation& base;
  guard::ClientAddressResolver addresses;
  guard::UnknownProxies unknown_proxies;
  guard::AllowList allow_list;
  guard::BanProtection protection;
  guard::Bans bans;
};

/// The next hop of the IPv4 default route (inside a container: where all clients of a published port
/// may seem to come from), from /proc/net/route; nothing when there is none.
[[nodiscard]] std::optional<IpAddress> default_gateway();

}  // namespace kavach::app
