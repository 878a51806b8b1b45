#include "paper/matching.h"

namespace kavach::paper {
namespace {

using trading::OrderRequest;
using trading::PriceType;
using trading::Side;

bool is_marketable(const OrderRequest& request, Price last) {
  return request.side == Side::Buy ? last <= request.price : last >= request.price;
}

bool is_triggered(const OrderRequest& request, Price last) {
  return request.side == Side::Buy ? last >= request.trigger_price : last <= request.trigger_price;
}

Price market_price(Side side, const market::Quote& quote) {
  const Price opposite = side == Side::Buy ? quote.ask : quote.bid;
  return opposite.is_positive() ? opposite : quote.last;
}

Match match_limit(const OrderRequest& request, Stage stage, Price last) {
  if (!is_marketable(request, last)) return {};
  return {stage == Stage::Arriving ? last : request.price, false};
}

}  // namespace

bool is_tradable(const market::Quote& quote) {
  if (!quote.last.is_positive() || quote.stale) return false;
  const bool has_range = quote.high.is_positive() && quote.low.is_positive();
  return !has_range || (quote.low <= quote.last && quote.last <= quote.high);
}

Match match(const OrderRequest& request, bool waits_for_trigger, Stage stage,
            const market::Quote& quote) {
  switch (request.price_type) {
    case PriceType::Market: return {market_price(request.side, quote), false};
    case PriceType::Limit: return match_limit(request, stage, quote.last);
    case PriceType::StopMarket:
      if (!is_triggered(request, quote.last)) return {};
      return {quote.last, false};
    case PriceType::StopLimit:
      if (!waits_for_trigger) return match_limit(request, stage, quote.last);
      if (!is_triggered(request, quote.last)) return {};
      if (is_marketable(request, quote.last)) return {quote.last, false};
      return {std::nullopt, true};
  }
  return {};
}

}  // namespace kavach::paper
