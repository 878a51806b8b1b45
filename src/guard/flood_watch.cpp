#include "guard/flood_watch.h"

#include <algorithm>
#include <numeric>

namespace kavach::guard {
namespace {

constexpr std::size_t kTop = 10;
// Gone once the rate is a quarter of what began it, so that it does not flicker.
constexpr std::uint64_t kEndDivisor = 4;

}  // namespace

void HeavyHitters::add(const Cidr& network) {
  if (const auto known = counts_.find(network); known != counts_.end()) {
    ++known->second;
    return;
  }
  if (counts_.size() < capacity_) {
    counts_.emplace(network, 1);
    return;
  }
  // The newcomer takes the place, and the count, of the least frequent.
  const auto least = std::ranges::min_element(counts_, {}, [](const auto& entry) { return entry.second; });
  const std::uint64_t count = least->second + 1;
  counts_.erase(least);
  counts_.emplace(network, count);
}

std::vector<HeavyHitters::Hitter> HeavyHitters::top(std::size_t limit) const {
  std::vector<Hitter> all;
  for (const auto& [network, count] : counts_) all.push_back({network, count});
  std::ranges::sort(all, [](const Hitter& a, const Hitter& b) {
    return a.count != b.count ? a.count > b.count : a.network < b.network;
  });
  if (all.size() > limit) all.resize(limit);
  return all;
}

std::uint64_t FloodWatch::advance(State& state, TimePoint now) {
  const std::int64_t second = epoch_seconds(now);
  if (second - state.second >= static_cast<std::int64_t>(kSeconds)) state.refusals.fill(0);
  for (; state.second < second && second - state.second < static_cast<std::int64_t>(kSeconds); ++state.second) {
    state.refusals[static_cast<std::size_t>(state.second + 1) % kSeconds] = 0;
  }
  state.second = second;
  return std::accumulate(state.refusals.begin(), state.refusals.end(), std::uint64_t{0});
}

void FloodWatch::note_refusal(const IpAddress& client, TimePoint now) {
  state_.with([&](State& state) {
    std::ignore = advance(state, now);
    ++state.refusals[static_cast<std::size_t>(state.second) % kSeconds];
    state.hitters.add(Cidr::offender(client));
  });
}

std::optional<FloodWatch::Change> FloodWatch::tick(TimePoint now) {
  return state_.with([&](State& state) -> std::optional<Change> {
    const std::uint64_t refusals = advance(state, now);
    const bool flooded = refusals > (state.flooded ? refusals_max_ / kEndDivisor : refusals_max_);
    const bool changed = flooded != state.flooded;
    state.flooded = flooded;
    if (!changed) {
      if (refusals == 0) state.hitters.clear();
      return std::nullopt;
    }
    Change change{flooded, refusals, state.hitters.top(kTop)};
    if (!flooded) state.hitters.clear();
    return change;
  });
}

std::string FloodWatch::Change::text() const {
  std::string out = std::to_string(refusals) + " refused in ten seconds; most from";
  for (const HeavyHitters::Hitter& hitter : top) {
    out += " " + hitter.network.text() + " (" + std::to_string(hitter.count) + ")";
  }
  return out;
}

}  // namespace kavach::guard
