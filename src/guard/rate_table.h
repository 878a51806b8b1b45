#pragma once

// The buckets behind RateLimiter: a bounded, sharded table from a caller to the times of his allowed
// requests. Thread-safe.
//
// When a shard is full, the emptiest of a few buckets chosen at random makes room, but never one that
// is half used or more: nobody can reset his bucket by flooding the table. If there is none to give
// away, newcomers share one overflow bucket of their shard.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/random.h"
#include "guard/rate.h"

namespace kavach::guard {

struct RateDecision;

/// Who is counted: an address, an account name's hash, or a principal; 16 bytes and the rate class.
struct RateKey {
  std::uint64_t high{0};
  std::uint64_t low{0};
  std::uint8_t rate_class{0};
  friend bool operator==(const RateKey&, const RateKey&) = default;
};

/// One bucket as the store keeps it: the key in hexadecimal, hit times as wall-clock microseconds.
struct SavedBucket {
  std::string table;  ///< `address`, `account` or `principal`
  std::string key;
  std::vector<std::int64_t> hits;  ///< oldest first; empty: forget it
  std::int64_t expires_at{0};      ///< wall-clock microseconds
};

/// The times of the last allowed requests, oldest first, in monotonic microseconds. Grows to what the
/// rates need and no further.
class HitLog {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The hit `back` places before the newest (0 is the newest); `back < size()`.
  [[nodiscard]] std::int64_t from_newest(std::size_t back) const {
    const std::size_t place = first_ + size_ - 1 - back;
    return ring_[place & (ring_.size() - 1)];
  }
  /// Appends, forgetting the oldest once `keep_max` are held.
  void push(std::int64_t at, std::size_t keep_max);
  /// Hits later than `since`.
  [[nodiscard]] std::size_t count_after(std::int64_t since) const;
  void forget_until(std::int64_t until);

 private:
  void grow();
  std::vector<std::int64_t> ring_;  ///< a power of two long
  std::size_t first_{0};
  std::size_t size_{0};
};

/// Pure: whether `cost` more hits fit into every rate at `now`, given the log.
[[nodiscard]] RateDecision judge_rates(const HitLog& log, const Rates& rates, std::uint32_t cost, std::int64_t now);
/// Records an allowed request. What exceeds a rate is recorded as hits of the future.
void charge_rates(HitLog& log, const Rates& rates, std::uint32_t cost, std::int64_t now);

class RateTable {
 public:
  RateTable(std::string name, std::uint64_t hash_seed, std::size_t buckets_max);

  [[nodiscard]] RateDecision take(const RateKey& key, const Rates& rates, std::uint32_t cost, std::int64_t now);

  /// Appends changed buckets of the wanted rate classes while `out` is shorter than `out_max`.
  void save_changed(std::vector<SavedBucket>& out, std::size_t out_max,
                    const std::function<bool(std::uint8_t rate_class)>& wanted, std::int64_t now,
                    std::int64_t wall_now);
  void restore(const SavedBucket& saved, std::int64_t now, std::int64_t wall_now);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::size_t size() const;

 private:
  struct KeyHash {
    std::uint64_t seed;
    KeyHash() : seed{0} {}
    explicit KeyHash(std::uint64_t key_seed) : seed{key_seed} {}
    std::size_t operator()(const RateKey& key) const;
  };
  struct Bucket {
    RateKey key;
    HitLog log;
    std::int64_t window{0};    ///< the longest window it was judged by, microseconds
    std::uint32_t count_max{1};  ///< the largest count it was judged by
    bool changed{false};
  };
  using Places = std::unordered_map<RateKey, std::uint32_t, KeyHash>;
  static constexpr std::uint32_t kOverflow = UINT32_MAX;
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    Places places;
    std::vector<Bucket> buckets;
    Bucket overflow;
    std::uint64_t random{1};
  };
  static constexpr std::size_t kShards = 64;

  Shard& shard_of(const RateKey& key);
  Bucket& bucket_for(Shard& shard, const RateKey& key, std::int64_t now);
  std::uint32_t place_to_reuse(Shard& shard, std::int64_t now) const;

  const std::string name_;
  const std::uint64_t hash_seed_;
  const std::size_t shard_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace kavach::guard
