#pragma once

// The one way a function in Kavach says that it can fail for a reason its caller must handle.
// An Error has two faces that never mix: `message` may be shown to a client and tells the user what
// to do next; `detail` is for the log only and may name files, statements or library texts.

#include <expected>
#include <string>
#include <utility>

namespace kavach {

/// Why something failed, in terms the caller can act on. `guard/error_status.h` maps it to HTTP.
enum class ErrorCode {
  InvalidInput,     ///< the request is wrong; sending it again unchanged cannot succeed
  Unauthenticated,  ///< no or wrong credentials
  Forbidden,        ///< known caller, not allowed
  NotFound,
  Conflict,         ///< contradicts what is already recorded
  RateLimited,
  Busy,             ///< a bounded queue is full; try again later
  Unavailable,      ///< a dependency cannot be reached right now
  Timeout,
  OutcomeUnknown,   ///< an order may or may not have reached the broker
  StorageFull,
  StorageReadOnly,
  StorageLocked,
  StorageCorrupt,
  StorageFailed,    ///< any other failure to read or to commit
  Internal,         ///< a bug; the client sees only a request id
};

struct Error {
  ErrorCode code{ErrorCode::Internal};
  std::string message;  ///< safe to show
  std::string detail;   ///< log only
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message,
                                                 std::string detail = {}) {
  return std::unexpected<Error>(Error{code, std::move(message), std::move(detail)});
}

/// Passes another result's error on unchanged.
template <class T>
[[nodiscard]] std::unexpected<Error> pass_on(Result<T>&& result) {
  return std::unexpected<Error>(std::move(result).error());
}
template <class T>
[[nodiscard]] std::unexpected<Error> pass_on(const Result<T>& result) {
  return std::unexpected<Error>(result.error());
}

}  // namespace kavach
