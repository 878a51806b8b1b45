#pragma once

// The opening handshake (RFC 6455, 4.2), from a request's head to the 101 that answers it. A handler
// calls it on a route that is a WebSocket, sets `upgrade` and returns the response.

#include "core/result.h"
#include "http/message.h"

namespace kavach::http {

/// Whether the head asks for a WebSocket at all (so that a plain GET can be answered 426).
[[nodiscard]] bool asks_for_websocket(const RequestHead& head);

/// The 101, without a listener yet. InvalidInput when the handshake is malformed (400), or when its
/// version is not 13: then `websocket_version_reply` is the answer. Of extensions permessage-deflate
/// is agreed on when offered; subprotocols are not negotiated. Who may connect, and from which origin, is the guard's business.
[[nodiscard]] Result<Response> websocket_accept(const RequestHead& head);

/// 426 with the version we speak (4.2.2).
[[nodiscard]] Response websocket_version_reply();

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key` (1.3).
[[nodiscard]] std::string websocket_accept_value(std::string_view key);

}  // namespace kavach::http
