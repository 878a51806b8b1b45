#pragma once

// Everything the simulated market knows about one instrument, derived from the instrument table and the
// seed: the path of its price and its liquidity. All contracts of one underlying get the same process, as
// do the listings of one share on two exchanges.

#include <cstdint>

#include "market/instrument_table.h"
#include "paper/simulated_liquidity.h"
#include "paper/simulated_path.h"

namespace kavach::paper {

struct SimulatedInstrument {
  SimulatedPath path;
  SimulatedLiquidity liquidity;
  Price tick;
};

[[nodiscard]] SimulatedInstrument simulate(const market::Instrument& instrument,
                                           const market::InstrumentTable& table, std::uint64_t seed);

}  // namespace kavach::paper
