#pragma once

// The seam between the server and what answers. The guard's pipeline implements it.

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/clock.h"
#include "core/executor.h"
#include "core/task.h"
#include "http/message.h"

namespace kavach::http {

/// All calls arrive on an I/O thread and must not block it.
class Handler {
 public:
  virtual ~Handler() = default;

  /// At accept, before TLS and before a byte is read. False closes the socket. (The peer may be a
  /// trusted proxy; the client behind it is judged in `admit`.)
  [[nodiscard]] virtual bool admit_connection(const IpAddress& peer) = 0;

  /// The head is complete, the body is not read. A response refuses the request: it is sent and the
  /// connection closed.
  [[nodiscard]] virtual std::optional<Response> admit(RequestHead& head) = 0;

  /// How large this request's body may be; more is answered 413.
  [[nodiscard]] virtual std::size_t body_bytes_max(const RequestHead& head) = 0;

  /// Answers a whole request. `executor` posts to the I/O thread of this connection; the task is
  /// started, resumed and destroyed there. Must not throw: failures become replies.
  [[nodiscard]] virtual Task<Response> handle(Request request, Executor& executor) = 0;

  /// I/O thread `loop` (0, 1, …) served just now what had been ready for `delay`: how far it is behind.
  virtual void observe_waiting(std::size_t loop, Monotonic delay);

  /// A connection was refused by a limit on connections, or pushed out to make room for another.
  virtual void turned_away(const IpAddress& peer);

  /// A request that never became one: malformed, too large, too slow. `reason` is a stable token.
  /// The server has its own reply for it (`refusal`), which the handler may decorate with headers.
  virtual void refused(const IpAddress& peer, std::string_view reason, Response& refusal) = 0;
};

inline void Handler::observe_waiting(std::size_t, Monotonic) {}
inline void Handler::turned_away(const IpAddress&) {}

}  // namespace kavach::http
