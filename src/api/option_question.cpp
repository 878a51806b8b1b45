#include "api/option_question.h"

#include "api/replies.h"
#include "api/route_book.h"
#include "core/text.h"
#include "market/symbol.h"

namespace kavach::api {
namespace {

using market::Exchange;

std::string ltp_failure(const std::string& underlying, QuoteErrorStyle style, const std::string& why) {
  return "Failed to fetch LTP for " + underlying + (style == QuoteErrorStyle::Sentence ? ". " : ": ") +
         why;
}

// MCX and the like have no spot: what is named is a future, or the nearest one of that base.
Result<const market::Instrument*> quoted_instrument(const market::InstrumentTable& table,
                                                    const std::string& underlying,
                                                    const std::string& base, Exchange exchange,
                                                    Date today) {
  const market::InstrumentKey key = market::quoted_underlying(underlying, exchange);
  if (const auto* found = table.find(key.exchange, key.symbol)) return found;
  const auto futures = table.futures(base, exchange, today);
  if (!futures.empty()) return futures.front();
  return fail(ErrorCode::InvalidInput, symbol_not_found(key.symbol, key.exchange));
}

}  // namespace

Result<PricedUnderlying> price_underlying(const ApiServices& services,
                                          const UnderlyingFields& fields, QuoteErrorStyle style) {
  PricedUnderlying out;
  out.table = services.instruments.read();
  out.base = market::parse_underlying(fields.underlying).base;
  out.option_exchange = market::option_exchange(fields.exchange);
  const Date today = ist(services.clock.now()).date;
  const auto instrument =
      quoted_instrument(*out.table, fields.underlying, out.base, fields.exchange, today);
  if (!instrument) {
    return fail(instrument.error().code,
                ltp_failure(fields.underlying, style, instrument.error().message));
  }
  const auto quote = services.quotes.quote(**instrument);
  if (!quote) {
    return fail(quote.error().code, ltp_failure(fields.underlying, style, quote.error().message),
                quote.error().detail);
  }
  out.quoted = (*instrument)->key();
  out.quote = *quote;
  return out;
}

Result<Date> expiry_of(const std::string& underlying, const std::string& expiry_date) {
  if (!expiry_date.empty()) {
    if (const auto parsed = parse_expiry_code(to_upper(expiry_date))) return *parsed;
    return fail(ErrorCode::NotFound, "No strikes found for " + underlying + " expiring " + expiry_date +
                                         ". Please check expiry date or update master contract.");
  }
  if (const auto embedded = market::parse_underlying(underlying).expiry) return *embedded;
  return fail(ErrorCode::InvalidInput,
              "Expiry date required. Provide via expiry_date parameter or embed in underlying "
              "(e.g., NIFTY28OCT25FUT).");
}

Result<const market::Instrument*> option_at(const PricedUnderlying& underlying,
                                            const UnderlyingFields& fields, const std::string& offset,
                                            market::InstrumentType type) {
  const auto steps = market::parse_strike_offset(offset);
  if (!steps) {
    const std::string upper = to_upper(offset);
    const bool malformed = upper.starts_with("ITM") || upper.starts_with("OTM");
    return fail(ErrorCode::InvalidInput,
                malformed ? "Offset must be ATM, ITM1-ITM50, or OTM1-OTM50"
                          : "Offset " + offset + " is out of range for available strikes. Please use "
                                                 "a smaller offset.");
  }
  const auto expiry = expiry_of(fields.underlying, fields.expiry_date);
  if (!expiry) return pass_on(expiry);
  return market::resolve_option(*underlying.table,
                                {.base = underlying.base,
                                 .exchange = underlying.option_exchange,
                                 .expiry = *expiry,
                                 .offset = *steps,
                                 .type = type,
                                 .strike_step = fields.strike_step},
                                underlying.quote.last);
}

http::Response ltp_key_refusal(const guard::Call& call) {
  const json::value* underlying =
      call.body && call.body->is_object() ? call.json_body().if_contains("underlying") : nullptr;
  if (underlying == nullptr || !underlying->is_string()) return error_reply(403, kInvalidKey);
  const bool chain = call.request.path.starts_with("/api/v1/optionchain");
  return error_reply(403, ltp_failure(std::string{underlying->get_string()},
                                      chain ? QuoteErrorStyle::Colon : QuoteErrorStyle::Sentence,
                                      std::string{kInvalidKey}));
}

}  // namespace kavach::api
