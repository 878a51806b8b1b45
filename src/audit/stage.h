#pragma once

// Where the time of a request or an order goes.

#include <array>
#include <cstddef>
#include <string_view>

#include "core/clock.h"

namespace kavach::audit {

/// In the order in which an order passes through them.
enum class Stage {
  Queue,       ///< waiting for a thread, before anything was done
  Guard,       ///< the defences, authentication included
  Validation,  ///< decoding and checking an order
  Risk,        ///< pre-trade checks
  Journal,     ///< waiting for the disk, intent and outcome together
  Broker,      ///< the broker's (or the paper exchange's) answer
  Handler,     ///< a whole handler, where its stages are not told apart
  Reply,       ///< encoding the reply
};
inline constexpr std::size_t kStageCount = 8;
inline constexpr std::array<std::string_view, kStageCount> kStageNames{
    "queue", "guard", "validation", "risk", "journal", "broker", "handler", "reply"};

/// Nanoseconds by stage; zero where a stage was not passed or not measured.
class StageTimes {
 public:
  void set(Stage stage, Monotonic spent) { spent_[index(stage)] = spent; }
  void add(Stage stage, Monotonic spent) { spent_[index(stage)] += spent; }
  [[nodiscard]] Monotonic of(Stage stage) const { return spent_[index(stage)]; }
  [[nodiscard]] const std::array<Monotonic, kStageCount>& all() const { return spent_; }

 private:
  static constexpr std::size_t index(Stage stage) { return static_cast<std::size_t>(stage); }
  std::array<Monotonic, kStageCount> spent_{};
};

}  // namespace kavach::audit
