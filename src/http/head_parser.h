#pragma once

// The request line and header section (RFC 9112), strict, as a function over bytes: no socket, no
// clock, so it can be fuzzed and its table of attacks runs without a server. The connection owns one
// and feeds it the unread input each time more has arrived; work done on earlier bytes is not repeated.
//
// Everything that two HTTP implementations are known to read differently is refused with 400: bare
// CR or LF, folded lines, blanks before the colon, both kinds of body length, doubled or signed
// lengths, transfer codings other than `chunked`.

#include <cstddef>
#include <string_view>

#include "http/limits.h"
#include "http/message.h"
#include "http/refusal.h"

namespace kavach::http {

enum class BodyFraming { None, Length, Chunked };

/// What the head says, and what it means for the connection.
struct ParsedHead {
  RequestHead head;  ///< method, path, query and headers; the connection fills in the rest
  BodyFraming framing{BodyFraming::None};
  std::size_t content_length{0};
  bool keep_alive{true};
  bool is_http_1_0{false};
  bool expects_continue{false};
};

class HeadParser {
 public:
  enum class State { NeedsMore, Done, Refused };

  explicit HeadParser(const ServerLimits& limits) : limits_{limits} {}

  /// `input` starts at the first byte of the head and only grows between calls.
  [[nodiscard]] State parse(std::string_view input);

  /// When done: how many bytes the head took.
  [[nodiscard]] std::size_t bytes() const { return line_start_; }
  [[nodiscard]] ParsedHead& result() { return parsed_; }
  /// When refused.
  [[nodiscard]] Refusal refusal() const { return refusal_; }
  /// Ready for the next request.
  void reset();

 private:
  bool refuse(int status, std::string_view reason);
  bool take_line(std::string_view line);
  bool take_request_line(std::string_view line);
  bool take_version(std::string_view version);
  bool take_header(std::string_view line);
  bool note(const Header& header);
  bool note_content_length(std::string_view value);
  bool note_connection(std::string_view value);
  bool finish();

  const ServerLimits& limits_;
  std::size_t scanned_{0};     ///< no line end before this offset is unknown
  std::size_t line_start_{0};
  bool has_request_line_{false};
  bool is_http_1_0_{false};
  bool has_length_{false};
  bool has_chunked_{false};
  std::string authority_;  ///< of an absolute-form target
  std::string host_;
  bool has_host_{false};
  bool asks_close_{false};
  ParsedHead parsed_;
  Refusal refusal_{};
};

}  // namespace kavach::http
