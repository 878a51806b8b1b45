#pragma once

// The client's side of a WebSocket, as raw as the tests need it: every bit of a frame can be wrong.

#include <cstdint>
#include <string>
#include <string_view>

#include "support/raw_client.h"

namespace kavach::test {

/// A client frame. `first_byte` is FIN, RSV and opcode.
[[nodiscard]] std::string client_frame(unsigned first_byte, std::string_view payload,
                                       std::uint32_t mask = 0x37FA213D);
/// The payload of a close frame.
[[nodiscard]] std::string close_payload(unsigned code, std::string_view reason = {});

struct ServerFrame {
  unsigned first_byte{0};  ///< 0: the connection ended
  std::string payload;
  [[nodiscard]] unsigned close_code() const;
};

/// Connects and upgrades.
class WebSocketClient {
 public:
  /// `extensions` is what the client offers, as the header's value.
  explicit WebSocketClient(std::uint16_t port, std::string_view path = "/ws", std::string_view extensions = {});

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const RawReply& upgrade_reply() const { return reply_; }
  bool send(std::string_view bytes) { return tcp_.send(bytes); }
  [[nodiscard]] ServerFrame read_frame();
  [[nodiscard]] bool is_closed_by_server() { return buffer_.empty() && tcp_.is_closed_by_server(); }
  [[nodiscard]] RawClient& tcp() { return tcp_; }

 private:
  [[nodiscard]] bool fill(std::size_t count);
  RawClient tcp_;
  RawReply reply_;
  int status_{0};
  std::string buffer_;
};

}  // namespace kavach::test
