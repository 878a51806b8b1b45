#include "guard/known_clients.h"

#include <cstring>

namespace kavach::guard {
namespace {

// From 1: an empty place is a tag of zero in minute zero, which is nobody's.
std::uint64_t minute_of(Monotonic now) {
  return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::minutes>(now).count()) + 1;
}

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 32U)) * 0xd6e8feb86659fd93ULL;
  value = (value ^ (value >> 32U)) * 0xd6e8feb86659fd93ULL;
  return value ^ (value >> 32U);
}

}  // namespace

std::uint64_t KnownClients::hash_of(const IpAddress& client) const {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  const IpAddress holder = Cidr::offender(client).base();
  std::memcpy(&high, holder.bytes().data(), sizeof high);
  std::memcpy(&low, holder.bytes().data() + sizeof high, sizeof low);
  return mix(mix(high ^ hash_seed_) + low);
}

void KnownClients::note(const IpAddress& client, Monotonic now) {
  const std::uint64_t hash = hash_of(client);
  const std::uint64_t entry = (hash >> kMinuteBits) << kMinuteBits | (minute_of(now) & ((1U << kMinuteBits) - 1));
  std::atomic<std::uint64_t>& place = places_[hash % kPlaces];
  // Usually it is there already, and a write would take the line from the other threads.
  if (place.load(std::memory_order_relaxed) != entry) place.store(entry, std::memory_order_relaxed);
}

bool KnownClients::contains(const IpAddress& client, Monotonic now) const {
  const std::uint64_t hash = hash_of(client);
  const std::uint64_t entry = places_[hash % kPlaces].load(std::memory_order_relaxed);
  const std::uint64_t noted = entry & ((1U << kMinuteBits) - 1);
  constexpr auto kMinutes = static_cast<std::uint64_t>(std::chrono::minutes{kRemembered}.count());
  return entry >> kMinuteBits == hash >> kMinuteBits && noted != 0 && minute_of(now) - noted <= kMinutes;
}

}  // namespace kavach::guard
