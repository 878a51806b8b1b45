#pragma once

// The latest log lines, kept in memory for the console's log page. `app` puts it beside the log file as
// a second sink. Bounded in lines and in the length of each. Thread-safe.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/guarded.h"
#include "core/log.h"

namespace kavach::console {

class LogTail {
 public:
  static constexpr std::size_t kLinesMax = 4'000;
  static constexpr std::size_t kLineBytesMax = 1'024;

  struct Line {
    std::uint64_t number{0};  ///< ascends from 1
    LogLevel level{LogLevel::Info};
    std::string text;  ///< as the log has it, in either format
  };

  /// The sink's half: a finished line without its newline.
  void add(LogLevel level, std::string_view line);

  struct Filter {
    LogLevel threshold{LogLevel::Debug};
    std::string text{};                ///< contained, ignoring case
    std::optional<TimePoint> from{};   ///< inclusive
    std::optional<TimePoint> until{};  ///< exclusive
  };
  /// Newest first, numbered below `before`.
  [[nodiscard]] std::vector<Line> search(std::uint64_t before, const Filter& filter, std::size_t lines_max) const;

 private:
  struct Kept {
    std::deque<Line> lines;
    std::uint64_t last{0};
  };
  Guarded<Kept> kept_;
};

/// A line taken apart for a table; what cannot be read is left in `message`.
struct LogLineParts {
  std::string at;
  std::string component;  ///< the event's first word: `ban` of `ban.created`
  std::string message;
  std::string request_id;
};
[[nodiscard]] LogLineParts parts_of(std::string_view line);

}  // namespace kavach::console
