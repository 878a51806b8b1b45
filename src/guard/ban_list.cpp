#include "guard/ban_list.h"

#include <algorithm>

namespace kavach::guard {
namespace {

constexpr std::int64_t kForEver = INT64_MAX;

std::int64_t expiry_number(const std::optional<TimePoint>& at) { return at ? epoch_micros(*at) : kForEver; }

// Large enough that folding a large base is rare, small enough that a change copies little.
std::size_t difference_max(std::size_t base_size) { return std::clamp<std::size_t>(base_size / 256, 512, 4096); }

}  // namespace

BanList::BanList(std::uint64_t hash_seed)
    : hash_seed_{hash_seed},
      state_{State{std::make_shared<const NetworkTable>(hash_seed), NetworkTable{hash_seed}}} {}

bool BanList::is_banned(const IpAddress& address, TimePoint now) const {
  const auto state = state_.read();
  const std::int64_t moment = epoch_micros(now);
  const auto in_force = [&](std::int64_t expires, int) { return expires > moment; };
  if (state->difference.size() == 0) return state->base->any_containing(address, in_force);
  if (state->difference.any_containing(address, in_force)) return true;
  // A network of the base counts unless the difference has something newer to say about it.
  return state->base->any_containing(address, [&](std::int64_t expires, int bits) {
    return expires > moment && !state->difference.at(address, bits);
  });
}

std::size_t BanList::size() const {
  const auto state = state_.read();
  std::size_t total = state->base->size();
  state->difference.each([&](NetworkTable::Words, int, std::int64_t value) {
    if (value != kRemoved) ++total;
  });
  return total;
}

void BanList::load(const std::vector<BanInForce>& bans) {
  NetworkTable table{hash_seed_};
  table.reserve_hosts(bans.size());
  for (const BanInForce& ban : bans) table.set(ban.network, expiry_number(ban.expires_at));
  const std::lock_guard lock{change_mutex_};
  state_.replace({std::make_shared<const NetworkTable>(std::move(table)), NetworkTable{hash_seed_}});
}

// What has expired goes now; what was removed stays as a moment long past and goes with the next fold.
NetworkTable BanList::folded(const State& state, TimePoint now) const {
  const std::int64_t moment = epoch_micros(now);
  NetworkTable table{hash_seed_};
  table.reserve_hosts(state.base->size() + state.difference.size());
  state.base->each([&](NetworkTable::Words base, int bits, std::int64_t expires) {
    if (expires > moment) table.set(base, bits, expires);
  });
  state.difference.each([&](NetworkTable::Words base, int bits, std::int64_t expires) {
    table.set(base, bits, expires);
  });
  return table;
}

void BanList::change(const Cidr& network, std::int64_t expires, bool only_later, TimePoint now) {
  const std::lock_guard lock{change_mutex_};
  const auto current = state_.read();
  if (only_later) {
    auto known = current->difference.at(network.base(), network.canonical_bits());
    if (!known) known = current->base->at(network.base(), network.canonical_bits());
    if (known && *known >= expires) return;
  }
  State next = *current;
  next.difference.set(network, expires);
  if (next.difference.size() > difference_max(next.base->size())) {
    next = {std::make_shared<const NetworkTable>(folded(next, now)), NetworkTable{hash_seed_}};
  }
  state_.replace(std::move(next));
}

void BanList::set(const BanInForce& ban, TimePoint now) {
  change(ban.network, expiry_number(ban.expires_at), false, now);
}

void BanList::extend(const BanInForce& ban, TimePoint now) {
  change(ban.network, expiry_number(ban.expires_at), true, now);
}

void BanList::remove(const Cidr& network, TimePoint now) { change(network, kRemoved, false, now); }

}  // namespace kavach::guard
