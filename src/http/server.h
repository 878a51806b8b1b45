#pragma once

// The HTTP/1.1 and WebSocket server. The composition root constructs one with the guard's pipeline
// as its Handler; nothing else in the program opens a listening socket.
//
// Each I/O thread has its own event loop and its own listening sockets (SO_REUSEPORT), and a
// connection lives and dies on the thread that accepted it. The Handler, Clock and Logger must
// outlive the server. The public functions are for the owner's thread, except where noted.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "core/net_address.h"
#include "core/result.h"
#include "http/handler.h"
#include "http/limits.h"

namespace kavach::http {

struct ListenSettings {
  IpAddress address{};
  std::uint16_t port{0};      ///< 0: the kernel chooses, see `Server::port`
  bool tls{false};            ///< needs `ServerSettings::tls`
  bool proxy_protocol{false};  ///< peers in `proxies` must send a PROXY v2 header, others must not
};

struct TlsFiles {
  std::filesystem::path certificate_chain;  ///< PEM, leaf first
  std::filesystem::path private_key;        ///< PEM
};

struct ServerSettings {
  std::vector<ListenSettings> listeners;
  std::size_t io_threads{0};  ///< 0: one per core
  ServerLimits limits{};
  /// Peers that speak for others: they may send PROXY headers and are exempt from the limit on
  /// connections per address.
  std::vector<Cidr> proxies;
  std::optional<TlsFiles> tls;
};

/// Totals since the start; thread-safe to read.
struct ServerCounters {
  std::uint64_t connections_accepted{0};
  std::uint64_t connections_refused{0};  ///< by a limit or by `Handler::admit_connection`
  std::uint64_t connections_evicted{0};  ///< gave way to newcomers when all places were taken
  std::uint64_t connections_open{0};
  std::uint64_t requests{0};             ///< handed to `Handler::handle`
  std::uint64_t requests_refused{0};     ///< malformed, too large, too slow
  std::uint64_t accept_failures{0};      ///< out of descriptors or memory
};

class Server {
 public:
  Server(ServerSettings settings, Handler& handler, const Clock& clock, Logger& logger);
  ~Server();  ///< stops without a grace period if it is still running
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds every listener and starts the threads; once. Fails with Unavailable when a port is in use (also by
  /// another process that would share it), with InvalidInput when the certificate cannot be used.
  [[nodiscard]] Result<void> start();

  /// Stops accepting, closes idle connections, says 1001 to WebSockets, lets accepted requests finish.
  /// After `grace` the connections still open are cut. A handler's task that is still running then
  /// is waited for, because an order is never abandoned half-way. Idempotent.
  void stop(std::chrono::milliseconds grace);

  /// The port of `listeners[index]`, known after `start`.
  [[nodiscard]] std::uint16_t port(std::size_t index = 0) const;

  /// Reads certificate and key again; connections made from now on use them. On failure the old ones
  /// stay. Any thread.
  [[nodiscard]] Result<void> reload_tls();

  [[nodiscard]] ServerCounters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kavach::http
