#pragma once

// The request bodies of the order endpoints and their schemas. Field order is the contract's: it is
// the order of the refusals.

#include <cstdint>
#include <string>
#include <vector>

#include "api/request_schema.h"
#include "market/instrument.h"
#include "trading/order.h"

namespace kavach::api {

/// What one order is made of, wherever it stands.
struct OrderFields {
  market::Exchange exchange{market::Exchange::Nse};
  std::string symbol;
  trading::Side side{trading::Side::Buy};
  Quantity quantity;
  trading::PriceType price_type{trading::PriceType::Market};
  trading::Product product{trading::Product::Mis};
  Price price;
  Price trigger_price;
  std::int64_t disclosed_quantity{0};
};

struct PlaceOrderBody : OrderFields {
  std::string strategy;
  std::string client_order_id;  ///< the caller's idempotency key; empty when none
};

struct SmartOrderBody : PlaceOrderBody {
  Quantity position_size;  ///< signed target, whole
};

struct ModifyOrderBody : OrderFields {
  std::string strategy;
  std::string order_id;
};

struct CancelOrderBody {
  std::string strategy;
  std::string order_id;
};

struct StrategyBody {
  std::string strategy;
};

struct ClosePositionBody {
  std::string strategy;
  std::optional<trading::Product> product;  ///< close only this product's positions
  std::string symbol_group;                 ///< must be empty: there are no groups to choose from
};

struct BasketBody {
  std::string strategy;
  std::vector<OrderFields> orders;
  std::string client_order_id;
};

struct SplitOrderBody : PlaceOrderBody {
  std::int64_t split_size{0};
};

[[nodiscard]] const RequestSchema<PlaceOrderBody>& place_order_schema();
[[nodiscard]] const RequestSchema<SmartOrderBody>& smart_order_schema();
[[nodiscard]] const RequestSchema<ModifyOrderBody>& modify_order_schema();
[[nodiscard]] const RequestSchema<CancelOrderBody>& cancel_order_schema();
[[nodiscard]] const RequestSchema<StrategyBody>& strategy_schema();
[[nodiscard]] const RequestSchema<ClosePositionBody>& close_position_schema();
[[nodiscard]] const RequestSchema<BasketBody>& basket_schema();
[[nodiscard]] const RequestSchema<SplitOrderBody>& split_order_schema();

/// The desk's request. `strategy` tags it, `client_order_id` may be empty.
[[nodiscard]] trading::OrderRequest order_request(const OrderFields& fields, std::string strategy,
                                                  std::string client_order_id);

/// Adds the refusal of a fractional quantity outside CRYPTO, worded as the contract has it.
void check_whole_quantity(market::Exchange exchange, Quantity quantity, FieldErrors& errors);

inline constexpr std::string_view kPositiveQuantity = "Quantity must be a positive number.";
inline constexpr std::string_view kPrice = "Price must be a non-negative number.";
inline constexpr std::string_view kTrigger = "Trigger price must be a non-negative number.";
inline constexpr std::string_view kDisclosed = "Disclosed quantity must be a non-negative integer.";
inline constexpr std::size_t kOrderIdMax = 64;

}  // namespace kavach::api
