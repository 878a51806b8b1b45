#pragma once

// Two sources that cannot be confused by type: keys and tokens ask SecureRandom, which no seed can
// reach; simulations ask SeededRandom, which repeats.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace kavach {

/// The kernel's generator (getrandom). Thread-safe. Stops the process if the kernel cannot answer:
/// a predictable key is worse than no gateway.
class SecureRandom {
 public:
  void fill(std::span<std::byte> out) const;
  [[nodiscard]] std::uint64_t next() const;
  /// `bytes` random bytes in lower-case hexadecimal.
  [[nodiscard]] std::string hex(std::size_t bytes) const;
  /// `bytes` random bytes in unpadded base64url.
  [[nodiscard]] std::string token(std::size_t bytes) const;
};

/// xoshiro256** (Blackman, Vigna 2018), seeded by splitmix64. Not for anything secret.
class SeededRandom {
 public:
  explicit SeededRandom(std::uint64_t seed);
  [[nodiscard]] std::uint64_t next();
  /// Uniform in [0, bound); bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  [[nodiscard]] double unit();

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace kavach
