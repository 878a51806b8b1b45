#include "market/option_chain.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/text.h"
#include "market/symbol.h"

namespace kavach::market {
namespace {

constexpr std::int64_t kOffsetMax = 50;
constexpr std::array<std::string_view, 6> kNseIndices{"NIFTY",      "BANKNIFTY",  "FINNIFTY",
                                                      "MIDCPNIFTY", "NIFTYNXT50", "INDIAVIX"};
constexpr std::array<std::string_view, 3> kBseIndices{"SENSEX", "BANKEX", "SENSEX50"};

std::unexpected<Error> no_strikes(std::string_view base, Date expiry) {
  return fail(ErrorCode::NotFound, "No strikes found for " + std::string{base} + " expiring " +
                                       expiry_code(expiry) +
                                       ". Please check expiry date or update master contract.");
}

std::string offset_text(StrikeOffset offset) {
  if (offset.steps == 0) return "ATM";
  return (offset.steps < 0 ? "ITM" : "OTM") + std::to_string(std::abs(offset.steps));
}

// In the money lies below it for a call and above it for a put.
int direction(const OptionQuestion& question) {
  return question.type == InstrumentType::Call ? question.offset.steps : -question.offset.steps;
}

Result<const Instrument*> resolve_by_list(const InstrumentTable& table, const OptionQuestion& question,
                                          Price last) {
  const auto series =
      table.option_series(question.base, question.exchange, question.expiry, question.type);
  if (series.empty()) return no_strikes(question.base, question.expiry);
  const auto wanted = static_cast<std::int64_t>(at_the_money(series, last)) + direction(question);
  if (wanted < 0 || wanted >= std::ssize(series)) {
    return fail(ErrorCode::InvalidInput,
                "Offset " + offset_text(question.offset) +
                    " is out of range for available strikes. Please use a smaller offset.");
  }
  return series[static_cast<std::size_t>(wanted)];
}

Result<const Instrument*> resolve_by_step(const InstrumentTable& table, const OptionQuestion& question,
                                          Price last) {
  constexpr std::int64_t kStepMax = 1'000'000'000;
  const std::int64_t step = std::min(*question.strike_step, kStepMax);
  const auto middle =
      divide(last.units(), static_cast<__int128>(step) * Price::one, Rounding::HalfEven);
  const auto strike = static_cast<__int128>(middle.value_or(0) + direction(question)) * step;
  if (strike <= 0 || strike > INT64_MAX / Price::one) return no_strikes(question.base, question.expiry);
  const std::string symbol = option_symbol(question.base, question.expiry,
                                           Price::whole(static_cast<std::int64_t>(strike)), question.type);
  const Instrument* found = table.find(question.exchange, symbol);
  if (found == nullptr) {
    return fail(ErrorCode::NotFound, "Option symbol " + symbol + " not found in " +
                                         std::string{name_of(question.exchange)} +
                                         ". Symbol may not exist or master contract needs update.");
  }
  return found;
}

}  // namespace

std::optional<StrikeOffset> parse_strike_offset(std::string_view text) {
  const std::string upper = to_upper(text);
  if (upper == "ATM") return StrikeOffset{0};
  const bool in = upper.starts_with("ITM");
  if (!in && !upper.starts_with("OTM")) return std::nullopt;
  const std::string_view digits = std::string_view{upper}.substr(3);
  const auto steps = parse_int(digits);
  if (!steps || *steps < 1 || *steps > kOffsetMax || std::to_string(*steps) != digits) return std::nullopt;
  return StrikeOffset{static_cast<int>(in ? -*steps : *steps)};
}

Exchange option_exchange(Exchange exchange) {
  if (exchange == Exchange::Bse || exchange == Exchange::BseIndex) return Exchange::Bfo;
  return is_derivative_exchange(exchange) ? exchange : Exchange::Nfo;
}

InstrumentKey spot_of(std::string_view base, Exchange derivative_exchange) {
  const bool bse = derivative_exchange == Exchange::Bfo;
  const bool index = bse ? std::ranges::find(kBseIndices, base) != kBseIndices.end()
                         : std::ranges::find(kNseIndices, base) != kNseIndices.end();
  const Exchange exchange = bse ? (index ? Exchange::BseIndex : Exchange::Bse)
                                : (index ? Exchange::NseIndex : Exchange::Nse);
  return {exchange, std::string{base}};
}

InstrumentKey quoted_underlying(std::string_view underlying, Exchange exchange) {
  const Underlying parsed = parse_underlying(underlying);
  switch (exchange) {
    case Exchange::Nfo:
    case Exchange::Bfo: return spot_of(parsed.base, exchange);
    case Exchange::Mcx:
    case Exchange::Cds:
    case Exchange::Bcd:
    case Exchange::Nco:
    case Exchange::Ncdex: return {exchange, to_upper(trim(underlying))};
    case Exchange::Crypto: return {exchange, parsed.base + "FUT"};
    case Exchange::Nse:
    case Exchange::Bse:
    case Exchange::NseIndex:
    case Exchange::BseIndex:
    case Exchange::McxIndex:
    case Exchange::GlobalIndex: break;
  }
  return {exchange, parsed.base};
}

std::size_t at_the_money(std::span<const Instrument* const> series, Price last) {
  const auto above = std::ranges::lower_bound(series, last, {}, &Instrument::strike);
  const auto upper = static_cast<std::size_t>(above - series.begin());
  if (upper == 0) return 0;
  if (upper == series.size()) return upper - 1;
  const Price to_lower = last - series[upper - 1]->strike;
  const Price to_upper_strike = series[upper]->strike - last;
  return to_upper_strike < to_lower ? upper : upper - 1;
}

Result<const Instrument*> resolve_option(const InstrumentTable& table, const OptionQuestion& question,
                                         Price underlying_last) {
  return question.strike_step ? resolve_by_step(table, question, underlying_last)
                              : resolve_by_list(table, question, underlying_last);
}

std::string chain_label(int steps, InstrumentType side) {
  if (steps == 0) return "ATM";
  const bool in_the_money = (steps < 0) == (side == InstrumentType::Call);
  return (in_the_money ? "ITM" : "OTM") + std::to_string(std::abs(steps));
}

Result<OptionChain> option_chain(const InstrumentTable& table, std::string_view base, Exchange exchange,
                                 Date expiry, Price underlying_last, std::optional<int> each_side) {
  const auto calls = table.option_series(base, exchange, expiry, InstrumentType::Call);
  const auto puts = table.option_series(base, exchange, expiry, InstrumentType::Put);
  if (calls.empty()) return no_strikes(base, expiry);
  const auto middle = static_cast<std::int64_t>(at_the_money(calls, underlying_last));
  std::int64_t first = 0;
  std::int64_t last = std::ssize(calls) - 1;
  if (each_side) {
    first = std::max<std::int64_t>(first, middle - *each_side);
    last = std::min<std::int64_t>(last, middle + *each_side);
  }
  OptionChain out{.at_the_money = calls[static_cast<std::size_t>(middle)]->strike, .rows = {}};
  for (std::int64_t i = first; i <= last; ++i) {
    const Instrument* call = calls[static_cast<std::size_t>(i)];
    const auto put = std::ranges::lower_bound(puts, call->strike, {}, &Instrument::strike);
    const bool paired = put != puts.end() && (*put)->strike == call->strike;
    out.rows.push_back({.strike = call->strike, .call = call, .put = paired ? *put : nullptr,
                        .steps = static_cast<int>(i - middle)});
  }
  return out;
}

Result<SyntheticFuture> synthetic_future(const InstrumentTable& table, const QuoteSource& quotes,
                                         std::string_view base, Exchange exchange, Date expiry,
                                         Price underlying_last) {
  const auto chain = option_chain(table, base, exchange, expiry, underlying_last, 0);
  if (!chain) return pass_on(chain);
  const ChainRow& row = chain->rows.front();
  if (row.put == nullptr) return no_strikes(base, expiry);
  const auto call = quotes.quote(*row.call);
  if (!call) {
    return fail(call.error().code, "Could not fetch LTP for Call option: " + row.call->symbol,
                call.error().detail);
  }
  const auto put = quotes.quote(*row.put);
  if (!put) {
    return fail(put.error().code, "Could not fetch LTP for Put option: " + row.put->symbol,
                put.error().detail);
  }
  return SyntheticFuture{.at_the_money = chain->at_the_money, .price = row.strike + call->last - put->last};
}

}  // namespace kavach::market
