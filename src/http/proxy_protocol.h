#pragma once

// The binary PROXY protocol header, version 2 (HAProxy, "The PROXY protocol", 2.2), as a function over
// bytes. It says who is behind a proxy, so it is believed only from the configured proxies. Version 1
// is refused: its text form is easy to smuggle and no current proxy needs it.

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/net_address.h"

namespace kavach::http {

struct ProxyHeader {
  enum class State { NeedsMore, Done, Refused };
  State state{State::NeedsMore};
  /// Done: the length of the header. NeedsMore: at least this many bytes are needed to go on; never more
  /// than the header itself has, so a caller that reads no further leaves the next protocol untouched.
  std::size_t bytes{0};
  /// The client's address; nothing when the proxy speaks for itself (a health check).
  std::optional<IpAddress> source;
};

/// `input` starts at the first byte of the connection.
[[nodiscard]] ProxyHeader parse_proxy_header(std::string_view input);

inline constexpr std::size_t kProxyHeaderBytesMax = 1'024;

}  // namespace kavach::http
