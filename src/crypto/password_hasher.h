#pragma once

// Argon2id (RFC 9106) for passwords and API keys, with a pepper that is not in the database. What is
// hashed is the value followed by the pepper, the construction OpenAlgo uses with argon2-cffi, so
// imported hashes keep verifying. Stored as `<pepper id>:<PHC string>`.
//
// One hash takes about 100 ms and 64 MiB. Call it from a worker thread or through HashingPool, never
// from an I/O thread. Follows the key ring; any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/random.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/key_ring.h"

namespace kavach::crypto {

/// The second of RFC 9106's recommended sets, and argon2-cffi's default.
struct Argon2Cost {
  std::uint32_t passes{3};
  std::uint32_t memory_kib{65536};
  std::uint32_t lanes{4};
  friend bool operator==(const Argon2Cost&, const Argon2Cost&) = default;
};

/// More than this in a stored hash is refused unhashed: a planted row must not exhaust memory.
inline constexpr Argon2Cost kArgon2CostMax{.passes = 10, .memory_kib = 131072, .lanes = 16};

struct Verdict {
  bool matches{false};
  bool needs_rehash{false};  ///< matches, but under an older pepper or cheaper parameters
};

class PasswordHasher {
 public:
  /// `ring` must outlive the hasher.
  PasswordHasher(const KeyRing& ring, const SecureRandom& random, Argon2Cost cost = {});
  PasswordHasher(KeyRing&&, const SecureRandom&, Argon2Cost = {}) = delete;

  [[nodiscard]] Result<std::string> hash(const Secret& value) const;
  /// An error (StorageCorrupt) means that the stored text is unusable, not that the value is wrong.
  [[nodiscard]] Result<Verdict> verify(const Secret& value, std::string_view stored) const;
  /// The stored form of a hash another gateway made under the pepper with this id.
  [[nodiscard]] static std::string imported(std::string_view pepper_id, std::string_view phc);
  /// A valid stored hash that no value matches: what an unknown user is verified against, so that the
  /// work is the same as for a known one.
  [[nodiscard]] std::string decoy() const { return imported(ring_.pepper().id, decoy_); }

 private:
  const KeyRing& ring_;
  const SecureRandom& random_;
  const Argon2Cost cost_;
  std::string decoy_;  ///< a PHC string
};

}  // namespace kavach::crypto
