#pragma once

// What one request counts against an order rate: a basket its orders, a split order its slices, a
// multi-leg order its legs. Pure, and over an undecoded body: whatever is not clearly more counts once.

#include <cstdint>

#include "core/json.h"

namespace kavach::guard {

/// 1..kCostMax.
[[nodiscard]] std::uint32_t order_cost(const json::object& body);

}  // namespace kavach::guard
