#include "console/order_body.h"

#include <optional>
#include <string_view>

namespace kavach::console {
namespace {

constexpr std::size_t kTextMax = 64;
// No price or quantity of a real market exceeds it, and products of two stay inside 64 bits.
constexpr double kNumberMax = 1e9;
constexpr std::string_view kStrategy = "console";

/// Reads members one by one and remembers the first thing that is wrong.
class Reader {
 public:
  explicit Reader(const json::object& body) : body_{body} {}

  std::string text(std::string_view name, bool required = true) {
    const json::value* value = body_.if_contains(name);
    if (value == nullptr && !required) return {};
    if (value == nullptr || !value->is_string() || value->get_string().size() > kTextMax ||
        (required && value->get_string().empty())) {
      complain(std::string{name} + " must be a text of 1 to 64 characters.");
      return {};
    }
    return std::string{value->get_string()};
  }

  /// Non-negative. A price that a double cannot carry exactly is rounded to its type's last place.
  template <class Number>
  Number number(std::string_view name, bool required) {
    const json::value* value = body_.if_contains(name);
    if (value == nullptr && !required) return {};
    if (value == nullptr || !value->is_number()) {
      complain(std::string{name} + " must be a number.");
      return {};
    }
    const double given = value->to_number<double>();
    const auto fixed = Number::from_double(given);
    if (given < 0 || given > kNumberMax || !fixed) {
      complain(std::string{name} + " is out of range.");
      return {};
    }
    return *fixed;
  }

  template <class Choice>
  Choice choice(std::string_view name, std::optional<Choice> (*parse)(std::string_view)) {
    const auto chosen = parse(text(name));
    if (!chosen) complain(std::string{name} + " is not one of the allowed words.");
    return chosen.value_or(Choice{});
  }

  void complain(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  template <class T>
  Result<T> result(T value) {
    if (!problem_.empty()) return fail(ErrorCode::InvalidInput, std::move(problem_));
    return value;
  }

 private:
  const json::object& body_;
  std::string problem_;
};

}  // namespace

Result<trading::OrderRequest> order_of(const json::object& body) {
  Reader read{body};
  trading::OrderRequest order;
  order.instrument.exchange = read.choice("exchange", market::parse_exchange);
  order.instrument.symbol = read.text("symbol");
  order.side = read.choice("action", trading::parse_side);
  order.quantity = read.number<Quantity>("quantity", true);
  order.price_type = read.choice("pricetype", trading::parse_price_type);
  order.product = read.choice("product", trading::parse_product);
  order.price = read.number<Price>("price", false);
  order.trigger_price = read.number<Price>("trigger_price", false);
  order.disclosed_quantity = read.number<Quantity>("disclosed_quantity", false);
  order.client_order_id = read.text("client_order_id", false);
  order.strategy = kStrategy;
  if (!order.quantity.is_positive()) read.complain("quantity must be greater than 0.");
  return read.result(std::move(order));
}

Result<trading::OrderChange> change_of(const json::object& body) {
  Reader read{body};
  trading::OrderChange change;
  change.order_id = read.text("orderid");
  change.quantity = read.number<Quantity>("quantity", true);
  change.price = read.number<Price>("price", false);
  change.trigger_price = read.number<Price>("trigger_price", false);
  change.price_type = read.choice("pricetype", trading::parse_price_type);
  if (!change.quantity.is_positive()) read.complain("quantity must be greater than 0.");
  return read.result(std::move(change));
}

Result<std::string> order_id_of(const json::object& body) {
  Reader read{body};
  std::string order_id = read.text("orderid");
  return read.result(std::move(order_id));
}

}  // namespace kavach::console
