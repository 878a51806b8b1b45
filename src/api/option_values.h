#pragma once

// Greeks as the wire shows them: Black's model on the forward, rounded, with the contract's special
// cases for options without time value and expired ones. Floating point, because this is analytics.

#include <optional>
#include <string_view>

#include "core/clock.h"
#include "core/json.h"
#include "core/result.h"
#include "market/instrument.h"
#include "market/option_pricing.h"

namespace kavach::api {

struct OptionQuery {
  double forward{0};
  double strike{0};
  double price{0};
  double rate_percent{0};
  TimePoint expiry{};
  TimePoint now{};
  bool call{true};
};

struct OptionValues {
  double days_to_expiry{0};
  double volatility_percent{0};
  market::Greeks greeks;
  bool time_value_gone{false};  ///< the special case; the two below are then shown
  double intrinsic{0};
  double time_value{0};
};

/// Nothing when no volatility explains the price.
[[nodiscard]] std::optional<OptionValues> value_option(const OptionQuery& query);

[[nodiscard]] double rounded(double value, int places);
/// A whole number without a point, else the shortest text.
void write_plain(JsonWriter& json, std::string_view name, double value);

}  // namespace kavach::api
