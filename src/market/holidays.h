#pragma once

// The built-in holiday list behind `Calendar`. Exchange circulars for 2025 and 2026; 2027 is provisional
// where it follows the moon (docs/market-data.md). Used by calendar.cpp only.

#include <vector>

#include "market/calendar.h"

namespace kavach::market {

/// Ascending by date.
[[nodiscard]] std::vector<Holiday> builtin_holidays();

}  // namespace kavach::market
