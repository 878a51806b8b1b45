#pragma once

// Agreement on permessage-deflate (RFC 7692) during the opening handshake. Pure functions over headers.
//
// Neither side keeps a context between messages, so that no message can be guessed from how well another
// one compresses, and a connection that is silent costs no window. What we send uses a window of 512
// bytes, the smallest there is: it satisfies every offer, and all clients can share one compressed form.

#include <string>

#include "core/result.h"
#include "http/message.h"

namespace kavach::http {

/// The window of what we compress, as its logarithm (RFC 7692, 7.1.2.1).
inline constexpr int kDeflateWindowBits = 9;

/// The value of the 101's `Sec-WebSocket-Extensions`, empty when the client offers nothing we take:
/// offers with unknown, repeated or impossible parameters are passed over (7.1). InvalidInput when the
/// client's header is no list of extensions at all (RFC 6455, 9.1).
[[nodiscard]] Result<std::string> agree_on_extensions(const RequestHead& head);

/// Whether the handshake's answer agreed on permessage-deflate.
[[nodiscard]] bool agreed_on_deflate(const Response& answer);

}  // namespace kavach::http
