#pragma once

// Times as the tables keep them: microseconds since the epoch, null where there is none.

#include <optional>

#include "core/clock.h"
#include "store/database.h"

namespace kavach::identity {

[[nodiscard]] inline TimePoint time_at(const store::Row& row, int column) {
  return TimePoint{Micros{row.integer(column)}};
}
[[nodiscard]] inline std::optional<TimePoint> optional_time_at(const store::Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return time_at(row, column);
}
[[nodiscard]] inline store::Param time_param(TimePoint at) { return std::int64_t{epoch_micros(at)}; }
[[nodiscard]] inline store::Param time_param(std::optional<TimePoint> at) {
  if (!at) return std::monostate{};
  return time_param(*at);
}

}  // namespace kavach::identity
