// Bytes from anyone through the JSON reader and every order schema: a body is either decoded into
// values within their bounds or refused with an error map that both notations can show.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/option_bodies.h"
#include "api/order_bodies.h"
#include "core/text.h"
#include "expect.h"

namespace {

using namespace kavach;
using namespace kavach::api;
using fuzz::expect;

const Quantity kMost = Quantity::whole(kNumberMax);

void check_fields(const OrderFields& fields) {
  expect(!fields.quantity.is_negative() && fields.quantity <= kMost, "a quantity is within bounds");
  expect(!fields.price.is_negative(), "a price is not negative");
  expect(!fields.trigger_price.is_negative(), "a trigger price is not negative");
  expect(fields.disclosed_quantity >= 0, "a disclosed quantity is not negative");
  expect(fields.symbol.find('\0') == std::string::npos, "a symbol holds no NUL");
  expect(fields.exchange == market::Exchange::Crypto || fields.quantity.is_whole(),
         "only crypto is fractional");
}

void check_decoded(const OrderFields& body) { check_fields(body); }
void check_decoded(const BasketBody& body) {
  for (const OrderFields& order : body.orders) check_fields(order);
}
void check_decoded(const CancelOrderBody& body) {
  expect(length_of(body.order_id) <= kOrderIdMax, "an order id is short");
}
void check_decoded(const StrategyBody&) {}
void check_decoded(const ClosePositionBody& body) {
  expect(body.symbol_group.empty(), "a group is refused");
}
void check_decoded(const OptionOrderBody& body) {
  expect(body.quantity >= 1 && body.split_size >= 0, "option quantities are positive");
}
void check_decoded(const OptionMultiOrderBody& body) {
  expect(!body.legs.empty() && body.legs.size() <= 20, "one to twenty legs");
}

void check_shown(const FieldErrors& errors) {
  expect(!errors.empty(), "a refusal names what is wrong");
  std::string literal;
  append_python_literal(literal, errors);
  expect(is_valid_utf8(literal), "the literal notation is text");
  for (const char c : literal) {
    expect(static_cast<unsigned char>(c) >= 0x20, "the literal notation escapes controls");
  }
  std::string object;
  JsonWriter json{object};
  write_errors(json, errors);
  expect(parse_json(object).has_value(), "the object notation is JSON");
}

template <class Body>
void decode(const RequestSchema<Body>& schema, const json::object& body) {
  for (const KeyCheck key : {KeyCheck::Required, KeyCheck::Done}) {
    if (const auto decoded = schema.decode(body, key)) {
      check_decoded(*decoded);
    } else {
      check_shown(decoded.error());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = parse_json({reinterpret_cast<const char*>(data), size});
  if (!parsed || !parsed->is_object()) return 0;
  const json::object& body = parsed->get_object();
  decode(place_order_schema(), body);
  decode(smart_order_schema(), body);
  decode(modify_order_schema(), body);
  decode(cancel_order_schema(), body);
  decode(strategy_schema(), body);
  decode(close_position_schema(), body);
  decode(basket_schema(), body);
  decode(split_order_schema(), body);
  decode(option_order_schema(), body);
  decode(option_multi_order_schema(), body);
  return 0;
}
