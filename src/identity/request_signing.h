#pragma once

// Signed requests, an option of each API key: beside the key the client holds a second secret that never
// travels, and every request carries an HMAC over what it asks for. Whoever reads a request, on a proxy
// or in a log, can neither change nor repeat it: the timestamp is good for five seconds either way, and
// a nonce works once, also across a restart.
//
//   signature = hex(HMAC-SHA-256(secret, METHOD "\n" PATH "\n" hex(SHA-256(body)) "\n" TIMESTAMP "\n" NONCE))
//
// Tasks resume on their executor; `sweep` blocks and belongs on a worker.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/random.h"
#include "core/secret.h"
#include "core/task.h"
#include "crypto/field_cipher.h"
#include "identity/api_keys.h"

namespace kavach::identity {

inline constexpr std::chrono::seconds kSignatureWindow{5};

struct SignedRequest {
  std::string method;       ///< `POST`
  std::string path;         ///< `/api/v1/placeorder`, as sent, with its query if there is one
  std::string body_digest;  ///< SHA-256 of the body, 64 hexadecimal characters
  std::string timestamp;    ///< whole seconds since the epoch, in decimal
  std::string nonce;        ///< 16 to 64 letters, digits, `-` or `_`, never used before
  std::string signature;    ///< 64 hexadecimal characters
};

/// What is signed.
[[nodiscard]] std::string signed_text(const SignedRequest& request);

class RequestSigning {
 public:
  RequestSigning(store::Database& database, ApiKeys& keys, const Clock& clock);

  /// Unauthenticated for a wrong, old or repeated signature; a failure of the store is its own error.
  [[nodiscard]] Task<Result<void>> check(std::string key_id, SignedRequest request, Executor& executor);
  /// Forgets nonces whose timestamp could no longer pass.
  [[nodiscard]] Result<void> sweep();

 private:
  store::Database& database_;
  ApiKeys& keys_;
  const Clock& clock_;
};

}  // namespace kavach::identity
