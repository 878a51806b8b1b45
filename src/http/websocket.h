#pragma once

// A WebSocket connection after its upgrade (RFC 6455), server side. The listener and the connection
// live on one I/O thread; `send` and `close` may be called from any thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/executor.h"
#include "core/net_address.h"

namespace kavach::http {

/// An encoded frame, built once and shared by every client that receives it.
using SharedFrame = std::shared_ptr<const std::string>;
[[nodiscard]] SharedFrame text_frame(std::string_view payload);
/// The same, compressed, for connections that `deflates`.
[[nodiscard]] SharedFrame deflated_text_frame(std::string_view deflated);

class WebSocketConnection {
 public:
  virtual ~WebSocketConnection() = default;
  /// Queues a frame; bytes already waiting count towards `queued_bytes`. Never blocks.
  virtual void send(SharedFrame frame) = 0;
  /// Sends a close frame and ends the connection once it is answered or a second has passed.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  virtual void ping() = 0;
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
  /// Whether the handshake agreed on compression. What is sent decides for itself, frame by frame.
  [[nodiscard]] virtual bool deflates() const = 0;
  [[nodiscard]] virtual Executor& executor() = 0;
  [[nodiscard]] virtual const IpAddress& peer() const = 0;
};

/// All calls on the connection's I/O thread, in order; `closed` is the last.
class WebSocketListener {
 public:
  virtual ~WebSocketListener() = default;
  virtual void opened(std::shared_ptr<WebSocketConnection> connection) = 0;
  /// A whole message: valid UTF-8 when `is_text`.
  virtual void message(std::string_view payload, bool is_text) = 0;
  virtual void pong() = 0;
  /// The client broke the framing, the text or a bound; the connection is being closed with `code`.
  virtual void violated(std::uint16_t code) = 0;
  /// The kernel took everything that was queued: the client keeps up.
  virtual void drained() = 0;
  virtual void closed(std::uint16_t code) = 0;
  /// The largest message this listener accepts at this moment; larger ones close with 1009.
  [[nodiscard]] virtual std::size_t message_bytes_max() const = 0;
};

}  // namespace kavach::http
