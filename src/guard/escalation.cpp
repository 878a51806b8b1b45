#include "guard/escalation.h"

#include "guard/ban.h"

namespace kavach::guard {
namespace {

constexpr std::chrono::seconds kDay = std::chrono::hours{24};

std::chrono::seconds rung_above(std::chrono::seconds duration) {
  if (duration < kDay) return kDay;
  if (duration < 2 * kDay) return 2 * kDay;
  std::chrono::seconds rung = 7 * kDay;
  while (rung <= duration) rung *= 2;
  return rung;
}

}  // namespace

std::optional<std::chrono::seconds> next_ban_duration(const PastBans& past, std::chrono::seconds base,
                                                      std::int64_t repeat_limit) {
  if (past.count >= repeat_limit) return std::nullopt;
  // A first ban is what the setting says, even when that is no rung; later ones must be longer.
  const std::chrono::seconds duration =
      base > past.longest ? base : rung_above(past.longest);
  if (duration > kBanMax) return std::nullopt;
  return duration;
}

}  // namespace kavach::guard
