#pragma once

// How often an address has offended in the last day or so, estimated in fixed memory for any number of
// addresses: a count-min sketch with conservative update (Cormode, Muthukrishnan 2005; Estan, Varghese
// 2003) in two generations of half a day. It never underestimates within a generation. OffenceTracker
// asks it who deserves exact counting when its table is full; it bans nobody. Not thread-safe.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/clock.h"

namespace kavach::guard {

class OffenceSketch {
 public:
  /// `cells` (a power of two) bytes in each of four rows and two generations. Taken at the first `add`.
  OffenceSketch(std::size_t cells, std::uint64_t seed) : cells_{cells}, seed_{seed} {}

  /// Counts and answers the estimate, saturating at 510.
  std::uint32_t add(std::uint64_t key, std::uint32_t weight, TimePoint now);

 private:
  static constexpr std::size_t kRows = 4;
  using Generation = std::vector<std::uint8_t>;

  void age(TimePoint now);
  [[nodiscard]] std::array<std::size_t, kRows> places(std::uint64_t key) const;
  static std::uint32_t estimate(const Generation& generation, const std::array<std::size_t, kRows>& at);

  const std::size_t cells_;
  const std::uint64_t seed_;
  Generation current_;
  Generation former_;
  std::int64_t half_day_{0};
};

}  // namespace kavach::guard
