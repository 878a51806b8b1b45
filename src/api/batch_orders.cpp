#include "api/batch_orders.h"

#include <algorithm>
#include <utility>

namespace kavach::api {

std::int64_t slice_count(Quantity quantity, std::int64_t size) {
  const std::int64_t whole = quantity.whole_part();
  return (whole + size - 1) / size;
}

bool is_placed(const PlacedAnswer& answer) {
  return answer && answer->status != trading::OrderStatus::Unknown;
}

void write_outcome(JsonWriter& json, const PlacedAnswer& answer) {
  if (is_placed(answer)) {
    json.field("orderid", answer->order_id).field("status", "success");
    return;
  }
  if (answer) {
    json.field("code", "ORDER_OUTCOME_UNKNOWN")
        .field("message", "The broker did not answer in time. Do not send it again: ask orderstatus with this id.")
        .field("orderid", answer->order_id)
        .field("status", "error");
    return;
  }
  const trading::Refusal& refusal = answer.error();
  if (!refusal.code.empty()) json.field("code", refusal.code);
  json.field("message", refusal.error.message);
  if (!refusal.order_id.empty()) json.field("orderid", refusal.order_id);
  json.field("status", "error");
}

std::string part_key(const std::string& key, std::size_t index) {
  return key.empty() ? key : key + "#" + std::to_string(index);
}

Task<std::vector<SliceResult>> place_slices(Context context, trading::OrderRequest request,
                                            std::int64_t size) {
  std::vector<SliceResult> results;
  std::int64_t left = request.quantity.whole_part();
  while (left > 0) {
    const Quantity quantity = Quantity::whole(std::min(left, size));
    trading::OrderRequest slice = request;
    slice.quantity = quantity;
    slice.client_order_id = part_key(request.client_order_id, results.size() + 1);
    PlacedAnswer answer = co_await place(context, std::move(slice));
    results.push_back({quantity, std::move(answer)});
    left -= size;
  }
  co_return results;
}

void write_slices(JsonWriter& json, std::string_view name, const std::vector<SliceResult>& slices) {
  json.key(name).array();
  std::int64_t number = 0;
  for (const SliceResult& slice : slices) {
    json.object()
        .field("order_num", ++number)
        .field("quantity", slice.quantity.whole_part());
    write_outcome(json, slice.answer);
    json.end();
  }
  json.end();
}

}  // namespace kavach::api
