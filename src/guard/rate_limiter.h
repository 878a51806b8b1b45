#pragma once

// How many requests each caller may still make. The pipeline asks before it works for anybody:
// `by_address` for requests without a valid credential, `by_principal` for the others. The two never
// share a bucket, so no flood of strangers, also through the same proxy, can use up a user's rate.
//
// The window is exact and sliding: in no span of the rate's length are more requests allowed than the
// rate says, and refused ones are not counted. Thread-safe; a bucket's shard is locked for some tens
// of nanoseconds. Memory is bounded: see RateTable.

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/net_address.h"
#include "guard/rate.h"
#include "guard/rate_table.h"
#include "guard/route.h"
#include "http/message.h"
#include "identity/principal.h"

namespace kavach::guard {

inline constexpr std::size_t kRateClasses = static_cast<std::size_t>(RateClass::Unrouted) + 1;
[[nodiscard]] std::string_view name_of(RateClass rate_class);

/// The rates of every class; there is no class without one.
struct RateSet {
  Rates by_class[kRateClasses];
  [[nodiscard]] const Rates& of(RateClass rate_class) const {
    return by_class[static_cast<std::size_t>(rate_class)];
  }
  [[nodiscard]] Rates& of(RateClass rate_class) { return by_class[static_cast<std::size_t>(rate_class)]; }
  /// The defaults of docs/settings.md.
  [[nodiscard]] static RateSet defaults();
};

struct RateDecision {
  bool allowed{true};
  Rate limit{};                ///< the rate that was hit, else the one with the least left
  std::uint32_t remaining{0};  ///< of `limit`, after this request
  std::chrono::milliseconds reset{0};        ///< until the whole of `limit` is free again
  std::chrono::milliseconds retry_after{0};  ///< when refused: until the same request would pass
};

/// The most a single request can cost: the legs of the largest basket or split.
inline constexpr std::uint32_t kCostMax = 256;

class RateLimiter {
 public:
  struct Bounds {
    std::size_t addresses_max{65'536};  ///< buckets of strangers
    std::size_t accounts_max{16'384};
    std::size_t principals_max{16'384};
  };

  /// `hash_seed` keeps strangers from choosing addresses that collide. The clock must outlive this.
  RateLimiter(const Clock& clock, std::uint64_t hash_seed, Bounds bounds);
  RateLimiter(const Clock& clock, std::uint64_t hash_seed) : RateLimiter{clock, hash_seed, Bounds{}} {}

  /// Counts one request of a stranger, by IPv4 address or IPv6 /64. `cost` is 1..kCostMax (clamped). A
  /// cost above the rate is allowed when nothing is in the window, and later requests wait for it.
  [[nodiscard]] RateDecision by_address(RateClass rate_class, const IpAddress& address, const Rates& rates,
                                        std::uint32_t cost = 1);
  /// Counts one request of an authenticated caller: each API key has its own bucket, and each user's
  /// sessions share one.
  [[nodiscard]] RateDecision by_principal(RateClass rate_class, const identity::Principal& principal,
                                          const Rates& rates, std::uint32_t cost = 1);

  /// Counts one attempt to sign in to an account, whether it exists or not. `account_digest` is the SHA-256 of
  /// its name in hexadecimal, so that nobody can choose a name that shares another's bucket.
  [[nodiscard]] RateDecision by_account(RateClass rate_class, std::string_view account_digest, const Rates& rates);

  /// Windows of a minute or more that have changed since they were last saved, for the store: at most
  /// `buckets_max`, those that hold guessing off (login, reset) first; the rest next time.
  [[nodiscard]] std::vector<SavedBucket> save_changed(std::size_t buckets_max);
  /// At start-up, before the first request.
  void restore(const std::vector<SavedBucket>& saved);

 private:
  const Clock& clock_;
  RateTable strangers_;
  RateTable accounts_;
  RateTable principals_;
};

/// Adds `RateLimit-Limit`, `-Remaining`, `-Reset` (seconds) and, on a refusal, `Retry-After`.
void add_rate_headers(const RateDecision& decision, http::Response& response);

/// The contract's 429 under `/api/v1`, `{"message":"10 per 1 second"}`, without the headers.
[[nodiscard]] http::Response api_rate_refusal(const RateDecision& decision);

}  // namespace kavach::guard
