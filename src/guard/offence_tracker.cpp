#include "guard/offence_tracker.h"

#include <algorithm>

#include "core/text.h"

namespace kavach::guard {
namespace {

constexpr int kEvictionSamples = 8;
// More of one kind say nothing new while a ban is not allowed (shadow mode, a protected address).
constexpr std::size_t kEventsMax = 512;
constexpr std::int64_t kWindowMicros = Micros{kOffenceWindow}.count();

std::uint64_t hash_of(const Cidr& network) {
  return std::hash<IpAddress>{}(network.base()) * 31 + static_cast<std::uint64_t>(network.canonical_bits());
}

/// Seeded by nothing: a collision only makes two paths of one attacker count as one.
std::uint32_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

}  // namespace

OffenceTracker::OffenceTracker(std::uint64_t hash_seed, Bounds bounds)
    : hash_seed_{hash_seed},
      shard_max_{std::max<std::size_t>(1, bounds.offenders_max / kShards)},
      sketch_cells_{bounds.sketch_cells} {
  for (Shard& shard : shards_) {
    shard.places = decltype(shard.places){16, &hash_of};
    shard.random = (hash_seed += 0x9e3779b97f4a7c15ULL) | 1U;
  }
}

OffenceTracker::Shard& OffenceTracker::shard_of(const Cidr& network) {
  return shards_[((hash_of(network) ^ hash_seed_) * 0x9e3779b97f4a7c15ULL >> 40U) % kShards];
}

void OffenceTracker::expire(Offender& offender, TimePoint now) {
  const std::int64_t since = epoch_micros(now) - kWindowMicros;
  std::erase_if(offender.events, [&](const Event& event) { return event.at <= since; });
}

std::int64_t OffenceTracker::total(const Offender& offender, OffenceKind kind) {
  std::int64_t sum = 0;
  for (const Event& event : offender.events) {
    if (event.kind == kind) sum += event.weight;
  }
  return sum;
}

void OffenceTracker::drop(Shard& shard, std::uint32_t place) {
  Offender& gone = shard.offenders[place];
  if (shard.forgotten.size() < shard_max_) shard.forgotten.push_back(gone.network);
  shard.places.erase(gone.network);
  if (place + 1 != shard.offenders.size()) {
    gone = std::move(shard.offenders.back());
    shard.places[gone.network] = place;
  }
  shard.offenders.pop_back();
}

// The offender's entry, made if he is new. Nothing when the shard is full of worse ones.
OffenceTracker::Offender* OffenceTracker::admit(Shard& shard, const Cidr& network, std::uint32_t weight,
                                                TimePoint now) {
  const auto known = shard.places.find(network);
  const bool full = shard.offenders.size() >= shard_max_;
  if (full && !shard.sketch) shard.sketch.emplace(sketch_cells_, hash_seed_);
  const std::uint32_t estimate = shard.sketch ? shard.sketch->add(hash_of(network), weight, now) : weight;
  if (known != shard.places.end()) {
    Offender& offender = shard.offenders[known->second];
    expire(offender, now);
    offender.rank = std::max(estimate, static_cast<std::uint32_t>(offender.events.size()) + weight);
    return &offender;
  }
  if (full) {
    std::uint32_t weakest = 0;
    std::uint32_t least = UINT32_MAX;
    for (int i = 0; i < kEvictionSamples; ++i) {
      shard.random ^= shard.random << 13U;  // xorshift64 (Marsaglia 2003)
      shard.random ^= shard.random >> 7U;
      shard.random ^= shard.random << 17U;
      const auto place = static_cast<std::uint32_t>(shard.random % shard.offenders.size());
      Offender& candidate = shard.offenders[place];
      const bool over = candidate.events.empty() ||
                        candidate.events.back().at <= epoch_micros(now) - kWindowMicros;
      const std::uint32_t rank = over ? 0 : candidate.rank;
      if (rank < least) {
        weakest = place;
        least = rank;
      }
    }
    if (least > estimate) return nullptr;
    drop(shard, weakest);
  }
  shard.places.emplace(network, static_cast<std::uint32_t>(shard.offenders.size()));
  shard.offenders.push_back({network, {}, estimate, true});
  return &shard.offenders.back();
}

// The same unknown path again, or another refused request in the same second: noted, not counted twice.
bool OffenceTracker::is_repetition(Offender& offender, const Event& event) {
  const auto same = [&](const Event& earlier) {
    if (earlier.kind != event.kind) return false;
    if (event.kind == OffenceKind::NotFound) return earlier.subject == event.subject;
    return event.kind == OffenceKind::RateAbuse && event.at - earlier.at < 1'000'000;
  };
  const auto known = std::ranges::find_if(offender.events, same);
  if (known == offender.events.end()) return false;
  if (event.kind == OffenceKind::NotFound) {
    // It stays in the window from its last time on.
    Event renewed = *known;
    renewed.at = event.at;
    offender.events.erase(known);
    offender.events.push_back(renewed);
  }
  return true;
}

OffenceStanding OffenceTracker::record(const Offence& offence, std::uint8_t weight, const OffenceRules& rules,
                                       TimePoint now) {
  OffenceStanding standing{Cidr::offender(offence.client), 0, false};
  if (weight == 0) return standing;
  Shard& shard = shard_of(standing.network);
  const std::lock_guard lock{shard.mutex};
  Offender* offender = admit(shard, standing.network, weight, now);
  if (offender == nullptr) return standing;
  const Event event{epoch_micros(now), hash_of(offence.subject), offence.kind, weight};
  if (!is_repetition(*offender, event)) {
    if (offender->events.size() >= kEventsMax) offender->events.erase(offender->events.begin());
    offender->events.push_back(event);
  }
  offender->changed = true;
  standing.count = total(*offender, offence.kind);
  standing.threshold_reached = standing.count >= rules.of(offence.kind).threshold;
  return standing;
}

void OffenceTracker::forget(const Cidr& network) {
  Shard& shard = shard_of(network);
  const std::lock_guard lock{shard.mutex};
  const auto known = shard.places.find(network);
  if (known != shard.places.end()) drop(shard, known->second);
}

void OffenceTracker::forget(const Cidr& network, OffenceKind kind) {
  Shard& shard = shard_of(network);
  const std::lock_guard lock{shard.mutex};
  const auto known = shard.places.find(network);
  if (known == shard.places.end()) return;
  Offender& offender = shard.offenders[known->second];
  std::erase_if(offender.events, [&](const Event& event) { return event.kind == kind; });
  offender.changed = true;
  if (offender.events.empty()) drop(shard, known->second);
}

Suspect OffenceTracker::standing(const Offender& offender, const OffenceRules& rules) {
  Suspect suspect{.network = offender.network, .last_at = TimePoint{Micros{offender.events.back().at}}};
  for (const Event& event : offender.events) suspect.counts[static_cast<std::size_t>(event.kind)] += event.weight;
  // Compared as fractions without dividing: count / threshold.
  for (const OffenceKind kind : kAllOffenceKinds) {
    const auto at = static_cast<std::size_t>(kind);
    const auto best = static_cast<std::size_t>(suspect.nearest);
    if (suspect.counts[at] * rules.of(suspect.nearest).threshold > suspect.counts[best] * rules.of(kind).threshold) {
      suspect.nearest = kind;
    }
  }
  return suspect;
}

std::vector<Suspect> OffenceTracker::suspects(std::size_t limit, const OffenceRules& rules, TimePoint now) {
  const auto nearer = [&](const Suspect& a, const Suspect& b) {
    const std::int64_t left = a.counts[static_cast<std::size_t>(a.nearest)] * rules.of(b.nearest).threshold;
    const std::int64_t right = b.counts[static_cast<std::size_t>(b.nearest)] * rules.of(a.nearest).threshold;
    return left != right ? left > right : a.last_at > b.last_at;
  };
  std::vector<Suspect> out;
  for (Shard& shard : shards_) {
    {
      const std::lock_guard lock{shard.mutex};
      for (Offender& offender : shard.offenders) {
        expire(offender, now);
        if (!offender.events.empty()) out.push_back(standing(offender, rules));
      }
    }
    std::ranges::sort(out, nearer);
    if (out.size() > limit) out.resize(limit);
  }
  return out;
}

std::size_t OffenceTracker::suspect_count(TimePoint now) {
  std::size_t count = 0;
  for (Shard& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    for (Offender& offender : shard.offenders) {
      expire(offender, now);
      if (!offender.events.empty()) ++count;
    }
  }
  return count;
}

std::optional<Suspect> OffenceTracker::find(const Cidr& network, const OffenceRules& rules, TimePoint now) {
  Shard& shard = shard_of(network);
  const std::lock_guard lock{shard.mutex};
  const auto known = shard.places.find(network);
  if (known == shard.places.end()) return std::nullopt;
  Offender& offender = shard.offenders[known->second];
  expire(offender, now);
  if (offender.events.empty()) return std::nullopt;
  return standing(offender, rules);
}

std::size_t OffenceTracker::size() const {
  std::size_t count = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    count += shard.offenders.size();
  }
  return count;
}

