#pragma once

// The data behind the built-in universe: what is listed and on which terms. Reference prices are invented;
// the simulated market moves around them. Used by builtin_universe.cpp only.

#include <cstdint>
#include <span>
#include <string_view>

#include "market/instrument.h"

namespace kavach::market {

struct EquityListing {
  std::string_view symbol;
  std::string_view name;
  std::int64_t price_paise;
  std::int32_t lot_size;      ///< of its derivatives; 0 when it has none
  std::int32_t option_step;   ///< rupees between strikes; 0 when no options are listed here
};
/// Listed on NSE and BSE alike.
[[nodiscard]] std::span<const EquityListing> equity_listings();

struct IndexListing {
  std::string_view symbol;
  std::string_view name;
  Exchange exchange;
  std::int64_t price_paise;
};
[[nodiscard]] std::span<const IndexListing> index_listings();

/// Futures and options on an index; spot price from its IndexListing.
struct IndexContract {
  std::string_view symbol;
  Exchange exchange;           ///< NFO or BFO
  unsigned weekday;            ///< of expiry, as std::chrono::weekday's C encoding
  int weeklies;                ///< near weekly option series; 0 for monthlies only
  int monthlies;               ///< option series
  std::int32_t lot_size;
  std::int32_t freeze_quantity;
  std::int32_t option_step;    ///< rupees
  int strikes_each_side;
};
[[nodiscard]] std::span<const IndexContract> index_contracts();

enum class CommodityExpiry : std::uint8_t { Fifth, Nineteenth, TwentySixth, LastDay };

struct CommodityContract {
  std::string_view symbol;
  std::int64_t price_paise;
  CommodityExpiry expiry;
  std::uint16_t months;        ///< bit 0 for January; the months that have a contract
  std::int32_t lot_size;       ///< in units of the quotation, as brokers' dumps have it
  std::int64_t tick_paise;
  std::int32_t freeze_quantity;
  std::int32_t option_step;    ///< rupees; 0 when no options are listed here
};
[[nodiscard]] std::span<const CommodityContract> commodity_contracts();

struct CurrencyContract {
  std::string_view symbol;
  std::int64_t price_units;    ///< in units of Price
  std::int64_t option_step;    ///< in units of Price; 0 when no options
};
[[nodiscard]] std::span<const CurrencyContract> currency_contracts();

}  // namespace kavach::market
