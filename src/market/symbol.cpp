#include "market/symbol.h"

#include <algorithm>

#include "core/check.h"
#include "core/text.h"

namespace kavach::market {
namespace {

constexpr std::size_t kBaseBytesMax = 40;
constexpr std::size_t kExpiryBytes = 7;  // DDMMMYY
constexpr std::string_view kFutureSuffix = "FUT";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }

// Digits with at most one point, exactly as Price prints it: no leading or trailing zeros.
std::optional<Price> parse_strike(std::string_view text) {
  if (text.empty() || text.size() > 16 || !is_digit(text.front())) return std::nullopt;
  const auto strike = Price::parse(text);
  if (!strike || !strike->is_positive() || strike->text() != text) return std::nullopt;
  return strike;
}

std::optional<Contract> parse_option(std::string_view body, InstrumentType type) {
  // A strike has no letters, so the last letter before it ends the month.
  const auto last_letter = std::find_if(body.rbegin(), body.rend(), is_letter);
  const auto month_end = static_cast<std::size_t>(body.rend() - last_letter);
  if (month_end < 5 || month_end + 2 > body.size()) return std::nullopt;
  const std::size_t expiry_at = month_end - 5;
  const auto expiry = parse_expiry_code(body.substr(expiry_at, kExpiryBytes));
  const auto strike = parse_strike(body.substr(expiry_at + kExpiryBytes));
  const std::string_view base = body.substr(0, expiry_at);
  if (!expiry || !strike || !is_symbol_base(base)) return std::nullopt;
  return Contract{.base = std::string{base}, .expiry = expiry, .strike = *strike, .type = type};
}

std::optional<Contract> parse_future(std::string_view body) {
  if (body.size() > kExpiryBytes) {
    const std::size_t expiry_at = body.size() - kExpiryBytes;
    const auto expiry = parse_expiry_code(body.substr(expiry_at));
    if (expiry && is_symbol_base(body.substr(0, expiry_at))) {
      return Contract{.base = std::string{body.substr(0, expiry_at)}, .expiry = expiry};
    }
  }
  if (!is_symbol_base(body)) return std::nullopt;
  return Contract{.base = std::string{body}, .type = InstrumentType::PerpetualFuture};
}

}  // namespace

bool is_symbol_base(std::string_view text) {
  if (text.empty() || text.size() > kBaseBytesMax) return false;
  if (!is_letter(text.front()) && !is_digit(text.front())) return false;
  return std::ranges::all_of(
      text, [](char c) { return is_letter(c) || is_digit(c) || c == '&' || c == '-'; });
}

std::optional<Contract> parse_contract(std::string_view symbol) {
  if (symbol.size() > kSymbolBytesMax) return std::nullopt;
  if (symbol.ends_with(kFutureSuffix)) {
    return parse_future(symbol.substr(0, symbol.size() - kFutureSuffix.size()));
  }
  if (symbol.ends_with("CE")) {
    return parse_option(symbol.substr(0, symbol.size() - 2), InstrumentType::Call);
  }
  if (symbol.ends_with("PE")) {
    return parse_option(symbol.substr(0, symbol.size() - 2), InstrumentType::Put);
  }
  return std::nullopt;
}

std::string future_symbol(std::string_view base, Date expiry) {
  std::string out{base};
  out += expiry_code(expiry);
  out += kFutureSuffix;
  return out;
}

std::string option_symbol(std::string_view base, Date expiry, Price strike, InstrumentType type) {
  require(type == InstrumentType::Call || type == InstrumentType::Put,
          "an option symbol is asked for a call or a put");
  std::string out{base};
  out += expiry_code(expiry);
  out += strike.text();
  out += name_of(type);
  return out;
}

std::string symbol_of(const Contract& contract) {
  if (!contract.expiry) return contract.base + std::string{kFutureSuffix};
  if (contract.type == InstrumentType::Future) return future_symbol(contract.base, *contract.expiry);
  return option_symbol(contract.base, *contract.expiry, contract.strike, contract.type);
}

Underlying parse_underlying(std::string_view text) {
  const std::string upper = to_upper(trim(text));
  std::string_view body = upper;
  if (body.ends_with(kFutureSuffix)) body.remove_suffix(kFutureSuffix.size());
  if (body.size() > kExpiryBytes) {
    const std::size_t expiry_at = body.size() - kExpiryBytes;
    const auto expiry = parse_expiry_code(body.substr(expiry_at));
    if (expiry && is_symbol_base(body.substr(0, expiry_at))) {
      return {.base = std::string{body.substr(0, expiry_at)}, .expiry = expiry};
    }
  }
  return {.base = upper, .expiry = std::nullopt};
}

}  // namespace kavach::market
