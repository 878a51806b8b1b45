#pragma once

// Plain request and reply types. Handlers see these and never the HTTP library, so they compile fast
// and are tested without a socket.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/executor.h"
#include "core/net_address.h"
#include "core/result.h"
#include "core/task.h"

namespace kavach::http {

enum class Method { Get, Head, Post, Put, Patch, Delete, Options, Other };
[[nodiscard]] std::string_view name_of(Method method);

struct Header {
  std::string name;  ///< as received; compare with `header()`, which ignores case
  std::string value;
};

/// What a handler wants to remember between `admit` and `handle` of one request.
class Admission {
 public:
  virtual ~Admission() = default;
};

/// The request line and headers, complete and within limits, before the body is read.
struct RequestHead {
  Method method{Method::Get};
  std::string method_text;
  std::string path;   ///< percent-decoded once, normalised, starts with `/`, valid UTF-8, no NUL
  std::string query;  ///< raw, without `?`
  std::vector<Header> headers;
  IpAddress peer;            ///< the socket's other end (or PROXY protocol's source)
  std::uint16_t local_port{0};
  bool tls{false};
  std::string request_id;    ///< ours, 16 hex characters; a client's own is never trusted
  Monotonic received_at{};   ///< when the head, or the body if there is one, was complete

  std::shared_ptr<Admission> admission{};  ///< set by `Handler::admit`, shared because heads are copied

  /// The first value, or empty. Names ignore case.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] std::size_t header_count(std::string_view name) const;
};

struct Request : RequestHead {
  std::string body;
  /// First value of a query parameter, percent-decoded; empty when absent or malformed.
  [[nodiscard]] std::string query_value(std::string_view name) const;
  [[nodiscard]] bool has_query(std::string_view name) const;
  [[nodiscard]] std::string_view cookie(std::string_view name) const;
};

class WebSocketListener;  // http/websocket.h

/// A body that is made while it is sent. Asked on the connection's thread for one piece after the other, each
/// when the one before is with the client's kernel; must not block it.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// The next piece; an empty one ends the body. An error cuts the connection, which is how a client learns
  /// that what it has is not whole.
  [[nodiscard]] virtual Task<Result<std::string>> next(Executor& executor) = 0;
};

struct Response {
  int status{200};
  std::string content_type{"application/json"};
  std::vector<Header> headers;
  std::string body;
  bool close{false};  ///< close the connection after this reply
  /// In a refusal by `Handler::admit`: the connection's place stays taken for its address a while longer.
  bool withholds_place{false};
  /// Why the handler itself refuses, as a stable token for the records; empty: it answered.
  std::string_view refusal{};
  /// The caller has proved who he is: his connection is among the last to give way to others.
  bool to_known_caller{false};
  /// In place of `body`. Shared because replies are copied; one connection uses it.
  std::shared_ptr<BodySource> body_source{};
  /// Set on a 101: the connection becomes a WebSocket that reports to this listener.
  std::shared_ptr<WebSocketListener> upgrade{};

  [[nodiscard]] static Response json(int status, std::string body);
  [[nodiscard]] static Response text(int status, std::string body);
  Response& with(std::string name, std::string value);
};

}  // namespace kavach::http
