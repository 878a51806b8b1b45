#include "trading/order.h"

#include "core/text.h"

namespace kavach::trading {

std::string_view name_of(Side side) { return side == Side::Buy ? "BUY" : "SELL"; }

std::string_view name_of(PriceType type) {
  switch (type) {
    case PriceType::Market: return "MARKET";
    case PriceType::Limit: return "LIMIT";
    case PriceType::StopLimit: return "SL";
    case PriceType::StopMarket: return "SL-M";
  }
  return "";
}

std::string_view name_of(Product product) {
  switch (product) {
    case Product::Mis: return "MIS";
    case Product::Nrml: return "NRML";
    case Product::Cnc: return "CNC";
  }
  return "";
}

std::optional<Side> parse_side(std::string_view text) {
  if (text == "BUY" || text == "buy") return Side::Buy;
  if (text == "SELL" || text == "sell") return Side::Sell;
  return std::nullopt;
}

std::optional<PriceType> parse_price_type(std::string_view text) {
  for (const auto type :
       {PriceType::Market, PriceType::Limit, PriceType::StopLimit, PriceType::StopMarket}) {
    if (text == name_of(type)) return type;
  }
  return std::nullopt;
}

std::optional<Product> parse_product(std::string_view text) {
  for (const auto product : {Product::Mis, Product::Nrml, Product::Cnc}) {
    if (text == name_of(product)) return product;
  }
  return std::nullopt;
}

OrderRequest normalised(OrderRequest request) {
  const PriceType type = request.price_type;
  if (type == PriceType::Market || type == PriceType::StopMarket) request.price = {};
  if (type == PriceType::Market || type == PriceType::Limit) request.trigger_price = {};
  return request;
}

std::string_view wire_name(OrderStatus status) {
  switch (status) {
    case OrderStatus::Journaled:
    case OrderStatus::Unknown:
    case OrderStatus::Open: return "open";
    case OrderStatus::TriggerPending: return "trigger pending";
    case OrderStatus::Complete: return "complete";
    case OrderStatus::Cancelled: return "cancelled";
    case OrderStatus::Rejected: return "rejected";
  }
  return "";
}

bool is_working(OrderStatus status) {
  switch (status) {
    case OrderStatus::Journaled:
    case OrderStatus::Unknown:
    case OrderStatus::Open:
    case OrderStatus::TriggerPending: return true;
    case OrderStatus::Complete:
    case OrderStatus::Cancelled:
    case OrderStatus::Rejected: return false;
  }
  return false;
}

}  // namespace kavach::trading
