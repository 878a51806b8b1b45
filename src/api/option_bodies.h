#pragma once

// The fields that options requests share, and the bodies of the options orders.

#include <string>
#include <vector>

#include "api/choices.h"
#include "api/option_question.h"
#include "api/order_bodies.h"
#include "api/request_schema.h"

namespace kavach::api {

inline constexpr std::string_view kOffsetRule = "Offset must be ATM, ITM1-ITM50, or OTM1-OTM50";

/// What one options order says beside its underlying.
struct OptionOrderFields {
  std::string offset;
  market::InstrumentType type{market::InstrumentType::Call};
  trading::Side side{trading::Side::Buy};
  std::int64_t quantity{0};
  std::int64_t split_size{0};
  trading::PriceType price_type{trading::PriceType::Market};
  trading::Product product{trading::Product::Mis};
  Price price;
  Price trigger_price;
  std::int64_t disclosed_quantity{0};
};

struct OptionOrderBody : UnderlyingFields, OptionOrderFields {
  std::string strategy;
  std::string client_order_id;
};

struct OptionLeg : OptionOrderFields {
  std::string expiry_date;
};

struct OptionMultiOrderBody : UnderlyingFields {
  std::string strategy;
  std::vector<OptionLeg> legs;
  std::string client_order_id;
};

[[nodiscard]] const RequestSchema<OptionOrderBody>& option_order_schema();
[[nodiscard]] const RequestSchema<OptionMultiOrderBody>& option_multi_order_schema();

/// `underlying` and `exchange`, with which every options request starts.
template <class Body>
void add_underlying(RequestSchema<Body>& schema) {
  schema.text("underlying", &Body::underlying, Presence::Required, {.length_max = 64})
      .choice("exchange", &Body::exchange, Presence::Required, any_exchange());
}

}  // namespace kavach::api
