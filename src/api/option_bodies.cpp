#include "api/option_bodies.h"

namespace kavach::api {
namespace {

constexpr NumberRule kStepRule{.minimum = 1};

const Choices<trading::Product>& option_product() {
  static const Choices<trading::Product> kChoices{{"MIS", trading::Product::Mis},
                                                  {"NRML", trading::Product::Nrml}};
  return kChoices;
}

template <class Body>
void add_what(RequestSchema<Body>& schema) {
  schema.text("offset", &Body::offset, Presence::Required, {.length_max = 16})
      .choice("option_type", &Body::type, Presence::Required, any_option_type())
      .choice("action", &Body::side, Presence::Required, any_action())
      .integer("quantity", &Body::quantity, Presence::Required,
               {.minimum = 1, .refusal = "Quantity must be a positive integer."})
      .integer("splitsize", &Body::split_size, Presence::Nullable,
               {.minimum = 0, .refusal = "Split size must be a non-negative integer."});
}

template <class Body>
void add_terms(RequestSchema<Body>& schema) {
  schema.choice("pricetype", &Body::price_type, Presence::Optional, any_price_type())
      .choice("product", &Body::product, Presence::Optional, option_product())
      .number("price", &Body::price, Presence::Optional, {.minimum = 0, .refusal = kPrice})
      .number("trigger_price", &Body::trigger_price, Presence::Optional,
              {.minimum = 0, .refusal = kTrigger})
      .integer("disclosed_quantity", &Body::disclosed_quantity, Presence::Optional,
               {.minimum = 0, .refusal = kDisclosed});
}

RequestSchema<OptionLeg> leg_schema() {
  RequestSchema<OptionLeg> schema{KeyField::None};
  add_what(schema);
  schema.text("expiry_date", &OptionLeg::expiry_date, Presence::Optional, {.length_max = 16});
  add_terms(schema);
  return schema;
}

}  // namespace

const RequestSchema<OptionOrderBody>& option_order_schema() {
  static const RequestSchema<OptionOrderBody> kSchema = [] {
    RequestSchema<OptionOrderBody> schema;
    schema.text("strategy", &OptionOrderBody::strategy, Presence::Required);
    add_underlying(schema);
    schema.text("expiry_date", &OptionOrderBody::expiry_date, Presence::Optional, {.length_max = 16})
        .integer("strike_int", &OptionOrderBody::strike_step, Presence::Nullable, kStepRule);
    add_what(schema);
    add_terms(schema);
    schema.text("client_order_id", &OptionOrderBody::client_order_id, Presence::Optional,
                {.length_max = kOrderIdMax});
    return schema;
  }();
  return kSchema;
}

const RequestSchema<OptionMultiOrderBody>& option_multi_order_schema() {
  static const RequestSchema<OptionLeg> kLeg = leg_schema();
  static const RequestSchema<OptionMultiOrderBody> kSchema = [] {
    RequestSchema<OptionMultiOrderBody> schema;
    schema.text("strategy", &OptionMultiOrderBody::strategy, Presence::Required);
    add_underlying(schema);
    schema
        .text("expiry_date", &OptionMultiOrderBody::expiry_date, Presence::Optional,
              {.length_max = 16})
        .integer("strike_int", &OptionMultiOrderBody::strike_step, Presence::Nullable, kStepRule)
        .list("legs", &OptionMultiOrderBody::legs, Presence::Required, kLeg,
              {.length_min = 1, .length_max = 20, .refusal = "Legs must contain 1 to 20 items."})
        .text("client_order_id", &OptionMultiOrderBody::client_order_id, Presence::Optional,
              {.length_max = kOrderIdMax});
    return schema;
  }();
  return kSchema;
}

}  // namespace kavach::api
