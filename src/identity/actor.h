#pragma once

// On whose behalf something is changed, for the audit record that goes with it.

#include <string>
#include <utility>
#include <vector>

#include "audit/event.h"
#include "core/net_address.h"

namespace kavach::identity {

struct Actor {
  std::string name;        ///< user name, `cli`, `system`, or empty for anonymous
  std::string address;     ///< canonical client address, or empty
  std::string request_id;  ///< empty when no request caused it

  [[nodiscard]] audit::Event event(std::string kind, std::vector<audit::EventField> fields = {}) const {
    return {std::move(kind), name, address, request_id, std::move(fields)};
  }
};

/// The network attempts are counted by: an IPv4 address or an IPv6 /64. Empty where there is no address.
[[nodiscard]] inline std::string source_of(const Actor& actor) {
  const auto address = IpAddress::parse(actor.address);
  return address ? Cidr::offender(*address).text() : std::string{};
}

}  // namespace kavach::identity
