#pragma once

// What a WebSocket server must do with good and bad frames (RFC 6455, RFC 7692), as a table of what the client
// sends and what must come back from a server that echoes. It follows the chapters of the Autobahn test suite:
// 1 framing, 2 pings, 3 reserved bits, 4 opcodes, 5 fragmentation, 6 UTF-8, 7 closing, 9 and 10 sizes, 12 and 13
// compression.

#include <string>
#include <string_view>
#include <vector>

namespace kavach::http::conformance {

struct Expected {
  unsigned first_byte;
  std::string payload;
};

struct Case {
  std::string name;
  std::string sent;
  std::vector<Expected> echoed;
  unsigned close{0};        ///< the code the server must close with; 0: it stays open
  bool is_reserved{false};  ///< about RSV1, which means something once compression is agreed on
};

inline constexpr unsigned kText = 0x81;
inline constexpr unsigned kTextStart = 0x01;
inline constexpr unsigned kBinary = 0x82;
inline constexpr unsigned kBinaryStart = 0x02;
inline constexpr unsigned kMore = 0x00;
inline constexpr unsigned kEnd = 0x80;
inline constexpr unsigned kClose = 0x88;
inline constexpr unsigned kPing = 0x89;
inline constexpr unsigned kPong = 0x8A;
inline constexpr unsigned kDeflatedText = 0xC1;

/// Chapters 1 to 5, 7, 9 and 10. No case has a message above `kLargest`.
inline constexpr std::size_t kLargest = 1'000'000;
[[nodiscard]] std::vector<Case> framing_cases();
/// Chapter 6.
[[nodiscard]] std::vector<Case> text_cases();
/// Chapters 12 and 13, once compression is agreed on.
[[nodiscard]] std::vector<Case> compressed_cases();
/// What a client may offer that is taken (13.1 to 13.7).
[[nodiscard]] std::vector<std::string> compression_offers();
/// A compressed message as a client sends it.
[[nodiscard]] std::string deflated(std::string_view text);
/// `payload` as one message cut into frames of `step` bytes.
[[nodiscard]] std::string fragmented(unsigned first_byte, std::string_view payload, std::size_t step);

}  // namespace kavach::http::conformance
