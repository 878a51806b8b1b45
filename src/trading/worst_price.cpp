#include "trading/worst_price.h"

#include <algorithm>

namespace kavach::trading {

Price worst_price(const OrderRequest& request, Price reference) {
  const bool buying = request.side == Side::Buy;
  switch (request.price_type) {
    case PriceType::Market: return reference;
    // A sale fills at its limit or better, and better is more.
    case PriceType::Limit: return buying ? request.price : std::max(request.price, reference);
    // Beyond its trigger already, a purchase fills at the market.
    case PriceType::StopMarket: return buying ? std::max(request.trigger_price, reference) : request.trigger_price;
    case PriceType::StopLimit:
      return std::max(request.trigger_price, buying ? std::min(request.price, reference) : request.price);
  }
  return reference;
}

}  // namespace kavach::trading
