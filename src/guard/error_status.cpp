#include "guard/error_status.h"

namespace kavach::guard {

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidInput: return 400;
    case ErrorCode::Unauthenticated: return 401;
    case ErrorCode::Forbidden: return 403;
    case ErrorCode::NotFound: return 404;
    case ErrorCode::Conflict: return 409;
    case ErrorCode::RateLimited: return 429;
    case ErrorCode::Busy:
    case ErrorCode::Unavailable:
    case ErrorCode::StorageFull:
    case ErrorCode::StorageReadOnly:
    case ErrorCode::StorageLocked:
    case ErrorCode::StorageCorrupt:
    case ErrorCode::StorageFailed: return 503;
    case ErrorCode::Timeout:
    case ErrorCode::OutcomeUnknown: return 504;
    case ErrorCode::Internal: return 500;
  }
  return 500;
}

int retry_after_seconds(ErrorCode code) {
  switch (code) {
    case ErrorCode::Busy:
    case ErrorCode::StorageLocked:
    case ErrorCode::RateLimited: return 1;
    case ErrorCode::Unavailable:
    case ErrorCode::StorageFull:
    case ErrorCode::StorageReadOnly:
    case ErrorCode::StorageCorrupt:
    case ErrorCode::StorageFailed: return 30;
    case ErrorCode::InvalidInput:
    case ErrorCode::Unauthenticated:
    case ErrorCode::Forbidden:
    case ErrorCode::NotFound:
    case ErrorCode::Conflict:
    case ErrorCode::Timeout:
    case ErrorCode::OutcomeUnknown:  // sending an order again blindly is the one thing not to do
    case ErrorCode::Internal: return 0;
  }
  return 0;
}

}  // namespace kavach::guard
