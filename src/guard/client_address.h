#pragma once

// Who is really calling. One canonical client address per request: the socket's peer, or, only when
// that peer is a trusted proxy, the nearest address in the forwarded headers that is not one itself.
// The pipeline asks once per request; everything later (bans, limits, records) uses the answer.
//
// Immutable after construction, so any thread may ask. Invariant: a header that no trusted proxy
// vouches for changes nothing.

#include <optional>
#include <string_view>
#include <vector>

#include "core/net_address.h"
#include "http/message.h"

namespace kavach::guard {

struct ClientAddress {
  IpAddress address;
  bool secure{false};     ///< HTTPS at us, or at the trusted proxy (X-Forwarded-Proto, `proto=`)
  bool through_proxy{false};  ///< the address came from a header a trusted proxy vouched for
  /// Two kinds of forwarded header name different clients: at least one was made up by the client and
  /// passed on by the proxy. Refuse the request, for nobody knows whom to judge.
  bool ambiguous{false};
  /// Forwarded headers from a private or loopback peer while no proxy is trusted: all clients probably
  /// share this address. Say so, and do not ban it.
  bool unknown_proxy{false};
};

class ClientAddressResolver {
 public:
  explicit ClientAddressResolver(std::vector<Cidr> trusted_proxies);

  [[nodiscard]] ClientAddress resolve(const http::RequestHead& head) const;
  [[nodiscard]] bool is_trusted_proxy(const IpAddress& address) const;
  [[nodiscard]] const std::vector<Cidr>& trusted_proxies() const { return trusted_; }

 private:
  [[nodiscard]] std::optional<IpAddress> nearest_untrusted(const std::vector<std::string_view>& hops,
                                                           const IpAddress& peer) const;
  [[nodiscard]] bool is_secure(const http::RequestHead& head) const;

  const std::vector<Cidr> trusted_;
};

/// One hop as proxies write it: `1.2.3.4`, `1.2.3.4:567`, `::1`, `[::1]:567`, with optional quotes.
/// Nothing for `unknown`, obfuscated names (`_gateway`) and anything else.
[[nodiscard]] std::optional<IpAddress> parse_hop(std::string_view text);

}  // namespace kavach::guard
