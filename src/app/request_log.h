#pragma once

// The log's lines about requests: one for every request that placed an order, one for a refused or failed one,
// and at debug level one for each other. What a client can cause as often as it likes is counted beyond a few
// lines a minute. Each line has the request id, and the order id where there is one.
//
// Thread-safe; called on I/O threads.

#include <mutex>

#include "audit/repeat_counter.h"
#include "core/clock.h"
#include "core/log.h"
#include "guard/request_record.h"

namespace kavach::app {

class RequestLog {
 public:
  RequestLog(const Clock& clock, Logger& log) : clock_{clock}, log_{log} {}

  void answered(const guard::RequestRecord& record, Monotonic total);
  /// Writes what was only counted in a minute that is over.
  void tick();

 private:
  void refused(const guard::RequestRecord& record, Monotonic total);
  void write_summaries(TimePoint now);

  const Clock& clock_;
  Logger& log_;
  std::mutex mutex_;
  audit::RepeatCounter lines_{{.window = std::chrono::minutes{1}, .repeats_max = 5, .rows_max = 300, .distinct_max = 1'024}};
};

}  // namespace kavach::app
