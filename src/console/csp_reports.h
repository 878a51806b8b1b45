#pragma once

// What browsers report as blocked by the content security policy. Anybody can send such a report, so it
// is counted, and a few a minute are logged; nothing is stored. Thread-safe.

#include <atomic>
#include <cstdint>
#include <string_view>

#include "core/clock.h"
#include "core/guarded.h"
#include "core/log.h"

namespace kavach::console {

class CspReports {
 public:
  CspReports(const Clock& clock, Logger& log) : clock_{clock}, log_{log} {}

  /// `body`: a report as `application/csp-report` or `application/reports+json`; anything else only counts.
  void note(std::string_view body);
  [[nodiscard]] std::uint64_t total() const { return total_.load(); }

 private:
  static constexpr int kLoggedPerMinute = 10;
  struct Minute {
    std::int64_t minute{0};
    int logged{0};
  };
  [[nodiscard]] bool may_log();

  const Clock& clock_;
  Logger& log_;
  std::atomic<std::uint64_t> total_{0};
  Guarded<Minute> minute_;
};

}  // namespace kavach::console
