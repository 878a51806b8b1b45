#pragma once

// The chunked transfer coding (RFC 9112, 7.1), strict and incremental, over bytes. Chunk extensions
// and trailers are refused: no client of ours sends them, and they are how requests are smuggled.

#include <cstddef>
#include <string>
#include <string_view>

#include "http/refusal.h"

namespace kavach::http {

class ChunkedBody {
 public:
  enum class State { NeedsMore, Done, Refused };

  /// Takes what it can from `input`, appends content to `body` and says in `consumed` how much of
  /// `input` it has used. More than `body_bytes_max` of content is refused with 413 as soon as a chunk
  /// announces it.
  [[nodiscard]] State feed(std::string_view input, std::size_t body_bytes_max, std::string& body,
                           std::size_t& consumed);
  [[nodiscard]] Refusal refusal() const { return refusal_; }
  void reset() { *this = ChunkedBody{}; }

 private:
  enum class Expecting { FirstDigit, Digit, SizeLf, Content, ContentCr, ContentLf, EndCr, EndLf };

  bool refuse(int status, std::string_view reason);
  bool take_size_digit(char c);
  bool take_framing(char c);
  bool end_size_line(std::size_t room);

  Expecting expecting_{Expecting::FirstDigit};
  std::size_t size_{0};    ///< of the current chunk, then what is left of it
  unsigned digits_{0};
  bool done_{false};
  Refusal refusal_{};
};

}  // namespace kavach::http
