#pragma once

// From what a trader says (`NIFTY`, `29JUN27`, `OTM2`) to the contract meant. Pure functions over an
// instrument table and, where a price is needed, a quote source. The texts of errors are the wire
// contract's. Rows live as long as the table's snapshot.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "market/instrument_table.h"
#include "market/quote.h"

namespace kavach::market {

/// ATM, ITM1..ITM50, OTM1..OTM50: `steps` is 0, negative in the money, positive out of it.
struct StrikeOffset {
  int steps{0};
};
/// Any case; nothing for anything else.
[[nodiscard]] std::optional<StrikeOffset> parse_strike_offset(std::string_view text);

/// Where options on something quoted on `exchange` trade: NSE to NFO, BSE to BFO, MCX to MCX, …
[[nodiscard]] Exchange option_exchange(Exchange exchange);
/// Where the spot of an NFO or BFO base is quoted: an index on NSE_INDEX or BSE_INDEX, else the cash market.
[[nodiscard]] InstrumentKey spot_of(std::string_view base, Exchange derivative_exchange);
/// What is quoted for `underlying` (as sent) on `exchange` when its options are wanted.
[[nodiscard]] InstrumentKey quoted_underlying(std::string_view underlying, Exchange exchange);

/// The position of the strike nearest to `last`, the lower of two equally near. `series` ascends and is
/// not empty.
[[nodiscard]] std::size_t at_the_money(std::span<const Instrument* const> series, Price last);

struct OptionQuestion {
  std::string base;
  Exchange exchange{Exchange::Nfo};  ///< of the option
  Date expiry{};
  StrikeOffset offset;
  InstrumentType type{InstrumentType::Call};
  std::optional<std::int64_t> strike_step;  ///< arithmetic instead of the listed strikes; >= 1
};
/// NotFound when the series or the computed strike does not exist, InvalidInput when the offset leaves
/// the list.
[[nodiscard]] Result<const Instrument*> resolve_option(const InstrumentTable& table,
                                                       const OptionQuestion& question,
                                                       Price underlying_last);

struct ChainRow {
  Price strike;
  const Instrument* call{nullptr};
  const Instrument* put{nullptr};  ///< null when not listed
  int steps{0};                    ///< from the money: negative below, positive above
};
/// `ATM`, `ITM3`, `OTM1` as seen from that side.
[[nodiscard]] std::string chain_label(int steps, InstrumentType side);

struct OptionChain {
  Price at_the_money;
  std::vector<ChainRow> rows;  ///< ascending
};
/// `each_side` limits the strikes on both sides of the money. NotFound when there are none.
[[nodiscard]] Result<OptionChain> option_chain(const InstrumentTable& table, std::string_view base,
                                               Exchange exchange, Date expiry, Price underlying_last,
                                               std::optional<int> each_side);

struct SyntheticFuture {
  Price at_the_money;
  Price price;  ///< strike + call - put
};
/// Quotes the pair at the money.
[[nodiscard]] Result<SyntheticFuture> synthetic_future(const InstrumentTable& table,
                                                       const QuoteSource& quotes,
                                                       std::string_view base, Exchange exchange,
                                                       Date expiry, Price underlying_last);

}  // namespace kavach::market
