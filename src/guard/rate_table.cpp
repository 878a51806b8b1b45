#include "guard/rate_table.h"

#include <algorithm>
#include <bit>

#include "core/text.h"
#include "guard/rate_limiter.h"

namespace kavach::guard {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr int kEvictionSamples = 8;
// Shorter windows are over before a restart is.
constexpr std::int64_t kSavedWindowMin = 60 * kMicrosPerSecond;

std::int64_t micros(std::chrono::seconds span) { return span.count() * kMicrosPerSecond; }
std::chrono::milliseconds millis_up(std::int64_t micros) {
  return std::chrono::milliseconds{(std::max<std::int64_t>(micros, 0) + 999) / 1000};
}

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 32U)) * 0xd6e8feb86659fd93ULL;
  value = (value ^ (value >> 32U)) * 0xd6e8feb86659fd93ULL;
  return value ^ (value >> 32U);
}

std::string hex_of(const RateKey& key) {
  std::array<std::byte, 17> raw{};
  for (unsigned i = 0; i < 8; ++i) {
    raw[i] = static_cast<std::byte>(key.high >> (8U * i));
    raw[8 + i] = static_cast<std::byte>(key.low >> (8U * i));
  }
  raw[16] = static_cast<std::byte>(key.rate_class);
  return to_hex(raw);
}

std::optional<RateKey> key_from_hex(std::string_view text) {
  const auto raw = from_hex(text);
  if (!raw || raw->size() != 17) return std::nullopt;
  RateKey key;
  for (unsigned i = 0; i < 8; ++i) {
    key.high |= std::to_integer<std::uint64_t>((*raw)[i]) << (8U * i);
    key.low |= std::to_integer<std::uint64_t>((*raw)[8 + i]) << (8U * i);
  }
  key.rate_class = std::to_integer<std::uint8_t>((*raw)[16]);
  return key;
}

}  // namespace

