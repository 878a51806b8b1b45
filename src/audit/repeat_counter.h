#pragma once

// Decides which records become rows and which are only counted, so that a flood costs a bounded
// number of rows. Within one window a (label, offender) pair gets a few rows, and all pairs
// together a bounded number; the rest is counted per pair and comes out as one summary each. Memory
// is bounded however many offenders there are: beyond `distinct_max` they are counted together.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace kavach::audit {

/// Not thread-safe; its owner guards it.
class RepeatCounter {
 public:
  struct Limits {
    Micros window{std::chrono::minutes{1}};
    std::uint64_t repeats_max{20};    ///< rows of one pair in a window
    std::uint64_t rows_max{6'000};    ///< rows of all pairs in a window
    std::size_t distinct_max{4'096};  ///< pairs remembered in a window
  };
  struct Summary {
    std::string label;
    std::string offender;  ///< empty: offenders beyond `distinct_max`
    std::uint64_t count{0};
    TimePoint first{};
    TimePoint last{};
  };

  explicit RepeatCounter(Limits limits) : limits_{limits} {}

  // Call `close` first when the window is over.

  /// True when this one becomes a row; otherwise it has been counted.
  [[nodiscard]] bool admits(std::string_view label, std::string_view offender, TimePoint now);
  /// The same for records whose pairs are not told apart: only `rows_max` decides, and nothing is
  /// remembered of what becomes a row. What does not, is to be given to `count`.
  [[nodiscard]] bool take_row();
  void count(std::string_view label, std::string_view offender, TimePoint now);

  /// True when `now` lies outside the current window (also before it, after the clock was set
  /// back).
  [[nodiscard]] bool is_over(TimePoint now) const;
  /// Starts a new window at `now`; the counted ones of the old window, in a fixed order.
  [[nodiscard]] std::vector<Summary> close(TimePoint now);

 private:
  struct Count {
    std::uint64_t rows{0};
    std::uint64_t counted{0};
    TimePoint first{};
    TimePoint last{};
  };
  using Key = std::pair<std::string, std::string>;
  struct Before {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      const int labels = std::string_view{a.first}.compare(b.first);
      return labels != 0 ? labels < 0 : std::string_view{a.second} < std::string_view{b.second};
    }
  };

  Count& find(std::string_view label, std::string_view offender);

  const Limits limits_;
  TimePoint opened_{};
  std::uint64_t rows_{0};
  std::map<Key, Count, Before> counts_;
};

}  // namespace kavach::audit
