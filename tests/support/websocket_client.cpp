#include "support/websocket_client.h"

namespace kavach::test {

std::string client_frame(unsigned first_byte, std::string_view payload, std::uint32_t mask) {
  std::string out;
  const auto add = [&](std::uint64_t value, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0;) out += static_cast<char>((value >> (8U * i)) & 0xFFU);
  };
  add(first_byte, 1);
  if (payload.size() < 126) {
    add(0x80U | payload.size(), 1);
  } else if (payload.size() <= 0xFFFF) {
    add(0x80U | 126U, 1);
    add(payload.size(), 2);
  } else {
    add(0x80U | 127U, 1);
    add(payload.size(), 8);
  }
  add(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    const auto key = static_cast<unsigned char>(mask >> (8U * (3U - i % 4)));
    out += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ key);
  }
  return out;
}

std::string close_payload(unsigned code, std::string_view reason) {
  std::string out;
  out += static_cast<char>(code >> 8U);
  out += static_cast<char>(code & 0xFFU);
  return out.append(reason);
}

unsigned ServerFrame::close_code() const {
  if (first_byte != 0x88 || payload.size() < 2) return 0;
  return static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
}

WebSocketClient::WebSocketClient(std::uint16_t port, std::string_view path, std::string_view extensions) : tcp_{port} {
  const std::string offer = extensions.empty() ? "" : "Sec-WebSocket-Extensions: " + std::string{extensions} + "\r\n";
  tcp_.send(request_text("GET", path, {},
                         "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                         "Sec-WebSocket-Version: 13\r\n"
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + offer));
  reply_ = tcp_.read_reply();
  status_ = reply_.status;
}

bool WebSocketClient::fill(std::size_t count) {
  if (buffer_.size() < count) buffer_ += tcp_.read_bytes(count - buffer_.size());
  return buffer_.size() >= count;
}

ServerFrame WebSocketClient::read_frame() {
  if (!fill(2)) return {};
  std::size_t length = static_cast<unsigned char>(buffer_[1]);
  std::size_t head = 2;
  if (length == 126 || length == 127) {
    const std::size_t bytes = length == 126 ? 2 : 8;
    if (!fill(2 + bytes)) return {};
    length = 0;
    for (std::size_t i = 0; i < bytes; ++i) length = length * 256 + static_cast<unsigned char>(buffer_[2 + i]);
    head += bytes;
  }
  if (!fill(head + length)) return {};
  ServerFrame frame{static_cast<unsigned char>(buffer_[0]), buffer_.substr(head, length)};
  buffer_.erase(0, head + length);
  return frame;
}

}  // namespace kavach::test
