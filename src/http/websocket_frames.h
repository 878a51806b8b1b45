#pragma once

// WebSocket framing (RFC 6455, 5), server side, as functions over bytes: no socket and no clock.
// `FrameReader` assembles messages from masked client frames and refuses what the RFC refuses, with
// the close code to use. A length is checked before a byte of it is stored, compressed messages (RFC
// 7692) are bounded while they are inflated, and text is checked as it arrives, so a bad message costs no
// more than its first bad byte.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/utf8_stream.h"
#include "http/websocket_deflate.h"

namespace kavach::http {

namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kNoStatus = 1005;   ///< never sent: a close frame without a code
inline constexpr std::uint16_t kAbnormal = 1006;   ///< never sent: the connection just ended
inline constexpr std::uint16_t kInvalidText = 1007;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooLarge = 1009;
}  // namespace close_code

enum class Opcode : std::uint8_t {
  Continuation = 0x0,
  Text = 0x1,
  Binary = 0x2,
  Close = 0x8,
  Ping = 0x9,
  Pong = 0xA,
};

/// An unmasked, unfragmented server frame.
[[nodiscard]] std::string encode_frame(Opcode opcode, std::string_view payload);
/// The same around a payload that is compressed already.
[[nodiscard]] std::string encode_deflated_frame(Opcode opcode, std::string_view deflated);
/// The reason is cut to the 123 bytes a control frame has room for, between characters.
[[nodiscard]] std::string encode_close(std::uint16_t code, std::string_view reason);
/// Codes a peer may put on the wire (7.4).
[[nodiscard]] bool is_valid_close_code(std::uint16_t code);

class FrameReader {
 public:
  /// `may_inflate` when the handshake agreed on permessage-deflate.
  explicit FrameReader(bool may_inflate = false) : may_inflate_{may_inflate} {}

  enum class Kind {
    NeedsMore,
    Fragment,  ///< a fragment of a message ended; there may be more input
    Message,   ///< `payload()` is whole; valid UTF-8 when `is_text()`
    Ping,      ///< `payload()` must be sent back
    Pong,
    Close,     ///< `code()`: what the peer said, kNoStatus when it said nothing
    Failed,    ///< `code()`: what to close with
  };

  /// Takes bytes up to the end of the next frame. `payload()` is valid until the next call. After
  /// Close or Failed nothing more may be fed.
  [[nodiscard]] Kind feed(std::string_view input, std::size_t message_bytes_max, std::size_t& consumed);

  [[nodiscard]] std::string_view payload() const { return in_control_ ? control_ : message_; }
  [[nodiscard]] bool is_text() const { return message_opcode_ == Opcode::Text; }
  [[nodiscard]] std::uint16_t code() const { return code_; }

 private:
  bool fail(std::uint16_t code);
  bool take_header(std::size_t message_bytes_max);
  [[nodiscard]] bool check_start() const;
  [[nodiscard]] bool check_opcode(unsigned opcode, bool is_final) const;
  void start_message();
  bool take_payload(std::string_view masked, std::size_t message_bytes_max);
  bool check_inflated(MessageInflater::Outcome outcome, std::size_t start);
  Kind end_frame(std::size_t message_bytes_max);
  Kind end_close();
  [[nodiscard]] std::size_t header_bytes_needed() const;

  static constexpr std::size_t kHeaderMax = 14;
  static constexpr std::size_t kKeptCapacity = 16 * 1024;

  const bool may_inflate_;
  std::array<unsigned char, kHeaderMax> header_{};
  std::size_t header_size_{0};
  bool in_payload_{false};

  bool is_final_{false};
  bool in_control_{false};
  Opcode opcode_{Opcode::Continuation};
  std::array<unsigned char, 4> mask_{};
  std::uint64_t left_{0};         ///< payload bytes still to come in this frame
  std::size_t mask_offset_{0};

  bool in_message_{false};        ///< a fragmented message has begun
  bool message_is_over_{false};   ///< the buffer holds a message already handed out
  Opcode message_opcode_{Opcode::Text};
  std::string message_;
  std::size_t wire_bytes_{0};     ///< of the message's frames, as they were sent
  std::optional<MessageInflater> inflater_;  ///< while a compressed message is being read
  std::string control_;
  Utf8Stream text_;
  std::uint16_t code_{0};
};

}  // namespace kavach::http
