#include "identity/attempt_throttle.h"

#include <algorithm>

namespace kavach::identity {
namespace {

constexpr std::chrono::hours kForgottenAfter{24};
constexpr int kDoublingsMax = 20;

std::chrono::seconds rounded_up(Monotonic left) { return std::chrono::ceil<std::chrono::seconds>(left); }

}  // namespace

AttemptThrottle::AttemptThrottle(const Clock& clock, std::size_t keys_max) : clock_{clock}, keys_max_{keys_max} {}

Monotonic AttemptThrottle::wait_of(const Counter& counter, const Rule& rule) {
  const int over = counter.attempts - rule.free_attempts;
  if (over < 0) return Monotonic{0};
  const std::chrono::seconds wait = rule.first_wait * (1LL << std::min(over, kDoublingsMax));
  return std::min(wait, rule.wait_max);
}

std::optional<std::chrono::seconds> AttemptThrottle::admit(const Keys& keys) {
  const Monotonic now = clock_.monotonic();
  return counters_.with([&](Counters& counters) -> std::optional<std::chrono::seconds> {
    Monotonic longest{0};
    for (const auto& key : keys) {
      const auto found = counters.by_name.find(key.name);
      if (found == counters.by_name.end()) continue;
      if (now - found->second.last >= kForgottenAfter) found->second.attempts = 0;
      longest = std::max(longest, found->second.last + wait_of(found->second, key.rule) - now);
    }
    if (longest > Monotonic{0}) return rounded_up(longest);
    for (const auto& key : keys) {
      auto found = counters.by_name.find(key.name);
      if (found == counters.by_name.end()) {
        if (counters.by_name.size() >= keys_max_) {
          counters.by_name.erase(counters.oldest_first.front());
          counters.oldest_first.pop_front();
        }
        const auto place = counters.oldest_first.insert(counters.oldest_first.end(), key.name);
        found = counters.by_name.try_emplace(key.name, Counter{0, now, place}).first;
      }
      counters.oldest_first.splice(counters.oldest_first.end(), counters.oldest_first, found->second.place);
      ++found->second.attempts;
      found->second.last = now;
    }
    return std::nullopt;
  });
}

void AttemptThrottle::take_back(const Keys& keys) {
  counters_.with([&](Counters& counters) {
    for (const auto& key : keys) {
      const auto found = counters.by_name.find(key.name);
      if (found != counters.by_name.end() && found->second.attempts > 0) --found->second.attempts;
    }
  });
}

void AttemptThrottle::forget(const std::string& name) {
  counters_.with([&](Counters& counters) {
    const auto found = counters.by_name.find(name);
    if (found == counters.by_name.end()) return;
    counters.oldest_first.erase(found->second.place);
    counters.by_name.erase(found);
  });
}

}  // namespace kavach::identity
