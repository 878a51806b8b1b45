#include "guard/load_shedding.h"

#include <algorithm>

namespace kavach::guard {

void LoadShedder::observe(Monotonic delay, Monotonic now) {
  std::int64_t least = least_delay_.load(std::memory_order_relaxed);
  while (delay.count() < least &&
         !least_delay_.compare_exchange_weak(least, delay.count(), std::memory_order_relaxed)) {
  }
  std::int64_t start = interval_start_.load(std::memory_order_relaxed);
  const std::int64_t length = Monotonic{limits_.interval}.count();
  if (now.count() - start < length) return;
  // Whoever turns the interval judges it.
  if (!interval_start_.compare_exchange_strong(start, now.count(), std::memory_order_relaxed)) return;
  least = least_delay_.exchange(INT64_MAX, std::memory_order_relaxed);
  const std::int64_t target = Monotonic{limits_.delay_target}.count();
  const int level = level_.load(std::memory_order_relaxed);
  // After silence (an interval much longer than usual) nothing waits any more.
  if (now.count() - start > 10 * length) {
    level_.store(least > target ? 1 : 0, std::memory_order_relaxed);
  } else if (least > target) {
    level_.store(std::min(level + 1, kLevelMax), std::memory_order_relaxed);
  } else {
    level_.store(std::max(level - 1, 0), std::memory_order_relaxed);
  }
}

bool LoadShedder::sheds(Priority priority, bool known) {
  const int level = LoadShedder::level();
  if (level == 0 || priority == Priority::Essential) return false;
  if (priority == Priority::Deferrable) return true;
  if (!known) return level >= 2;
  // From level 3 on 12 % of the rest, up to 96 %: some always passes, so that recovery is noticed.
  const auto share = static_cast<std::uint32_t>(std::max(level - 2, 0)) * 12;
  return turn_.fetch_add(1, std::memory_order_relaxed) * 37 % 100 < share;
}

std::optional<LoadShedder::Slot> LoadShedder::admit(Priority priority, bool known) {
  if (sheds(priority, known)) return std::nullopt;
  const std::int64_t places =
      limits_.in_flight_max + (priority == Priority::Essential ? limits_.essential_reserve : 0);
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= places) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return Slot{&in_flight_};
}

}  // namespace kavach::guard
