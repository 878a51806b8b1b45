#pragma once

// Addresses from which somebody has proved who he is within the last day: when not everybody can be
// served, they are served before strangers. A hint for load shedding and nothing else: it grants no right.
//
// Thread-safe, without locks, of fixed size: addresses whose hashes meet replace each other, and only
// who authenticates can write.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/clock.h"
#include "core/net_address.h"

namespace kavach::guard {

class KnownClients {
 public:
  /// `hash_seed` keeps strangers from choosing addresses that pass for known ones.
  explicit KnownClients(std::uint64_t hash_seed) : hash_seed_{hash_seed} {}

  void note(const IpAddress& client, Monotonic now);
  [[nodiscard]] bool contains(const IpAddress& client, Monotonic now) const;

 private:
  static constexpr std::size_t kPlaces = 8'192;
  static constexpr std::chrono::hours kRemembered{24};
  // 40 bits of hash, 24 bits of minutes: thirty years of uptime.
  static constexpr unsigned kMinuteBits = 24;

  [[nodiscard]] std::uint64_t hash_of(const IpAddress& client) const;

  const std::uint64_t hash_seed_;
  std::array<std::atomic<std::uint64_t>, kPlaces> places_{};
};

}  // namespace kavach::guard
