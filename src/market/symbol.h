#pragma once

// Contract symbols (docs/symbols.md): base + DDMMMYY + FUT, or base + DDMMMYY + strike + CE/PE. Pure
// functions over text from anyone; used by the instrument loaders, the options endpoints and the
// simulated market. Only canonical text is accepted, so formatting what was parsed gives the same text.

#include <optional>
#include <string>
#include <string_view>

#include "market/instrument.h"

namespace kavach::market {

inline constexpr std::size_t kSymbolBytesMax = 64;

struct Contract {
  std::string base;
  std::optional<Date> expiry{};  ///< none for a perpetual future (`ETHUSDFUT`)
  Price strike{};              ///< 0 for futures
  InstrumentType type{InstrumentType::Future};
  friend bool operator==(const Contract&, const Contract&) = default;
};

/// A base has 1 to 40 of `A-Z 0-9 & -` and starts with a letter or digit.
[[nodiscard]] bool is_symbol_base(std::string_view text);

/// Nothing when `symbol` is not a future or option, for instance an equity that ends in `CE`.
[[nodiscard]] std::optional<Contract> parse_contract(std::string_view symbol);

[[nodiscard]] std::string future_symbol(std::string_view base, Date expiry);
/// `type` is Call or Put.
[[nodiscard]] std::string option_symbol(std::string_view base, Date expiry, Price strike,
                                        InstrumentType type);
[[nodiscard]] std::string symbol_of(const Contract& contract);

/// What the options endpoints take as `underlying`: `NIFTY`, `NIFTY29JUN27` or `NIFTY29JUN27FUT`.
struct Underlying {
  std::string base;            ///< upper case
  std::optional<Date> expiry;  ///< when one was embedded
};
[[nodiscard]] Underlying parse_underlying(std::string_view text);

}  // namespace kavach::market
