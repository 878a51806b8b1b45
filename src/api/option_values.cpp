#include "api/option_values.h"

#include <algorithm>
#include <cmath>

namespace kavach::api {
namespace {

constexpr double kLeastTimeValue = 0.01;
constexpr double kSecondsPerDay = 86'400;

double days_between(TimePoint from, TimePoint to) {
  return static_cast<double>(epoch_seconds(to) - epoch_seconds(from)) / kSecondsPerDay;
}

OptionValues without_time_value(const OptionQuery& query, double days, double intrinsic) {
  OptionValues out;
  out.days_to_expiry = days;
  out.time_value_gone = true;
  out.intrinsic = intrinsic;
  out.time_value = std::max(0.0, query.price - intrinsic);
  if (intrinsic > 0) out.greeks.delta = query.call ? 1 : -1;
  return out;
}

}  // namespace

double rounded(double value, int places) {
  const double scale = std::pow(10.0, places);
  const double shown = std::round(value * scale) / scale;
  return shown == 0 ? 0 : shown;  // no negative zero
}

void write_plain(JsonWriter& json, std::string_view name, double value) {
  constexpr double kWholeMax = 1e15;
  if (value == std::floor(value) && std::fabs(value) < kWholeMax) {
    json.field(name, static_cast<std::int64_t>(value));
  } else {
    json.field(name, value);
  }
}

std::optional<OptionValues> value_option(const OptionQuery& query) {
  if (query.forward <= 0 || query.strike <= 0) return std::nullopt;
  const double days = std::max(0.0, days_between(query.now, query.expiry));
  const double intrinsic =
      std::max(0.0, query.call ? query.forward - query.strike : query.strike - query.forward);
  if (query.price <= intrinsic || (intrinsic > 0 && query.price - intrinsic < kLeastTimeValue)) {
    return without_time_value(query, days, intrinsic);
  }
  const market::OptionTerms terms{.forward = query.forward,
                                  .strike = query.strike,
                                  .years = market::years_to(query.expiry, query.now),
                                  .rate = query.rate_percent / 100,
                                  .call = query.call};
  const auto volatility = market::implied_volatility(terms, query.price);
  if (!volatility) return std::nullopt;
  OptionValues out;
  out.days_to_expiry = days;
  out.volatility_percent = *volatility * 100;
  out.greeks = market::black76_greeks(terms, *volatility);
  return out;
}

}  // namespace kavach::api