void HitLog::grow() {
  std::vector<std::int64_t> larger(ring_.empty() ? 4 : ring_.size() * 2);
  for (std::size_t i = 0; i < size_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
  ring_ = std::move(larger);
  first_ = 0;
}

void HitLog::push(std::int64_t at, std::size_t keep_max) {
  while (size_ > 0 && size_ >= keep_max) {
    first_ = (first_ + 1) & (ring_.size() - 1);
    --size_;
  }
  if (size_ == ring_.size()) grow();
  ring_[(first_ + size_) & (ring_.size() - 1)] = at;
  ++size_;
}

// Hits are in order, so the ones after `since` are a suffix.
std::size_t HitLog::count_after(std::int64_t since) const {
  if (size_ == 0 || from_newest(0) <= since) return 0;
  std::size_t low = 1;
  std::size_t high = size_;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (from_newest(middle) > since) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void HitLog::forget_until(std::int64_t until) {
  const std::size_t keep = count_after(until);
  if (ring_.empty()) return;
  first_ = (first_ + (size_ - keep)) & (ring_.size() - 1);
  size_ = keep;
}

RateDecision judge_rates(const HitLog& log, const Rates& rates, std::uint32_t cost, std::int64_t now) {
  RateDecision decision;
  bool first = true;
  for (const Rate& rate : rates.all()) {
    const std::int64_t window = micros(rate.window);
    // What is larger than the rate itself may go when the window is empty; it pays afterwards.
    const std::size_t needed = std::min(cost, rate.count);
    // It does not fit while the hit that would have to make room is still in the window.
    const std::size_t in_the_way = rate.count - needed;
    const bool fits = log.size() <= in_the_way || log.from_newest(in_the_way) <= now - window;
    const auto left = fits ? static_cast<std::uint32_t>(in_the_way - log.count_after(now - window)) : 0U;
    const bool tighter = first || (decision.allowed && (!fits || left < decision.remaining));
    if (!fits) {
      const auto wait = millis_up(log.from_newest(in_the_way) + window - now);
      decision.retry_after = std::max(decision.retry_after, wait);
    }
    if (tighter) {
      decision.limit = rate;
      decision.remaining = left;
      const std::int64_t newest = fits ? now : log.from_newest(0);
      decision.reset = millis_up(newest + window - now);
    }
    decision.allowed = decision.allowed && fits;
    first = false;
  }
  return decision;
}

void charge_rates(HitLog& log, const Rates& rates, std::uint32_t cost, std::int64_t now) {
  const std::size_t keep_max = rates.largest_count() + kCostMax;
  for (std::uint32_t leg = 0; leg < cost; ++leg) {
    std::int64_t delay = 0;
    for (const Rate& rate : rates.all()) {
      delay = std::max(delay, micros(rate.window) * static_cast<std::int64_t>(leg / rate.count));
    }
    log.push(now + delay, keep_max);
  }
}

RateTable::RateTable(std::string name, std::uint64_t hash_seed, std::size_t buckets_max)
    : name_{std::move(name)},
      hash_seed_{hash_seed},
      shard_max_{std::max<std::size_t>(1, buckets_max / kShards)} {
  std::uint64_t seed = hash_seed;
  for (Shard& shard : shards_) {
    shard.places = Places{0, KeyHash{hash_seed}};
    shard.random = mix(++seed) | 1U;
  }
}

std::size_t RateTable::KeyHash::operator()(const RateKey& key) const {
  return mix(mix(key.high ^ seed) + key.low + (std::uint64_t{key.rate_class} << 56U));
}

RateTable::Shard& RateTable::shard_of(const RateKey& key) {
  return shards_[(KeyHash{hash_seed_}(key) >> 48U) % kShards];
}

// A full shard: the least used of some random buckets, or kOverflow when all of them are well used.
std::uint32_t RateTable::place_to_reuse(Shard& shard, std::int64_t now) const {
  std::uint32_t best = kOverflow;
  std::size_t best_share = 50;  // percent of its rate; a bucket that is half used is never given away
  for (int i = 0; i < kEvictionSamples; ++i) {
    shard.random ^= shard.random << 13U;  // xorshift64 (Marsaglia 2003)
    shard.random ^= shard.random >> 7U;
    shard.random ^= shard.random << 17U;
    const auto place = static_cast<std::uint32_t>(shard.random % shard.buckets.size());
    const Bucket& bucket = shard.buckets[place];
    const std::size_t share = bucket.log.count_after(now - bucket.window) * 100 / bucket.count_max;
    if (share < best_share) {
      best = place;
      best_share = share;
    }
  }
  return best;
}

RateTable::Bucket& RateTable::bucket_for(Shard& shard, const RateKey& key, std::int64_t now) {
  if (const auto found = shard.places.find(key); found != shard.places.end()) {
    return shard.buckets[found->second];
  }
  if (shard.buckets.size() < shard_max_) {
    shard.places.emplace(key, static_cast<std::uint32_t>(shard.buckets.size()));
    shard.buckets.emplace_back().key = key;
    return shard.buckets.back();
  }
  const std::uint32_t place = place_to_reuse(shard, now);
  if (place == kOverflow) return shard.overflow;
  shard.places.erase(shard.buckets[place].key);
  shard.places.emplace(key, place);
  shard.buckets[place] = Bucket{};
  shard.buckets[place].key = key;
  return shard.buckets[place];
}

RateDecision RateTable::take(const RateKey& key, const Rates& rates, std::uint32_t cost, std::int64_t now) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock{shard.mutex};
  Bucket& bucket = bucket_for(shard, key, now);
  bucket.window = micros(rates.longest_window());
  bucket.count_max = rates.largest_count();
  const RateDecision decision = judge_rates(bucket.log, rates, cost, now);
  if (decision.allowed) {
    charge_rates(bucket.log, rates, cost, now);
    bucket.changed = true;
  }
  return decision;
}

void RateTable::save_changed(std::vector<SavedBucket>& out, std::size_t out_max,
                             const std::function<bool(std::uint8_t rate_class)>& wanted, std::int64_t now,
                             std::int64_t wall_now) {
  for (Shard& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    for (Bucket& bucket : shard.buckets) {
      if (out.size() >= out_max) return;
      if (!bucket.changed || bucket.window < kSavedWindowMin || !wanted(bucket.key.rate_class)) continue;
      bucket.changed = false;
      bucket.log.forget_until(now - bucket.window);
      if (bucket.log.size() == 0) continue;
      SavedBucket saved{name_, hex_of(bucket.key), {}, 0};
      for (std::size_t back = bucket.log.size(); back-- > 0;) {
        saved.hits.push_back(wall_now - (now - bucket.log.from_newest(back)));
      }
      saved.expires_at = saved.hits.back() + bucket.window;
      out.push_back(std::move(saved));
    }
  }
}

void RateTable::restore(const SavedBucket& saved, std::int64_t now, std::int64_t wall_now) {
  const auto key = key_from_hex(saved.key);
  if (!key || saved.hits.empty() || saved.expires_at <= wall_now) return;
  Shard& shard = shard_of(*key);
  const std::lock_guard lock{shard.mutex};
  if (shard.buckets.size() >= shard_max_) return;
  Bucket& bucket = bucket_for(shard, *key, now);
  bucket.window = saved.expires_at - saved.hits.back();
  bucket.count_max = static_cast<std::uint32_t>(saved.hits.size());
  for (const std::int64_t hit : saved.hits) {
    // Never later than now: a wall clock that was set back must not lock a caller out for that long.
    bucket.log.push(now - std::max<std::int64_t>(wall_now - hit, 0), kRateCountMax + kCostMax);
  }
}

std::size_t RateTable::size() const {
  std::size_t total = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    total += shard.buckets.size();
  }
  return total;
}

}  // namespace kavach::guard
