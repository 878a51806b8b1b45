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

/// One request that makes several orders. Repeated under its key it makes none a second time: each part has a key of
/// its own, and all of them carry the request's digest, so that another request cannot add parts to it.
struct Batch {
  std::string key;         ///< empty: not repeatable
  std::int64_t digest{0};
  Price underlying_price{};  ///< from which the first attempt chose its contracts; zero when this is the first
};

/// Refused with CLIENT_ORDER_ID_REUSED when the key stands for another request.
[[nodiscard]] Task<trading::Answer<Batch>> begin_batch(Context context, std::string key);

/// `request` as a part of the batch, under the key of its `index`.
[[nodiscard]] trading::OrderRequest part_of(const Batch& batch, trading::OrderRequest request, std::size_t index);
/// The key stands for another request: the parts that are left must not be sent either.
[[nodiscard]] bool is_foreign(const PlacedAnswer& answer);

struct SliceResult {
  Quantity quantity;
  PlacedAnswer answer;
};

/// The sizes of the slices: `size`, `size`, …, the rest. `quantity` and `size` are positive.
[[nodiscard]] std::int64_t slice_count(Quantity quantity, std::int64_t size);

/// Places `request` in slices of `size`, each a part of the batch; a failure does not stop the rest, but that the key
/// is another request's does.
[[nodiscard]] Task<std::vector<SliceResult>> place_slices(Context context, Batch batch, trading::OrderRequest request,
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
