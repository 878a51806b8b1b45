#include "market/instrument.h"

#include <array>

namespace kavach::market {
namespace {

constexpr std::array<std::string_view, kExchangeCount> kExchangeNames{
    "NSE",  "NFO",   "CDS", "BSE",       "BFO",       "BCD",       "MCX",
    "NCDEX", "NCO", "NSE_INDEX", "BSE_INDEX", "MCX_INDEX", "GLOBAL_INDEX", "CRYPTO"};

}  // namespace

std::string_view name_of(Exchange exchange) {
  return kExchangeNames.at(static_cast<std::size_t>(exchange));
}

std::optional<Exchange> parse_exchange(std::string_view text) {
  for (std::size_t i = 0; i < kExchangeNames.size(); ++i) {
    if (kExchangeNames[i] == text) return static_cast<Exchange>(i);
  }
  return std::nullopt;
}

bool is_derivative_exchange(Exchange exchange) {
  switch (exchange) {
    case Exchange::Nfo:
    case Exchange::Bfo:
    case Exchange::Mcx:
    case Exchange::Cds:
    case Exchange::Nco:
    case Exchange::Bcd:
    case Exchange::Ncdex:
    case Exchange::Crypto: return true;
    case Exchange::Nse:
    case Exchange::Bse:
    case Exchange::NseIndex:
    case Exchange::BseIndex:
    case Exchange::McxIndex:
    case Exchange::GlobalIndex: return false;
  }
  return false;
}

bool is_index_exchange(Exchange exchange) {
  return exchange == Exchange::NseIndex || exchange == Exchange::BseIndex ||
         exchange == Exchange::McxIndex || exchange == Exchange::GlobalIndex;
}

std::string_view name_of(InstrumentType type) {
  switch (type) {
    case InstrumentType::Equity: return "EQ";
    case InstrumentType::Index: return "INDEX";
    case InstrumentType::Future: return "FUT";
    case InstrumentType::Call: return "CE";
    case InstrumentType::Put: return "PE";
    case InstrumentType::PerpetualFuture: return "PERPFUT";
    case InstrumentType::Spot: return "SPOT";
  }
  return "EQ";
}

}  // namespace kavach::market
