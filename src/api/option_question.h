#pragma once

// What the options endpoints have in common: an underlying as the trader says it, its expiry, its
// price, and the contract that a strike offset means. Pure lookups over a snapshot; the texts of
// errors are the wire contract's.

#include <memory>
#include <optional>
#include <string>

#include "api/context.h"
#include "api/request_schema.h"
#include "core/result.h"
#include "market/option_chain.h"

namespace kavach::api {

/// The fields that name an underlying.
struct UnderlyingFields {
  std::string underlying;
  market::Exchange exchange{market::Exchange::Nse};
  std::string expiry_date;  ///< DDMMMYY, empty when not given
  std::optional<std::int64_t> strike_step;
};

struct PricedUnderlying {
  std::shared_ptr<const market::InstrumentTable> table;
  std::string base;
  market::Exchange option_exchange{market::Exchange::Nfo};
  market::InstrumentKey quoted;
  market::Quote quote;
};

/// How an endpoint joins its own words with the reason a quote could not be had.
enum class QuoteErrorStyle { Sentence, Colon };

/// The last price of what is quoted for the underlying; `Failed to fetch LTP for X…` otherwise.
[[nodiscard]] Result<PricedUnderlying> price_underlying(const ApiServices& services,
                                                        const UnderlyingFields& fields,
                                                        QuoteErrorStyle style);
/// `expiry_date` (DDMMMYY, any case) before what is embedded in the underlying.
[[nodiscard]] Result<Date> expiry_of(const std::string& underlying, const std::string& expiry_date);

/// The contract meant by an offset such as `OTM2`.
[[nodiscard]] Result<const market::Instrument*> option_at(const PricedUnderlying& underlying,
                                                          const UnderlyingFields& fields,
                                                          const std::string& offset,
                                                          market::InstrumentType type);

/// The reply to a wrong key on endpoints that quote the underlying first.
[[nodiscard]] http::Response ltp_key_refusal(const guard::Call& call);

}  // namespace kavach::api
