#include "http/listening_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace kavach::http {
namespace {

constexpr int kBacklog = 4'096;
// What the kernel may hold unsent for one client. It would take 4 MiB: that much memory for everybody who does
// not read, and prices of minutes ago that nothing could overtake any more.
constexpr int kUnsentBytesMax = 128 * 1024;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size{0};
};

SocketAddress socket_address(const IpAddress& address, std::uint16_t port) {
  SocketAddress result;
  if (address.is_v4()) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    std::memcpy(&four.sin_addr, address.bytes().data() + 12, 4);
    std::memcpy(&result.storage, &four, sizeof four);
    result.size = sizeof four;
  } else {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&six.sin6_addr, address.bytes().data(), 16);
    std::memcpy(&result.storage, &six, sizeof six);
    result.size = sizeof six;
  }
  return result;
}

std::unexpected<Error> cannot_listen(const IpAddress& address, std::uint16_t port, int error) {
  const std::string place = address.text() + " port " + std::to_string(port);
  const std::string detail = std::generic_category().message(error);
  if (error == EADDRINUSE) {
    return fail(ErrorCode::Unavailable,
                place + " is in use: stop the program that listens there, or choose another port", detail);
  }
  return fail(ErrorCode::Unavailable, "Cannot listen on " + place, detail);
}

}  // namespace

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)} {}

ListeningSocket::~ListeningSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int ListeningSocket::release() { return std::exchange(descriptor_, -1); }

Result<ListeningSocket> ListeningSocket::bound(const IpAddress& address, std::uint16_t port,
                                               bool shared) {
  const int family = address.is_v4() ? AF_INET : AF_INET6;
  ListeningSocket made{::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP)};
  if (made.descriptor_ < 0) return cannot_listen(address, port, errno);
  const int on = 1;
  const int off = 0;
  ::setsockopt(made.descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Inherited by every connection that is accepted.
  ::setsockopt(made.descriptor_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytesMax, sizeof kUnsentBytesMax);
  if (shared) ::setsockopt(made.descriptor_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(made.descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  const SocketAddress where = socket_address(address, port);
  if (::bind(made.descriptor_, reinterpret_cast<const sockaddr*>(&where.storage), where.size) != 0) {
    return cannot_listen(address, port, errno);
  }
  return made;
}

Result<ListeningSocket> ListeningSocket::open(const IpAddress& address, std::uint16_t port,
                                              bool shared) {
  auto made = bound(address, port, shared);
  if (made && ::listen(made->descriptor_, kBacklog) != 0) return cannot_listen(address, port, errno);
  return made;
}

Result<void> ListeningSocket::prove_free(const IpAddress& address, std::uint16_t port) {
  if (port == 0) return {};
  const auto probe = bound(address, port, false);
  if (!probe) return pass_on(probe);
  return {};
}

std::uint16_t ListeningSocket::port() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  if (storage.ss_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &storage, sizeof four);
    return ntohs(four.sin_port);
  }
  sockaddr_in6 six{};
  std::memcpy(&six, &storage, sizeof six);
  return ntohs(six.sin6_port);
}

}  // namespace kavach::http
