#pragma once

// What an instrument is worth when its underlying is at some price: itself, a future carried to expiry, or
// an option by Black 76 under a smile. Immutable, pure. Results are whole ticks, which is where floating
// point ends.

#include <cstdint>

#include "market/instrument.h"
#include "paper/simulated_time.h"

namespace kavach::paper {

struct ContractTerms {
  market::InstrumentType type{market::InstrumentType::Equity};
  double strike{0};
  double tick{0.05};
  double carry{0.065};       ///< yearly rate between spot and future
  double volatility{0.15};   ///< yearly, at the money
  TimePoint expiry{};        ///< the moment time value ends; of no meaning for cash
};

class SimulatedContract {
 public:
  SimulatedContract(std::uint64_t key, const ContractTerms& terms) : key_{key}, terms_{terms} {}

  /// The price in ticks at the beginning of `step`, at least 1.
  [[nodiscard]] std::int64_t ticks(double underlying, Step step) const;
  [[nodiscard]] bool falls_when_underlying_rises() const {
    return terms_.type == market::InstrumentType::Put;
  }
  [[nodiscard]] const ContractTerms& terms() const { return terms_; }

 private:
  [[nodiscard]] double option_price(double forward, double years, Step step) const;

  std::uint64_t key_;  ///< of the underlying: its implied volatility breathes for all strikes alike
  ContractTerms terms_;
};

}  // namespace kavach::paper
