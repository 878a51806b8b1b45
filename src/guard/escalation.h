#pragma once

// How long the next ban of the same offender lasts. Pure.

#include <chrono>
#include <cstdint>
#include <optional>

namespace kavach::guard {

/// What the history says of one network. Neither expiry nor unban takes anything out of it.
struct PastBans {
  std::int64_t count{0};
  std::chrono::seconds longest{0};  ///< of the temporary ones
};

/// `base` when that is longer than every ban before; else the first longer rung of 24 h, 48 h, 7 days and
/// from there doubled. Nothing (for ever) once `count` has reached `repeat_limit`, or where the ladder
/// passes the longest ban there is.
[[nodiscard]] std::optional<std::chrono::seconds> next_ban_duration(const PastBans& past,
                                                                    std::chrono::seconds base,
                                                                    std::int64_t repeat_limit);

}  // namespace kavach::guard
