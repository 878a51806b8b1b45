#pragma once

// What the pipeline asks about a presented credential. identity's keys and sessions answer through
// guard/identity_credentials.h; tests answer from a script.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/net_address.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "identity/principal.h"

namespace kavach::identity {
struct SignedRequest;  // identity/request_signing.h
}

namespace kavach::guard {

struct KeyVerdict {
  enum class Outcome {
    Accepted,
    Unknown,         ///< no such key, or it is revoked
    Expired,
    AddressRefused,  ///< the key may not be used from here
    Busy,            ///< the hashing pool is full
    Unavailable,     ///< the store cannot say: never an offence of the client
  };
  Outcome outcome{Outcome::Unknown};
  identity::Principal principal;  ///< also set when AddressRefused or Expired, for the audit
  std::string attempted;          ///< keyed digest of an unknown key, for the offence records
};

struct SessionVerdict {
  identity::Principal principal;
  std::string csrf_token;
};

/// Called on I/O threads; only `verify_key` and `check_signature` may take time, and not on the caller.
class Credentials {
 public:
  virtual ~Credentials() = default;
  /// Decides at once, in microseconds, for unknown keys and for keys seen before by this process;
  /// nothing means that `verify_key` must be asked.
  [[nodiscard]] virtual std::optional<KeyVerdict> judge_key(std::string_view key,
                                                            const IpAddress& client) = 0;
  virtual void verify_key(Secret key, IpAddress client,
                          std::move_only_function<void(KeyVerdict)> done) = 0;
  /// Whether the key behind this principal works only with signed requests.
  [[nodiscard]] virtual bool signature_required(const identity::Principal& principal) = 0;
  /// Unauthenticated for a signature that is wrong, old or repeated; a failing store is its own error.
  [[nodiscard]] virtual Task<Result<void>> check_signature(std::string key_id, identity::SignedRequest request,
                                                           Executor& executor) = 0;
  /// A key was sent in a URL: it must be taken as known to others. Unknown text is ignored.
  virtual void note_exposed(std::string_view key, const IpAddress& client) = 0;
  /// The live session of this cookie value, its activity noted.
  [[nodiscard]] virtual std::optional<SessionVerdict> session(std::string_view cookie,
                                                              const IpAddress& client) = 0;
  [[nodiscard]] virtual std::string_view session_cookie_name() const = 0;
  /// Whether a principal that was accepted earlier would still be: its key is not revoked or expired,
  /// its session not ended, its account not disabled. Asked about open WebSockets twice a second.
  [[nodiscard]] virtual bool still_valid(const identity::Principal& principal) = 0;
};

}  // namespace kavach::guard
