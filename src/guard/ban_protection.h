#pragma once

// Never lock out the owner: which bans are refused, and which ask again and say what will happen. Pure
// over what it is given; any thread.

#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/net_address.h"
#include "guard/allow_list.h"
#include "guard/unknown_proxies.h"

namespace kavach::guard {

struct BanJudgement {
  enum class Outcome { Allowed, NeedsConfirmation, Refused };
  Outcome outcome{Outcome::Allowed};
  std::string consequence;  ///< what would happen, in a sentence or two; empty when allowed
};

class BanProtection {
 public:
  /// `gateway`: the default route's next hop, read once at start; inside a container all clients of a
  /// published port may arrive from it.
  BanProtection(std::vector<Cidr> trusted_proxies, std::optional<IpAddress> gateway, const AllowList& allow_list,
                const UnknownProxies& unknown_proxies);

  /// `caller`: the address of whoever asks for the ban; nothing when the gateway itself does, and then
  /// what would need a confirmation is refused.
  [[nodiscard]] BanJudgement judge(const Cidr& network, const std::optional<IpAddress>& caller,
                                   TimePoint now) const;

  /// Addresses whose requests are served whatever the ban list says.
  [[nodiscard]] bool is_exempt(const IpAddress& address) const;

 private:
  [[nodiscard]] std::string why_never(const Cidr& network) const;

  const std::vector<Cidr> trusted_proxies_;
  const std::optional<IpAddress> gateway_;
  const AllowList& allow_list_;
  const UnknownProxies& unknown_proxies_;
};

}  // namespace kavach::guard
