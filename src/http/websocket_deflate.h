#pragma once

// Compression of single WebSocket messages (RFC 7692), without context between them. The only place that
// knows zlib. An inflater is bounded while it works, not afterwards: it stops at the first byte over the
// limit, and its memory, at most 48 KiB, lives no longer than its message. Not thread-safe.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace kavach::http {

struct EndsInflating {
  void operator()(z_stream_s* stream) const;
};
struct EndsDeflating {
  void operator()(z_stream_s* stream) const;
};

/// One message's payload, as its bytes arrive.
class MessageInflater {
 public:
  enum class Outcome { Done, Malformed, TooLarge };

  MessageInflater();
  /// Appends to `out` what `input` stands for; of what is too large, `out_max` bytes.
  /// Precondition: `out` is no longer than that.
  [[nodiscard]] Outcome feed(std::string_view input, std::string& out, std::size_t out_max);
  /// The message is over: supplies the tail that its sender left out (7.2.2). Malformed when the
  /// compressed data stops in the middle.
  [[nodiscard]] Outcome finish(std::string& out, std::size_t out_max);

 private:
  std::unique_ptr<z_stream_s, EndsInflating> stream_;
  bool stream_ended_{false};  ///< a final block came (7.2.3.5); more input begins a new stream
};

/// Compresses one message after another.
class MessageDeflater {
 public:
  MessageDeflater();
  /// The payload of a compressed message, its tail left out (7.2.1).
  [[nodiscard]] std::string deflate(std::string_view payload);

 private:
  std::unique_ptr<z_stream_s, EndsDeflating> stream_;
};

}  // namespace kavach::http
