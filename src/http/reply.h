#pragma once

// Turns a Response into bytes, appended to one buffer that the connection reuses and sends at once.

#include <string>
#include <string_view>

#include "http/message.h"
#include "http/refusal.h"

namespace kavach::http {

/// What the connection adds to every reply.
struct ReplyFrame {
  std::string_view date;
  std::string_view request_id;
  bool closes{false};
  bool omits_body{false};  ///< answer to HEAD: the length of the body without the body
  bool knows_chunks{true};  ///< false for HTTP/1.0, where the end of the connection ends a body made on the way
};

/// False, with `out` unchanged, when a header of the response could split it into two (a line break
/// or another control character): the caller answers 500 instead. Framing headers that a handler set
/// (Content-Length, Transfer-Encoding, Connection, Date, X-Request-ID) are dropped; the server owns them.
[[nodiscard]] bool append_reply(std::string& out, const Response& response, const ReplyFrame& frame);

/// The server's own words for a request it refused: JSON with status and message.
[[nodiscard]] Response refusal_reply(const Refusal& refusal);

[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace kavach::http
