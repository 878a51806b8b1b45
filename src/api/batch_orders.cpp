#include "api/batch_orders.h"

#include <algorithm>
#include <utility>

#include "crypto/sha256.h"

namespace kavach::api {
namespace {

constexpr std::string_view kReused = "CLIENT_ORDER_ID_REUSED";
constexpr std::size_t kLegsMax = 20;

// The same content in the same form, whatever the order of its fields. The key itself may come as a header.
void write_canonical(JsonWriter& json, const json::value& value) {
  if (const auto* object = value.if_object()) {
    std::vector<std::string_view> names;
    for (const auto& [name, inner] : *object) names.emplace_back(name);
    std::ranges::sort(names);
    json.object();
    for (const auto name : names) {
      if (name == "apikey" || name == "client_order_id") continue;
      write_canonical(json.key(name), object->at(name));
    }
    json.end();
  } else if (const auto* array = value.if_array()) {
    json.array();
    for (const auto& inner : *array) write_canonical(json, inner);
    json.end();
  } else {
    json.value(value);
  }
}

std::int64_t digest_of(const json::value& body) {
  std::string text;
  JsonWriter json{text};
  write_canonical(json, body);
  const auto digest = crypto::sha256(text);
  std::int64_t out = 0;
  for (std::size_t i = 0; i < 7; ++i) out = out << 8 | std::to_integer<std::int64_t>(digest[i]);
  return out | 1;  // zero stands for none
}

// Wherever the parts of an earlier request under this key may be: it may have been of another kind.
std::vector<std::string> part_keys(const std::string& key) {
  std::vector<std::string> keys{key};
  for (std::size_t part = 1; part <= static_cast<std::size_t>(kSlicesMax); ++part) keys.push_back(part_key(key, part));
  for (std::size_t leg = 1; leg <= kLegsMax; ++leg) keys.push_back(part_key(part_key(key, leg), 1));
  return keys;
}

}  // namespace

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

Task<trading::Answer<Batch>> begin_batch(Context context, std::string key) {
  if (key.empty()) co_return Batch{};
  Batch batch{std::move(key), digest_of(context.call->json_body()), {}};
  std::optional<trading::Books::ClientOrder> first;
  const auto keys = part_keys(batch.key);
  const auto read = co_await read_books(context, [&keys, &first](const trading::Books& books) {
    for (const auto& each : keys) {
      first = books.find_client_order(each);
      if (first) return;
    }
  });
  if (!read) co_return std::unexpected(trading::Refusal{read.error(), {}, {}});
  if (!first) co_return batch;
  if (first->asked.request_digest != batch.digest) {
    co_return std::unexpected(trading::Refusal{
        Error{ErrorCode::Conflict, "This client order id was used for another request.", {}}, std::string{kReused}, first->order_id});
  }
  batch.underlying_price = first->asked.underlying_price;
  co_return batch;
}

trading::OrderRequest part_of(const Batch& batch, trading::OrderRequest request, std::size_t index) {
  request.client_order_id = part_key(batch.key, index);
  request.request_digest = batch.digest;
  return request;
}

bool is_foreign(const PlacedAnswer& answer) { return !answer && answer.error().code == kReused; }

Task<std::vector<SliceResult>> place_slices(Context context, Batch batch, trading::OrderRequest request,
                                            std::int64_t size) {
  std::vector<SliceResult> results;
  std::int64_t left = request.quantity.whole_part();
  while (left > 0) {
    const Quantity quantity = Quantity::whole(std::min(left, size));
    trading::OrderRequest slice = part_of(batch, request, results.size() + 1);
    slice.quantity = quantity;
    PlacedAnswer answer = co_await place(context, std::move(slice));
    results.push_back({quantity, std::move(answer)});
    if (is_foreign(results.back().answer)) break;
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
