#include "guard/request_cost.h"

#include <algorithm>

#include "core/text.h"
#include "guard/rate_limiter.h"

namespace kavach::guard {
namespace {

std::int64_t list_size(const json::object& body, std::string_view name) {
  const json::value* found = body.if_contains(name);
  return found != nullptr && found->is_array() ? static_cast<std::int64_t>(found->get_array().size()) : 0;
}

/// Numbers also come as texts in this protocol.
std::int64_t number(const json::object& body, std::string_view name) {
  const json::value* found = body.if_contains(name);
  if (found == nullptr) return 0;
  if (found->is_int64()) return found->get_int64();
  return found->is_string() ? parse_int(std::string_view{found->get_string()}).value_or(0) : 0;
}

std::int64_t slices(const json::object& body) {
  const std::int64_t quantity = number(body, "quantity");
  const std::int64_t size = number(body, "splitsize");
  return quantity > 0 && size > 0 ? (quantity - 1) / size + 1 : 0;
}

}  // namespace

std::uint32_t order_cost(const json::object& body) {
  const std::int64_t most = std::max({list_size(body, "orders"), list_size(body, "legs"), slices(body)});
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(most, 1, kCostMax));
}

}  // namespace kavach::guard
