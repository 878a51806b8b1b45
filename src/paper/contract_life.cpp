#include "paper/contract_life.h"

#include "market/calendar.h"
#include "market/symbol.h"

namespace kavach::paper {

bool has_expired(const market::InstrumentKey& key, TimePoint now) {
  if (!market::is_derivative_exchange(key.exchange)) return false;
  const auto contract = market::parse_contract(key.symbol);
  return contract && contract->expiry && market::settlement_moment(key.exchange, *contract->expiry) <= now;
}

}  // namespace kavach::paper
