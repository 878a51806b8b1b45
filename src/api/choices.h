#pragma once

// The enumerations of the wire contract, in the order in which its refusals list them.

#include "api/request_schema.h"
#include "market/instrument.h"
#include "trading/order.h"

namespace kavach::api {

[[nodiscard]] const Choices<market::Exchange>& any_exchange();
[[nodiscard]] const Choices<market::Exchange>& derivative_exchange();
/// BUY, SELL and their lower case: TradingView sends the latter.
[[nodiscard]] const Choices<trading::Side>& any_action();
[[nodiscard]] const Choices<trading::PriceType>& any_price_type();
[[nodiscard]] const Choices<trading::Product>& any_product();
/// CE, PE and their lower case.
[[nodiscard]] const Choices<market::InstrumentType>& any_option_type();
/// Candle sizes; the value is the name itself.
[[nodiscard]] const Choices<std::string_view>& any_interval();

}  // namespace kavach::api
