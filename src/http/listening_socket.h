#pragma once

// Opening the listening sockets. Several threads listen on one port through SO_REUSEPORT, which would
// also let a second gateway of the same user share the port without a word; so the port is first
// proved to be free.

#include <cstdint>

#include "core/net_address.h"
#include "core/result.h"

namespace kavach::http {

/// A descriptor that closes itself.
class ListeningSocket {
 public:
  /// Binds and listens. With `shared`, others of this process may bind the same port.
  [[nodiscard]] static Result<ListeningSocket> open(const IpAddress& address, std::uint16_t port,
                                                    bool shared);
  /// Unavailable when somebody listens on this port already.
  [[nodiscard]] static Result<void> prove_free(const IpAddress& address, std::uint16_t port);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  [[nodiscard]] std::uint16_t port() const;
  /// Hands the descriptor over.
  [[nodiscard]] int release();

 private:
  explicit ListeningSocket(int descriptor) : descriptor_{descriptor} {}
  [[nodiscard]] static Result<ListeningSocket> bound(const IpAddress& address, std::uint16_t port,
                                                     bool shared);
  int descriptor_;
};

}  // namespace kavach::http
