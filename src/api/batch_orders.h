#pragma once

// Several orders for one request, placed one after another, each with its own fate: the loop behind
// basketorder, splitorder and the sliced options orders.

#include <cstdint>
#include <string>
#include <vector>

#include "api/context.h"
#include "api/order_calls.h"
#include "core/json.h"

namespace kavach::api {

inline constexpr std::int64_t kSlicesMax = 100;

struct SliceResult {
  Quantity quantity;
  PlacedAnswer answer;
};

/// The sizes of the slices: `size`, `size`, …, the rest. `quantity` and `size` are positive.
[[nodiscard]] std::int64_t slice_count(Quantity quantity, std::int64_t size);

/// Places `request` in slices of `size`; a failure does not stop the rest. Each slice has an
/// idempotency key of its own, made of the request's.
[[nodiscard]] Task<std::vector<SliceResult>> place_slices(Context context,
                                                          trading::OrderRequest request,
                                                          std::int64_t size);

/// `{"order_num":1,"orderid":…,"quantity":50,"status":"success"}` for each slice.
void write_slices(JsonWriter& json, std::string_view name, const std::vector<SliceResult>& slices);

/// Whether the order is in the book as far as the caller is concerned.
[[nodiscard]] bool is_placed(const PlacedAnswer& answer);
/// Writes `orderid`, or `message` (and `code`, and the id of an order that may be live), then the
/// status. Keys in order of the alphabet only among themselves.
void write_outcome(JsonWriter& json, const PlacedAnswer& answer);

/// The request's idempotency key for its part `index`; empty when it has none.
[[nodiscard]] std::string part_key(const std::string& key, std::size_t index);

}  // namespace kavach::api
