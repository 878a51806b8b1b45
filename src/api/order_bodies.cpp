#include "api/order_bodies.h"

#include "api/choices.h"

namespace kavach::api {
namespace {

constexpr TextRule kSymbolRule{.length_max = 64};
constexpr TextRule kOrderIdRule{.length_max = kOrderIdMax};

template <class Body>
void add_client_order_id(RequestSchema<Body>& schema) {
  schema.text("client_order_id", &Body::client_order_id, Presence::Optional, kOrderIdRule);
}

template <class Body>
void add_what(RequestSchema<Body>& schema) {
  schema.choice("exchange", &Body::exchange, Presence::Required, any_exchange())
      .text("symbol", &Body::symbol, Presence::Required, kSymbolRule)
      .choice("action", &Body::side, Presence::Required, any_action());
}

// From `pricetype` on the order forms agree but for what must be present.
template <class Body>
void add_terms(RequestSchema<Body>& schema) {
  schema.choice("pricetype", &Body::price_type, Presence::Optional, any_price_type())
      .choice("product", &Body::product, Presence::Optional, any_product());
}

template <class Body>
void add_prices(RequestSchema<Body>& schema) {
  schema.number("price", &Body::price, Presence::Optional, {.minimum = 0, .refusal = kPrice})
      .number("trigger_price", &Body::trigger_price, Presence::Optional,
              {.minimum = 0, .refusal = kTrigger})
      .integer("disclosed_quantity", &Body::disclosed_quantity, Presence::Optional,
               {.minimum = 0, .refusal = kDisclosed});
}

template <class Body>
void add_whole_quantity(RequestSchema<Body>& schema) {
  schema.whole([](const Body& body, FieldErrors& errors) {
    check_whole_quantity(body.exchange, body.quantity, errors);
  });
}

RequestSchema<OrderFields> basket_item() {
  RequestSchema<OrderFields> schema{KeyField::None};
  add_what(schema);
  schema.number("quantity", &OrderFields::quantity, Presence::Required,
                {.above = 0, .refusal = kPositiveQuantity});
  add_terms(schema);
  add_prices(schema);
  add_whole_quantity(schema);
  return schema;
}

}  // namespace

void check_whole_quantity(market::Exchange exchange, Quantity quantity, FieldErrors& errors) {
  if (exchange == market::Exchange::Crypto || quantity.is_whole()) return;
  errors.add("quantity", "Fractional quantity (" + quantity.text() +
                             ") is not allowed for non-crypto exchanges.");
}

const RequestSchema<PlaceOrderBody>& place_order_schema() {
  static const RequestSchema<PlaceOrderBody> kSchema = [] {
    RequestSchema<PlaceOrderBody> schema;
    schema.text("strategy", &PlaceOrderBody::strategy, Presence::Required);
    add_what(schema);
    schema.number("quantity", &PlaceOrderBody::quantity, Presence::Required,
                  {.above = 0, .refusal = kPositiveQuantity});
    add_terms(schema);
    add_prices(schema);
    schema.ignored_number("underlying_ltp", Presence::Nullable);
    add_client_order_id(schema);
    add_whole_quantity(schema);
    return schema;
  }();
  return kSchema;
}

const RequestSchema<SmartOrderBody>& smart_order_schema() {
  static const RequestSchema<SmartOrderBody> kSchema = [] {
    RequestSchema<SmartOrderBody> schema;
    schema.text("strategy", &SmartOrderBody::strategy, Presence::Required);
    add_what(schema);
    schema
        .number("quantity", &SmartOrderBody::quantity, Presence::Required,
                {.minimum = 0, .refusal = "Quantity must be a non-negative number."})
        .number("position_size", &SmartOrderBody::position_size, Presence::Required);
    add_terms(schema);
    add_prices(schema);
    add_client_order_id(schema);
    add_whole_quantity(schema);
    return schema;
  }();
  return kSchema;
}

const RequestSchema<ModifyOrderBody>& modify_order_schema() {
  static const RequestSchema<ModifyOrderBody> kSchema = [] {
    RequestSchema<ModifyOrderBody> schema;
    schema.text("strategy", &ModifyOrderBody::strategy, Presence::Required);
    schema.choice("exchange", &ModifyOrderBody::exchange, Presence::Required, any_exchange())
        .text("symbol", &ModifyOrderBody::symbol, Presence::Required, kSymbolRule)
        .text("orderid", &ModifyOrderBody::order_id, Presence::Required, kOrderIdRule)
        .choice("action", &ModifyOrderBody::side, Presence::Required, any_action())
        .choice("product", &ModifyOrderBody::product, Presence::Required, any_product())
        .choice("pricetype", &ModifyOrderBody::price_type, Presence::Required, any_price_type())
        .number("price", &ModifyOrderBody::price, Presence::Required,
                {.minimum = 0, .refusal = kPrice})
        .number("quantity", &ModifyOrderBody::quantity, Presence::Required,
                {.above = 0, .refusal = kPositiveQuantity})
        // The official Node client leaves these two out; 0 means: as it is.
        .integer("disclosed_quantity", &ModifyOrderBody::disclosed_quantity, Presence::Optional,
                 {.minimum = 0, .refusal = kDisclosed})
        .number("trigger_price", &ModifyOrderBody::trigger_price, Presence::Optional,
                {.minimum = 0, .refusal = kTrigger});
    add_whole_quantity(schema);
    return schema;
  }();
  return kSchema;
}

const RequestSchema<CancelOrderBody>& cancel_order_schema() {
  static const RequestSchema<CancelOrderBody> kSchema = [] {
    RequestSchema<CancelOrderBody> schema;
    schema.text("strategy", &CancelOrderBody::strategy, Presence::Required)
        .text("orderid", &CancelOrderBody::order_id, Presence::Required, kOrderIdRule);
    return schema;
  }();
  return kSchema;
}

const RequestSchema<StrategyBody>& strategy_schema() {
  static const RequestSchema<StrategyBody> kSchema = [] {
    RequestSchema<StrategyBody> schema;
    schema.text("strategy", &StrategyBody::strategy, Presence::Required);
    return schema;
  }();
  return kSchema;
}

const RequestSchema<ClosePositionBody>& close_position_schema() {
  static const RequestSchema<ClosePositionBody> kSchema = [] {
    RequestSchema<ClosePositionBody> schema;
    schema.text("strategy", &ClosePositionBody::strategy, Presence::Required)
        .choice("product", &ClosePositionBody::product, Presence::Nullable, any_product())
        .text("symbolgroup", &ClosePositionBody::symbol_group, Presence::Nullable,
              {.length_max = 0, .refusal = kUnknownField});
    return schema;
  }();
  return kSchema;
}

const RequestSchema<BasketBody>& basket_schema() {
  static const RequestSchema<OrderFields> kItem = basket_item();
  static const RequestSchema<BasketBody> kSchema = [] {
    RequestSchema<BasketBody> schema;
    schema.text("strategy", &BasketBody::strategy, Presence::Required)
        .list("orders", &BasketBody::orders, Presence::Required, kItem);
    add_client_order_id(schema);
    return schema;
  }();
  return kSchema;
}

const RequestSchema<SplitOrderBody>& split_order_schema() {
  static const RequestSchema<SplitOrderBody> kSchema = [] {
    RequestSchema<SplitOrderBody> schema;
    schema.text("strategy", &SplitOrderBody::strategy, Presence::Required);
    add_what(schema);
    schema
        .number("quantity", &SplitOrderBody::quantity, Presence::Required,
                {.above = 0, .refusal = "Total quantity must be a positive number."})
        .integer("splitsize", &SplitOrderBody::split_size, Presence::Required,
                 {.minimum = 1, .refusal = "Split size must be a positive integer."});
    add_terms(schema);
    add_prices(schema);
    add_client_order_id(schema);
    add_whole_quantity(schema);
    return schema;
  }();
  return kSchema;
}

trading::OrderRequest order_request(const OrderFields& fields, std::string strategy,
                                    std::string client_order_id) {
  return {.instrument = {fields.exchange, fields.symbol},
          .side = fields.side,
          .quantity = fields.quantity,
          .price_type = fields.price_type,
          .product = fields.product,
          .price = fields.price,
          .trigger_price = fields.trigger_price,
          .disclosed_quantity = Quantity::whole(fields.disclosed_quantity),
          .strategy = std::move(strategy),
          .client_order_id = std::move(client_order_id)};
}

}  // namespace kavach::api
