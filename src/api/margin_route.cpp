// margin: what a basket of positions would block.

#include <vector>

#include "api/choices.h"
#include "api/encode.h"
#include "api/resources.h"
#include "core/text.h"

namespace kavach::api {
namespace {

struct MarginPosition {
  std::string symbol;
  market::Exchange exchange{market::Exchange::Nse};
  trading::Side side{trading::Side::Buy};
  std::string quantity;
  trading::Product product{trading::Product::Mis};
  trading::PriceType price_type{trading::PriceType::Market};
  std::string price{"0"};
  std::string trigger_price{"0"};
};

struct MarginBody {
  std::vector<MarginPosition> positions;
};

const RequestSchema<MarginPosition>& position_schema() {
  static const RequestSchema<MarginPosition> kSchema = [] {
    RequestSchema<MarginPosition> schema{KeyField::None};
    schema
        .text("symbol", &MarginPosition::symbol, Presence::Required,
              {.length_min = 1,
               .length_max = 50,
               .refusal = "Symbol must be between 1 and 50 characters."})
        .choice("exchange", &MarginPosition::exchange, Presence::Required, any_exchange())
        .choice("action", &MarginPosition::side, Presence::Required, any_action())
        .number_as_text("quantity", &MarginPosition::quantity, Presence::Required)
        .choice("product", &MarginPosition::product, Presence::Required, any_product())
        .choice("pricetype", &MarginPosition::price_type, Presence::Required, any_price_type())
        .number_as_text("price", &MarginPosition::price, Presence::Optional)
        .number_as_text("trigger_price", &MarginPosition::trigger_price, Presence::Optional);
    return schema;
  }();
  return kSchema;
}

const RequestSchema<MarginBody>& margin_schema() {
  static const RequestSchema<MarginBody> kSchema = [] {
    RequestSchema<MarginBody> schema{KeyField::First,
                                     "API key must be between 1 and 256 characters."};
    schema.list("positions", &MarginBody::positions, Presence::Required, position_schema(),
                {.length_min = 1,
                 .length_max = 50,
                 .refusal = "Positions must contain 1 to 50 items."});
    return schema;
  }();
  return kSchema;
}

// Empty when the text is a price that a margin can be worked out from.
std::string_view price_problem(const std::string& text, Price& out) {
  const auto price = Price::parse(trim(text));
  if (!price || *price > Price::whole(kNumberMax)) return "Invalid price format";
  if (price->is_negative()) return "Price cannot be negative";
  out = *price;
  return {};
}

std::string_view quantity_problem(const std::string& text, Quantity& out) {
  const auto quantity = parse_int(trim(text));
  if (!quantity || *quantity > kNumberMax) return "Invalid quantity format";
  if (*quantity <= 0) return "Quantity must be a positive number";
  out = Quantity::whole(*quantity);
  return {};
}

Result<trading::OrderRequest> order_of(const MarginPosition& position, std::size_t number) {
  trading::OrderRequest request{.instrument = {position.exchange, position.symbol},
                                .side = position.side,
                                .quantity = {},
                                .price_type = position.price_type,
                                .product = position.product,
                                .price = {},
                                .trigger_price = {},
                                .disclosed_quantity = {},
                                .strategy = {},
                                .client_order_id = {}};
  std::string_view problem = quantity_problem(position.quantity, request.quantity);
  if (problem.empty()) problem = price_problem(position.price, request.price);
  if (problem.empty()) problem = price_problem(position.trigger_price, request.trigger_price);
  if (problem.empty()) return request;
  return fail(ErrorCode::InvalidInput,
              "Position " + std::to_string(number) + ": " + std::string{problem});
}

http::Response margin(const Context& context, const MarginBody& body) {
  std::vector<trading::OrderRequest> requests;
  for (const MarginPosition& position : body.positions) {
    auto request = order_of(position, requests.size() + 1);
    if (!request) return failure_reply(request.error());
    requests.push_back(std::move(*request));
  }
  const MarginOf& margin_of = context.services->margin_of;
  if (!margin_of) {
    return error_reply(404, "Margin calculation not supported for broker: " + context.services->broker_name);
  }
  Money total;
  for (const trading::OrderRequest& request : requests) {
    const auto needed = margin_of(request);
    if (!needed) return refusal_reply(needed.error(), Mode::Live);
    total += *needed;
  }
  ReplyWriter out;
  out.json().object().key("data").object();
  out.json()
      .field("exposure_margin", 0)
      .field("span_margin", 0)
      .field("total_margin_required", shown_money(total))
      .end();
  out.json().field("status", "success").end();
  return out.reply();
}

}  // namespace

void add_margin_route(RouteBook& book) {
  book.post({.path = "/api/v1/margin",
             .summary = "The margin that a basket of positions would block.",
             .family = ErrorFamily::Literal},
            margin_schema(), margin);
}

}  // namespace kavach::api
