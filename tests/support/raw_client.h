#pragma once

// A blocking TCP client that sends exactly the bytes it is told to, for tests of the server. Every
// wait ends after ten seconds, so a broken server fails a test and does not hang it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kavach::test {

struct RawReply {
  int status{0};  ///< 0: the connection ended before a whole reply came
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// The first value, or empty; names ignore case.
  [[nodiscard]] std::string header(std::string_view name) const;
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, const char* address = "127.0.0.1");
  /// From a certain local address (all of 127.0.0.0/8 is ours).
  RawClient(std::uint16_t port, const char* address, const char* from);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;

  [[nodiscard]] bool is_connected() const { return descriptor_ >= 0; }
  /// False when the server has closed the connection.
  bool send(std::string_view bytes);
  /// One reply, leaving what follows it for the next call. `to_head`: it has no body.
  [[nodiscard]] RawReply read_reply(bool to_head = false);
  /// At least `count` bytes; fewer when the connection ends.
  [[nodiscard]] std::string read_bytes(std::size_t count);
  /// Everything until the server closes.
  [[nodiscard]] std::string read_to_end();
  /// Whether the server closes the connection (or resets it) without sending more.
  [[nodiscard]] bool is_closed_by_server();
  /// Makes this client a slow reader: little fits between it and the server.
  void shrink_receive_buffer();
  void finish_sending();
  void reset();  ///< closes with a reset
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  void connect_to(std::uint16_t port, const char* address, const char* from);
  bool receive_more();
  int descriptor_{-1};
  std::string unread_;
};

/// A whole request with Host and Content-Length.
[[nodiscard]] std::string request_text(std::string_view method, std::string_view target,
                                       std::string_view body = {}, std::string_view more_headers = {});

}  // namespace kavach::test
