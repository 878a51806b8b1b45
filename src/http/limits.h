#pragma once

// Every bound the server puts on a client, in one place. All are settable, so tests use milliseconds
// and bytes where production uses seconds and kilobytes. There is no value that means "unlimited".
//
// Deadlines are measured on the Clock given to the server and checked once per `tick`, so they are
// late by at most one tick. The ones that cover a transfer give every byte a price: a peer that
// moves at least `rate_bytes_per_second_min` is never cut before the total, a trickle always is.

#include <chrono>
#include <cstddef>

namespace kavach::http {

struct ServerLimits {
  // Request head (RFC 9112, 3 and 5).
  std::size_t request_line_bytes_max{8 * 1024};  ///< more: 414
  std::size_t head_bytes_max{16 * 1024};         ///< request line and headers; more: 431
  std::size_t header_count_max{64};              ///< more: 431

  // Time.
  std::chrono::milliseconds tls_handshake_max{5'000};
  std::chrono::milliseconds head_max{10'000};        ///< first byte to end of head; then 408
  std::chrono::milliseconds body_grace{10'000};      ///< before the minimum rate counts
  std::chrono::milliseconds body_max{60'000};        ///< the whole body; then 408
  std::chrono::milliseconds write_grace{10'000};     ///< a reply nobody reads
  std::chrono::milliseconds write_max{120'000};      ///< a reply read slowly
  std::size_t rate_bytes_per_second_min{1'024};
  /// The bodies of strangers that are on their way, together; beyond it 503 (http/body_budget.h).
  std::size_t strangers_body_bytes_max{64 * 1024 * 1024};
  std::chrono::milliseconds keep_alive_idle{60'000};
  std::chrono::milliseconds linger_max{1'000};  ///< how long unread input is drained after a refusal
  std::size_t linger_bytes_max{256 * 1024};
  std::chrono::milliseconds tick{100};          ///< resolution of every deadline above

  // Connections.
  std::size_t requests_per_connection_max{100'000};
  std::size_t connections_max{16'384};  ///< beyond it the one that waits longest gives way
  std::size_t connections_per_address_max{256};  ///< per IPv4 address or IPv6 /64; proxies exempt
  /// How long the place of a connection that a defence ended stays taken for its address, so that calling
  /// again at once gains nothing.
  std::chrono::milliseconds place_withheld{5'000};
  std::size_t accepts_at_once{64};  ///< before other connections get their turn

  // WebSocket.
  std::chrono::milliseconds websocket_close_max{1'000};  ///< wait for the peer's close frame
  std::chrono::milliseconds websocket_stall_max{30'000};  ///< queued output without progress
  std::size_t websocket_queue_bytes_max{8 * 1024 * 1024};  ///< the connection is cut beyond it
  /// Pings, pongs and fragments, which no message limit sees; more close with 1008.
  std::size_t websocket_control_frames_per_second_max{64};
};

}  // namespace kavach::http
