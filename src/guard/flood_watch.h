#pragma once

// Notices a flood and names who sends it: refused requests are counted by address in fixed memory
// (Space-Saving; Metwally, Agrawal, El Abbadi 2005), and too many of them within ten seconds are a
// flood. The pipeline's observer notes refusals from any thread; `tick` runs once a second.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/guarded.h"
#include "core/net_address.h"

namespace kavach::guard {

/// The most frequent networks of a stream. Counts are at most `total / capacity` too high. Not thread-safe.
class HeavyHitters {
 public:
  struct Hitter {
    Cidr network;
    std::uint64_t count{0};
  };
  explicit HeavyHitters(std::size_t capacity) : capacity_{capacity} {}

  void add(const Cidr& network);
  /// Most frequent first.
  [[nodiscard]] std::vector<Hitter> top(std::size_t limit) const;
  void clear() { counts_.clear(); }

 private:
  struct Hash {
    std::size_t operator()(const Cidr& network) const { return std::hash<IpAddress>{}(network.base()); }
  };
  std::size_t capacity_;
  std::unordered_map<Cidr, std::uint64_t, Hash> counts_;
};

class FloodWatch {
 public:
  /// `refusals_max` within ten seconds is not a flood yet.
  explicit FloodWatch(std::uint64_t refusals_max = 1'000) : refusals_max_{refusals_max} {}

  void note_refusal(const IpAddress& client, TimePoint now);

  struct Change {
    bool started{false};  ///< else it ended
    std::uint64_t refusals{0};  ///< in the last ten seconds
    std::vector<HeavyHitters::Hitter> top;  ///< at most ten
    [[nodiscard]] std::string text() const;
  };
  /// Something only when a flood began or ended since the last call.
  [[nodiscard]] std::optional<Change> tick(TimePoint now);

 private:
  static constexpr std::size_t kSeconds = 10;
  struct State {
    std::array<std::uint64_t, kSeconds> refusals{};
    std::int64_t second{0};
    HeavyHitters hitters{128};
    bool flooded{false};
  };
  static std::uint64_t advance(State& state, TimePoint now);

  const std::uint64_t refusals_max_;
  Guarded<State> state_;
};

}  // namespace kavach::guard
