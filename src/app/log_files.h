#pragma once

// The gateway's log as files: `kavach.log`, and beside it what was written before, `kavach.1.log` the latest. A file
// ends with its day (UTC, as its lines have it) or when it is full; older ones go when their last line is older than
// the retention, or when there are too many.
//
// One thread at a time. What cannot be written is dropped: a full or read-only disk must not stop the gateway, nor
// may a file grow beyond its bound because it cannot be renamed.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"

namespace kavach::app {

class LogFiles {
 public:
  struct Limits {
    std::uintmax_t file_bytes_max{10 * 1024 * 1024};
    std::size_t older_max{20};     ///< files beside the one being written
    std::chrono::days kept{14};    ///< after a file's last line
  };

  /// Makes the folder and the file (modes 0700 and 0600), or goes on with those of an earlier run. The clock must
  /// outlive it. Fails when the folder cannot be written.
  [[nodiscard]] static Result<std::unique_ptr<LogFiles>> open(std::filesystem::path folder, Limits limits,
                                                              const Clock& clock);
  ~LogFiles();
  LogFiles(const LogFiles&) = delete;
  LogFiles& operator=(const LogFiles&) = delete;

  /// Appends a line, without its newline, in one write.
  void write(std::string_view line);

 private:
  LogFiles(std::filesystem::path folder, Limits limits, const Clock& clock)
      : folder_{std::move(folder)}, limits_{limits}, clock_{clock} {}

  [[nodiscard]] std::filesystem::path path_of(std::size_t number) const;
  [[nodiscard]] bool open_current();
  /// Gives the current file the time of its last line, by the gateway's clock, and closes it.
  void close();
  /// Moves every file on by one. False when the current one could not be moved.
  bool rotate();
  void forget_old();

  const std::filesystem::path folder_;
  const Limits limits_;
  const Clock& clock_;
  int file_{-1};
  std::uintmax_t bytes_{0};
  std::chrono::sys_days day_{};  ///< of what the current file holds; today when it is empty
  TimePoint last_line_{};        ///< of this run, in the current file
};

}  // namespace kavach::app
