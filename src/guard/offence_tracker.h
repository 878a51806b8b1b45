#pragma once

// Who has offended how often in the last 24 hours, exactly, to the microsecond. `record` is called for
// every offence, on I/O threads; it locks one of sixteen shards for about a microsecond.
//
// Memory is bounded however many addresses attack: a full shard gives the place of its least
// offensive entry to a newcomer whose estimated offences (OffenceSketch) are at least as many. A
// flood of one-time offenders therefore pushes out one-time offenders, and the persistent stay.

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/net_address.h"
#include "guard/offence.h"
#include "guard/offence_sketch.h"

namespace kavach::guard {

/// What `record` knows of the offender afterwards.
struct OffenceStanding {
  Cidr network;
  std::int64_t count{0};  ///< weighted, of this kind, within the window, this one included
  bool threshold_reached{false};
};

struct Suspect {
  Cidr network;
  std::array<std::int64_t, kOffenceKinds> counts{};
  OffenceKind nearest{OffenceKind::Malformed};  ///< the kind closest to its threshold
  TimePoint last_at{};
};

/// An offender's offences as text, for the store.
struct SavedOffender {
  Cidr network;
  std::string offences;  ///< `kind:at:weight:subject;…`; empty: forget the offender
  TimePoint updated_at{};
};

class OffenceTracker {
 public:
  struct Bounds {
    std::size_t offenders_max{65'536};
    std::size_t sketch_cells{1U << 18U};  ///< per shard and row, a power of two
  };
  OffenceTracker(std::uint64_t hash_seed, Bounds bounds);
  explicit OffenceTracker(std::uint64_t hash_seed) : OffenceTracker{hash_seed, Bounds{}} {}

  /// Counts an offence of `weight` (0: it does not count). A NotFound counts once per distinct path.
  OffenceStanding record(const Offence& offence, std::uint8_t weight, const OffenceRules& rules, TimePoint now);

  /// After a ban, or on the owner's word: the offender starts anew, with all kinds or with one.
  void forget(const Cidr& network);
  void forget(const Cidr& network, OffenceKind kind);

  /// Nearest to a ban first.
  [[nodiscard]] std::vector<Suspect> suspects(std::size_t limit, const OffenceRules& rules, TimePoint now);
  /// How many addresses have offences within the window.
  [[nodiscard]] std::size_t suspect_count(TimePoint now);
  [[nodiscard]] std::optional<Suspect> find(const Cidr& network, const OffenceRules& rules, TimePoint now);
  /// How many are tracked, for the memory bound.
  [[nodiscard]] std::size_t size() const;

  /// What changed since the last call, at most `limit` offenders.
  [[nodiscard]] std::vector<SavedOffender> changes(std::size_t limit);
  void restore(const SavedOffender& saved, TimePoint now);

 private:
  struct Event {
    std::int64_t at{0};
    std::uint32_t subject{0};  ///< hash of a path
    OffenceKind kind{OffenceKind::Malformed};
    std::uint8_t weight{1};
  };
  struct Offender {
    Cidr network;
    std::vector<Event> events;  ///< oldest first
    std::uint32_t rank{0};      ///< estimated offences when it last offended; decides who makes room
    bool changed{false};
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<Cidr, std::uint32_t, std::uint64_t (*)(const Cidr&)> places{16, nullptr};
    std::vector<Offender> offenders;
    std::vector<Cidr> forgotten;  ///< since the last `changes`, at most as many as there are offenders
    std::optional<OffenceSketch> sketch;
    std::uint64_t random{1};
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard_of(const Cidr& network);
  Offender* admit(Shard& shard, const Cidr& network, std::uint32_t weight, TimePoint now);
  void drop(Shard& shard, std::uint32_t place);
  static void expire(Offender& offender, TimePoint now);
  static std::int64_t total(const Offender& offender, OffenceKind kind);
  static Suspect standing(const Offender& offender, const OffenceRules& rules);
  static bool is_repetition(Offender& offender, const Event& event);

  const std::uint64_t hash_seed_;
  const std::size_t shard_max_;
  const std::size_t sketch_cells_;
  std::array<Shard, kShards> shards_;
};

}  // namespace kavach::guard
