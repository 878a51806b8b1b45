#include "guard/offence_tally.h"

namespace kavach::guard {
namespace {

std::int64_t minute_of(TimePoint at) {
  return std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
}

}  // namespace

void OffenceTally::count(TimePoint now) {
  const std::int64_t minute = minute_of(now);
  cells_.with([&](auto& cells) {
    Cell& cell = cells[static_cast<std::size_t>(minute) % kMinutes];
    if (cell.at.minute != minute) cell.at = {minute, 0};
    ++cell.at.offences;
    cell.changed = true;
  });
}

std::int64_t OffenceTally::last_day(TimePoint now) const {
  const std::int64_t minute = minute_of(now);
  return cells_.with([&](const auto& cells) {
    std::int64_t sum = 0;
    for (const Cell& cell : cells) {
      if (cell.at.minute > minute - static_cast<std::int64_t>(kMinutes)) sum += cell.at.offences;
    }
    return sum;
  });
}

std::vector<OffenceTally::Minute> OffenceTally::changes() {
  return cells_.with([](auto& cells) {
    std::vector<Minute> out;
    for (Cell& cell : cells) {
      if (cell.changed) out.push_back(cell.at);
      cell.changed = false;
    }
    return out;
  });
}

void OffenceTally::restore(const Minute& minute) {
  cells_.with([&](auto& cells) { cells[static_cast<std::size_t>(minute.minute) % kMinutes] = {minute, false}; });
}

}  // namespace kavach::guard
