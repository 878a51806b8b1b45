#include "guard/load_shedding.h"

#include <algorithm>

namespace kavach::guard {
namespace {

// Some of everything passes at every level, so that recovery is noticed; only what can wait does not.
constexpr int kShareMax = 96;

// So many intervals without a standing delay for one level down: a flood that is refused seems to be over,
// and would come back with every level that was given up too soon.
constexpr int kCalmIntervals = 5;

// Up to this level only strangers are refused. Beyond it known callers are too, when it is they who ask for
// so many in a hundred: refusing them because of others would not help.
constexpr int kStrangersLevelMax = 8;
constexpr int kKnownShareMin = 25;

constexpr int growing(int level, int above, int percent_a_level) {
  return std::clamp((level - above) * percent_a_level, 0, kShareMax);
}

}  // namespace

void LoadShedder::observe(std::size_t loop, Monotonic delay, Monotonic now) {
  std::atomic<std::int64_t>& mine = least_[loop % kLoops].delay;
  std::int64_t least = mine.load(std::memory_order_relaxed);
  while (delay.count() < least && !mine.compare_exchange_weak(least, delay.count(), std::memory_order_relaxed)) {
  }
  std::int64_t start = interval_start_.load(std::memory_order_relaxed);
  const std::int64_t length = Monotonic{limits_.interval}.count();
  if (now.count() - start < length) return;
  // Whoever turns the interval judges it.
  if (!interval_start_.compare_exchange_strong(start, now.count(), std::memory_order_relaxed)) return;
  std::int64_t standing = 0;
  for (Least& each : least_) {
    const std::int64_t one = each.delay.exchange(INT64_MAX, std::memory_order_relaxed);
    if (one != INT64_MAX) standing = std::max(standing, one);
  }
  judge(Monotonic{standing}, now.count() - start > 10 * length);
}

void LoadShedder::judge(Monotonic standing_delay, bool after_silence) {
  waiting_.store(standing_delay.count(), std::memory_order_relaxed);
  const Monotonic target{limits_.delay_target};
  const std::uint32_t all = asked_.exchange(0, std::memory_order_relaxed);
  const std::uint32_t known = asked_by_known_.exchange(0, std::memory_order_relaxed);
  const bool is_of_known = std::uint64_t{known} * 100 >= std::uint64_t{all} * kKnownShareMin;
  const int highest = is_of_known ? kLevelMax : kStrangersLevelMax;
  const int before = after_silence ? 0 : level();  // after silence nothing waits any more
  if (standing_delay > target && all >= limits_.requests_min) {
    // The further behind, the faster up: the worst flood is held off within half a second.
    const int step = standing_delay > 8 * target ? 3 : standing_delay > 3 * target ? 2 : 1;
    calm_.store(0, std::memory_order_relaxed);
    level_.store(std::min(before + step, highest), std::memory_order_relaxed);
    return;
  }
  const bool is_down = calm_.fetch_add(1, std::memory_order_relaxed) % kCalmIntervals == kCalmIntervals - 1;
  level_.store(is_down ? std::max(before - 1, 0) : before, std::memory_order_relaxed);
}

int LoadShedder::share(Priority priority, Standing standing) const {
  const int level = LoadShedder::level();
  if (level == 0) return 0;
  if (priority == Priority::Deferrable) return 100;
  if (priority == Priority::Essential) return standing == Standing::Known ? 0 : growing(level, 5, 32);
  switch (standing) {
    case Standing::Stranger: return level >= 2 ? 100 : 0;
    case Standing::Claims: return growing(level, 2, 32);
    case Standing::Known: return growing(level, kStrangersLevelMax, 16);
  }
  return 0;
}

void LoadShedder::count(Standing standing) {
  asked_.fetch_add(1, std::memory_order_relaxed);
  if (standing == Standing::Known) asked_by_known_.fetch_add(1, std::memory_order_relaxed);
}

bool LoadShedder::is_one_of(int percent) {
  if (percent == 0) return false;
  const auto turn = turn_.fetch_add(1, std::memory_order_relaxed) * 37 % 100;
  return turn < static_cast<std::uint32_t>(percent);
}

bool LoadShedder::admit_connection(Standing standing) {
  if (standing == Standing::Known) return true;
  count(standing);
  return !is_one_of(share(Priority::Essential, standing));
}

bool LoadShedder::admits(Priority priority, Standing standing) {
  count(standing);
  return !is_one_of(share(priority, standing));
}

std::optional<LoadShedder::Slot> LoadShedder::enter(Priority priority, Standing standing) {
  const bool has_reserve = priority == Priority::Essential && standing == Standing::Known;
  const std::int64_t places = limits_.in_flight_max + (has_reserve ? limits_.essential_reserve : 0);
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= places) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return Slot{&in_flight_};
}

}  // namespace kavach::guard
