#pragma once

// Collects the answers of many operations of the desk into one tally and replies when the last one is in.
// Thread-safe.

#include <cstddef>
#include <utility>

#include "core/guarded.h"
#include "trading/order_desk.h"

namespace kavach::trading {

template <class Tally>
class Gathering {
 public:
  /// `expected` > 0.
  Gathering(std::size_t expected, Reply<Tally> reply)
      : state_{State{expected, {}, std::move(reply)}} {}

  template <class Count>
  void add(Count count) {
    Reply<Tally> finished;
    Tally tally;
    state_.with([&](State& state) {
      count(state.tally);
      if (--state.missing > 0) return;
      finished = std::move(state.reply);
      tally = std::move(state.tally);
    });
    if (finished) finished(std::move(tally));
  }

 private:
  struct State {
    std::size_t missing;
    Tally tally;
    Reply<Tally> reply;
  };
  Guarded<State> state_;
};

}  // namespace kavach::trading
