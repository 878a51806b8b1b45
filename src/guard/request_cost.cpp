#include "guard/request_cost.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "core/text.h"
#include "guard/rate_limiter.h"

namespace kavach::guard {
namespace {

std::int64_t list_size(const json::object& body, std::string_view name) {
  const json::value* found = body.if_contains(name);
  return found != nullptr && found->is_array() ? static_cast<std::int64_t>(found->get_array().size()) : 0;
}

/// Numbers also come as texts in this protocol: `" 1e2 "`, `"1_000"`.
double number_in(std::string_view text) {
  std::string plain{trim(text)};
  std::erase(plain, '_');
  if (plain.starts_with('+')) plain.erase(0, 1);
  double value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  return error == std::errc{} && end == plain.data() + plain.size() && std::isfinite(value) ? value : 0;
}

double number(const json::object& body, std::string_view name) {
  const json::value* found = body.if_contains(name);
  if (found == nullptr) return 0;
  if (found->is_number()) return found->to_number<double>();
  return found->is_string() ? number_in(std::string_view{found->get_string()}) : 0;
}

std::int64_t slices(const json::object& body) {
  const double quantity = std::ceil(number(body, "quantity"));
  const double size = std::trunc(number(body, "splitsize"));
  if (!(quantity > 0 && size > 0)) return 1;
  return static_cast<std::int64_t>(std::min<double>(std::ceil(quantity / size), kCostMax));
}

std::int64_t legs(const json::object& body) {
  const json::value* found = body.if_contains("legs");
  if (found == nullptr || !found->is_array()) return 0;
  std::int64_t orders = 0;
  for (const json::value& leg : found->get_array()) orders += leg.is_object() ? slices(leg.get_object()) : 1;
  return orders;
}

}  // namespace

std::uint32_t order_cost(const json::object& body) {
  const std::int64_t most = std::max({list_size(body, "orders"), legs(body), slices(body)});
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(most, 1, kCostMax));
}

}  // namespace kavach::guard
