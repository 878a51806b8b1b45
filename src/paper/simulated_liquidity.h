#pragma once

// How much is traded, held and offered in the simulated market: the day's volume, open interest, the order
// book around a price. Immutable, pure. Quantities are multiples of the lot.

#include <cstdint>

#include "market/quote.h"
#include "paper/simulated_time.h"

namespace kavach::paper {

struct LiquidityTerms {
  std::uint64_t key{0};         ///< of the instrument itself
  bool traded{true};            ///< an index is only quoted
  bool derivative{false};
  double lots_per_day{100'000};
  std::int64_t lot_size{1};
};

class SimulatedLiquidity {
 public:
  explicit SimulatedLiquidity(const LiquidityTerms& terms) : terms_{terms} {}

  /// Traded in `session` up to the end of `step`; never falls within a session.
  [[nodiscard]] std::int64_t volume(Step step, const StepRange& session) const;
  [[nodiscard]] std::int64_t open_interest(Step step) const;
  [[nodiscard]] std::int64_t last_quantity(Step step) const;

  struct Touch {
    std::int64_t bid, ask;  ///< ticks; 1 or 2 apart, around last
  };
  [[nodiscard]] Touch touch(std::int64_t last, Step step) const;
  /// `level` 0 is the best.
  [[nodiscard]] std::int64_t quantity(Step step, bool buy, int level) const;
  [[nodiscard]] std::int64_t orders(Step step, bool buy, int level) const;
  /// Ticks from one level to the next, 1 or 2.
  [[nodiscard]] std::int64_t gap(Step step, bool buy, int level) const;
  /// Everything resting on one side, beyond the five levels too.
  [[nodiscard]] std::int64_t total(Step step, bool buy) const;

 private:
  [[nodiscard]] double share_of_day(std::int64_t minute, std::int64_t minutes, Step open) const;
  [[nodiscard]] std::uint64_t random(Step step, bool buy, int level, std::uint64_t what) const;

  LiquidityTerms terms_;
};

}  // namespace kavach::paper
