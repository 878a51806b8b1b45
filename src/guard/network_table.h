#pragma once

// From networks to a number, for one question: which of a million networks contain this
// address? One open-addressing table per prefix length in use; a look-up probes each of them once,
// and a list of single addresses is one probe. Not thread-safe: BanList and AllowList publish copies
// that never change. The seed keeps strangers from choosing addresses that collide.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/net_address.h"

namespace kavach::guard {

class NetworkTable {
 public:
  explicit NetworkTable(std::uint64_t seed = 0) : seed_{seed} {}

  /// `value` is anything but INT64_MIN. Replaces an earlier value of the same network.
  void set(const Cidr& network, std::int64_t value);
  void reserve_hosts(std::size_t count);
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Calls `use(value, bits)` for every network that contains `address` until it returns true; whether it
  /// did.
  template <class Use>
  [[nodiscard]] bool any_containing(const IpAddress& address, Use&& use) const;

  /// The value of exactly the network `bits` wide around `address`.
  [[nodiscard]] std::optional<std::int64_t> at(const IpAddress& address, int bits) const;
  /// Calls `use(base, bits, value)` for every entry, in no order.
  template <class Use>
  void each(Use&& use) const;

  /// An address, or the base of a network, as two numbers.
  struct Words {
    std::uint64_t high{0};
    std::uint64_t low{0};
    friend bool operator==(const Words&, const Words&) = default;
  };
  [[nodiscard]] static Words words_of(const IpAddress& address);
  void set(Words base, int bits, std::int64_t value);

 private:
  static constexpr std::int64_t kEmpty = INT64_MIN;
  struct Slot {
    Words base;
    std::int64_t value{kEmpty};
  };
  struct Level {
    int bits{128};
    std::size_t used{0};
    std::vector<Slot> slots;  ///< a power of two long, at most three quarters used
  };

  [[nodiscard]] std::size_t place_of(const Level& level, Words base) const;
  [[nodiscard]] const Slot* find(const Level& level, Words base) const;
  [[nodiscard]] static Words masked(Words address, int bits);
  Level& level_of(int bits);
  void resize(Level& level, std::size_t slots);

  std::uint64_t seed_;
  std::size_t size_{0};
  std::vector<Level> levels_;
};

template <class Use>
bool NetworkTable::any_containing(const IpAddress& address, Use&& use) const {
  const Words words = words_of(address);
  const bool is_v4 = address.is_v4();
  for (const Level& level : levels_) {
    if (is_v4 && level.bits < 96) continue;  // no network of IPv6 holds an address of IPv4
    const Slot* slot = find(level, masked(words, level.bits));
    if (slot != nullptr && use(slot->value, level.bits)) return true;
  }
  return false;
}

template <class Use>
void NetworkTable::each(Use&& use) const {
  for (const Level& level : levels_) {
    for (const Slot& slot : level.slots) {
      if (slot.value != kEmpty) use(slot.base, level.bits, slot.value);
    }
  }
}

}  // namespace kavach::guard
