#pragma once

// TLS for the listeners: one server context (certificate, key, policy) shared by all I/O threads, and
// one session per connection that works directly on the socket's descriptor, which costs an idle
// connection a third of the memory that a buffering stream costs.
//
// Policy: TLS 1.2 and 1.3 only, forward-secret AEAD suites, no renegotiation, no compression, no early
// data (a replayed order must not be possible), ALPN `http/1.1`.

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "core/result.h"
#include "http/server.h"

namespace kavach::http {

struct SslFree {
  void operator()(SSL* session) const;
};
struct SslContextFree {
  void operator()(SSL_CTX* context) const;
};

/// What a non-blocking step of a connection came to.
enum class IoStatus {
  Done,        ///< `bytes` were moved
  WantsRead,   ///< nothing yet: wait until the socket is readable
  WantsWrite,  ///< nothing yet: wait until it is writable
  Ended,       ///< the peer has finished sending
  Failed,      ///< reset, timed out, cancelled or a protocol error
};

struct IoResult {
  IoStatus status{IoStatus::Failed};
  std::size_t bytes{0};
};

/// The server side of one TLS connection. One thread.
class TlsSession {
 public:
  TlsSession() = default;
  TlsSession(SSL_CTX& context, int descriptor);

  [[nodiscard]] explicit operator bool() const { return session_ != nullptr; }
  [[nodiscard]] IoResult handshake();
  [[nodiscard]] IoResult read(std::span<char> into);
  [[nodiscard]] IoResult write(std::string_view bytes);
  /// Tells the peer that no more will come; does not wait for its answer.
  void say_goodbye();

 private:
  [[nodiscard]] IoResult outcome(int returned) const;
  std::unique_ptr<SSL, SslFree> session_;
};

using TlsContext = std::unique_ptr<SSL_CTX, SslContextFree>;

/// Reads certificate chain and key and proves that they belong together. InvalidInput when not.
[[nodiscard]] Result<TlsContext> load_tls_context(const TlsFiles& files);

}  // namespace kavach::http
