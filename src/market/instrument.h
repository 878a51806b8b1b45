#pragma once

// Instruments and the exchanges they trade on, in the symbol format of docs/symbols.md. Plain
// values: copied freely, valid without the table they came from.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/civil_time.h"
#include "core/decimal.h"

namespace kavach::market {

/// In the order in which the wire contract lists them.
enum class Exchange : std::uint8_t {
  Nse, Nfo, Cds, Bse, Bfo, Bcd, Mcx, Ncdex, Nco, NseIndex, BseIndex, McxIndex, GlobalIndex, Crypto
};
inline constexpr int kExchangeCount = 14;

[[nodiscard]] std::string_view name_of(Exchange exchange);  ///< `NSE`, `NSE_INDEX`, …
[[nodiscard]] std::optional<Exchange> parse_exchange(std::string_view text);  ///< exact, upper case
/// NFO, BFO, MCX, CDS, NCO, BCD, NCDEX, CRYPTO.
[[nodiscard]] bool is_derivative_exchange(Exchange exchange);
[[nodiscard]] bool is_index_exchange(Exchange exchange);

enum class InstrumentType : std::uint8_t { Equity, Index, Future, Call, Put, PerpetualFuture, Spot };
[[nodiscard]] std::string_view name_of(InstrumentType type);  ///< EQ INDEX FUT CE PE PERPFUT SPOT

/// What identifies an instrument on the wire.
struct InstrumentKey {
  Exchange exchange{Exchange::Nse};
  std::string symbol;
  friend auto operator<=>(const InstrumentKey&, const InstrumentKey&) = default;
};

struct Instrument {
  std::int64_t id{0};            ///< row number, from 1, stable within one table
  std::string symbol;            ///< canonical, e.g. NIFTY29JUN2726500CE
  std::string broker_symbol;
  std::string broker_exchange;
  std::string name;              ///< underlying root for derivatives
  std::string token;             ///< broker's token
  Price strike;                  ///< 0 for non-options
  Price tick_size;
  Price reference_price;         ///< a recent price, of the underlying for derivatives; 0 when unknown
  std::int64_t lot_size{1};
  std::int64_t freeze_quantity{1};  ///< 1 when unknown
  std::optional<Date> expiry;
  Exchange exchange{Exchange::Nse};
  InstrumentType type{InstrumentType::Equity};

  [[nodiscard]] bool is_option() const {
    return type == InstrumentType::Call || type == InstrumentType::Put;
  }
  [[nodiscard]] InstrumentKey key() const { return {exchange, symbol}; }
};

}  // namespace kavach::market
