#include "trading/rate_governor.h"

#include <algorithm>

namespace kavach::trading {

bool RateGovernor::admit(const RiskLimits& limits, market::Exchange segment, bool adds_exposure,
                         Monotonic now) {
  const std::int64_t per_second =
      adds_exposure ? limits.orders_per_second : limits.messages_per_second;
  const std::int64_t per_minute =
      adds_exposure ? limits.orders_per_minute : limits.messages_per_minute;
  if (per_second == 0 && per_minute == 0) return true;

  auto& sent = sent_[segment];
  while (!sent.empty() && sent.front() + std::chrono::minutes{1} <= now) sent.pop_front();
  const auto second_ago = std::ranges::upper_bound(sent, now - std::chrono::seconds{1});
  const std::int64_t in_second = sent.end() - second_ago;
  if (per_second > 0 && in_second >= per_second) return false;
  if (per_minute > 0 && static_cast<std::int64_t>(sent.size()) >= per_minute) return false;
  sent.push_back(now);
  return true;
}

}  // namespace kavach::trading
