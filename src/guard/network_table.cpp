#include "guard/network_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace kavach::guard {
namespace {

constexpr std::size_t kSmallest = 8;

}  // namespace

NetworkTable::Words NetworkTable::words_of(const IpAddress& address) {
  Words words;
  std::memcpy(&words.high, address.bytes().data(), 8);
  std::memcpy(&words.low, address.bytes().data() + 8, 8);
  return {std::byteswap(words.high), std::byteswap(words.low)};
}

NetworkTable::Words NetworkTable::masked(Words address, int bits) {
  const auto mask = [](int keep) -> std::uint64_t {
    if (keep <= 0) return 0;
    return keep >= 64 ? ~std::uint64_t{0} : ~std::uint64_t{0} << static_cast<unsigned>(64 - keep);
  };
  return {address.high & mask(bits), address.low & mask(bits - 64)};
}

std::size_t NetworkTable::place_of(const Level& level, Words base) const {
  std::uint64_t hash = (base.high ^ seed_) * 0x9e3779b97f4a7c15ULL;
  hash = (hash ^ (hash >> 32U) ^ base.low) * 0xd6e8feb86659fd93ULL;
  hash = (hash ^ (hash >> 32U) ^ seed_) * 0xd6e8feb86659fd93ULL;
  return static_cast<std::size_t>(hash ^ (hash >> 32U)) & (level.slots.size() - 1);
}

const NetworkTable::Slot* NetworkTable::find(const Level& level, Words base) const {
  for (std::size_t place = place_of(level, base);; place = (place + 1) & (level.slots.size() - 1)) {
    const Slot& slot = level.slots[place];
    if (slot.value == kEmpty) return nullptr;
    if (slot.base == base) return &slot;
  }
}

std::optional<std::int64_t> NetworkTable::at(const IpAddress& address, int bits) const {
  for (const Level& level : levels_) {
    if (level.bits != bits) continue;
    const Slot* slot = find(level, masked(words_of(address), bits));
    if (slot != nullptr) return slot->value;
  }
  return std::nullopt;
}

NetworkTable::Level& NetworkTable::level_of(int bits) {
  const auto known = std::ranges::find(levels_, bits, &Level::bits);
  if (known != levels_.end()) return *known;
  levels_.push_back({.bits = bits, .slots = std::vector<Slot>(kSmallest)});
  return levels_.back();
}

void NetworkTable::resize(Level& level, std::size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(level.slots);
  for (const Slot& slot : old) {
    if (slot.value == kEmpty) continue;
    std::size_t place = place_of(level, slot.base);
    while (level.slots[place].value != kEmpty) place = (place + 1) & (slots - 1);
    level.slots[place] = slot;
  }
}

void NetworkTable::reserve_hosts(std::size_t count) {
  Level& level = level_of(128);
  const std::size_t slots = std::bit_ceil(count * 4 / 3 + kSmallest);
  if (slots > level.slots.size()) resize(level, slots);
}

void NetworkTable::set(Words base, int bits, std::int64_t value) {
  Level& level = level_of(bits);
  if ((level.used + 1) * 4 > level.slots.size() * 3) resize(level, level.slots.size() * 2);
  std::size_t place = place_of(level, base);
  while (level.slots[place].value != kEmpty) {
    if (level.slots[place].base == base) {
      level.slots[place].value = value;
      return;
    }
    place = (place + 1) & (level.slots.size() - 1);
  }
  level.slots[place] = {base, value};
  ++level.used;
  ++size_;
}

void NetworkTable::set(const Cidr& network, std::int64_t value) {
  set(words_of(network.base()), network.canonical_bits(), value);
}

}  // namespace kavach::guard