std::vector<SavedOffender> OffenceTracker::changes(std::size_t limit) {
  std::vector<SavedOffender> out;
  for (Shard& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    for (const Cidr& network : shard.forgotten) {
      if (!shard.places.contains(network)) out.push_back({network, {}, {}});
    }
    shard.forgotten.clear();
    for (Offender& offender : shard.offenders) {
      if (out.size() >= limit) return out;
      if (!offender.changed || offender.events.empty()) continue;
      offender.changed = false;
      SavedOffender saved{offender.network, {}, TimePoint{Micros{offender.events.back().at}}};
      for (const Event& event : offender.events) {
        saved.offences += std::string{name_of(event.kind)} + ':' + std::to_string(event.at) + ':' +
                          std::to_string(event.weight) + ':' + std::to_string(event.subject) + ';';
      }
      out.push_back(std::move(saved));
    }
  }
  return out;
}

void OffenceTracker::restore(const SavedOffender& saved, TimePoint now) {
  std::vector<Event> events;
  for (const std::string_view part : split(saved.offences, ';')) {
    const auto fields = split(part, ':');
    if (fields.size() != 4) continue;
    const auto kind = offence_kind(fields[0]);
    const auto at = parse_int(fields[1]);
    const auto weight = parse_int(fields[2]);
    const auto subject = parse_int(fields[3]);
    if (!kind || !at || !weight || *weight < 1 || *weight > 255 || !subject || events.size() == kEventsMax) continue;
    events.push_back({*at, static_cast<std::uint32_t>(*subject), *kind, static_cast<std::uint8_t>(*weight)});
  }
  Shard& shard = shard_of(saved.network);
  const std::lock_guard lock{shard.mutex};
  Offender* offender = admit(shard, saved.network, static_cast<std::uint32_t>(events.size()), now);
  if (offender == nullptr) return;
  offender->events = std::move(events);
  offender->changed = false;
  expire(*offender, now);
}

}  // namespace kavach::guard
