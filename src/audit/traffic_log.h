#pragma once

// Traffic records: taken on I/O threads into a bounded buffer, written in batches by the database's
// writer, searched from worker threads. Above a bound of rows a second, requests are only counted
// (by route, status and offender), so that a flood cannot fill the disk and nothing blocks the
// request path.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "audit/export_text.h"
#include "audit/repeat_counter.h"
#include "audit/traffic_record.h"
#include "core/log.h"
#include "store/database.h"

namespace kavach::audit {

/// Thread-safe. The database and logger must outlive it.
class TrafficLog {
 public:
  struct Limits {
    std::size_t buffered_max{8'192};  ///< rows waiting to be written; more are only counted
    RepeatCounter::Limits rows{
        .window = std::chrono::seconds{1}, .rows_max = 2'000, .distinct_max = 1'024};
  };

  TrafficLog(store::Database& database, Logger& logger, Limits limits);
  TrafficLog(store::Database& database, Logger& logger) : TrafficLog{database, logger, Limits{}} {}
  /// Writes what is buffered and waits for it.
  ~TrafficLog();
  TrafficLog(const TrafficLog&) = delete;
  TrafficLog& operator=(const TrafficLog&) = delete;

  /// Any thread; never blocks on disk.
  void record(const TrafficRecord& record);
  /// Writes what is buffered and the counts of seconds that are over. Call about four times a
  /// second; never blocks.
  void tick(TimePoint now);

  // The following block: worker threads only.

  [[nodiscard]] Result<TrafficPage> search(const TrafficFilter& filter, std::int64_t before_id,
                                           int rows_max);
  [[nodiscard]] Result<TrafficStats> stats(TimePoint from, TimePoint until);
  /// Rows that match, oldest first.
  [[nodiscard]] std::unique_ptr<Export> begin_export(TrafficFilter filter, ExportFormat format);
  /// Deletes what is older, in batches that let other writes pass between; returns the rows
  /// deleted.
  [[nodiscard]] Result<std::int64_t> prune(TimePoint older_than);

 private:
  /// One buffered record; its texts lie one after the other in `Buffer::texts`.
  struct Buffered {
    std::int64_t at_us;
    IpAddress address;
    int status;
    std::int64_t duration_us;
    std::int64_t queue_us;
    std::int64_t guard_us;
    std::int64_t handler_us;
    std::array<std::uint32_t, 6> text_ends;
  };
  struct Buffer {
    std::vector<Buffered> rows;
    std::string texts;
    std::vector<RepeatCounter::Summary> floods;
    void clear();
    [[nodiscard]] bool empty() const { return rows.empty() && floods.empty(); }
  };

  void buffer(const TrafficRecord& record);
  void close_window(TimePoint now);
  void flush();
  [[nodiscard]] static Result<void> write_rows(store::Transaction& transaction,
                                               const Buffer& buffer);
  [[nodiscard]] static Result<void> write_floods(store::Transaction& transaction,
                                                 const Buffer& buffer);
  [[nodiscard]] Result<void> write_in_flight(store::Transaction& transaction);
  void settle(const Result<void>& outcome);

  store::Database& database_;
  Logger& logger_;
  const Limits limits_;

  std::mutex mutex_;
  std::condition_variable idle_;
  RepeatCounter repeats_;
  Buffer filling_;
  bool flushing_{false};
  bool closing_{false};
  Buffer in_flight_;  // the flush's, while `flushing_`
};

}  // namespace kavach::audit
