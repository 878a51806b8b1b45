#pragma once

// How long requests and orders take, by route and stage: histograms in memory, a row per order, a
// row per route and minute for trends. Recording happens on I/O threads and is a few atomic
// additions (and, for an order, a short lock around a bounded buffer).

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/export_text.h"
#include "audit/latency_histogram.h"
#include "audit/stage.h"
#include "core/log.h"
#include "store/database.h"

namespace kavach::audit {

struct OrderLatency {
  TimePoint at{};
  std::string order_id;
  std::string route;
  std::string status;  ///< the order's status when it was answered
  Monotonic total{};
  StageTimes stages;
};

struct OrderLatencyRow {
  std::int64_t id{0};
  OrderLatency latency;
};

/// Empty and absent members match everything.
struct OrderLatencyFilter {
  std::optional<TimePoint> from{};   ///< inclusive
  std::optional<TimePoint> until{};  ///< exclusive
  std::string order_id{};            ///< exact
  std::string route{};               ///< part of the template
  std::string status{};              ///< exact
  std::optional<Monotonic> slower_than{};  ///< in all
};

struct OrderLatencyPage {
  std::vector<OrderLatencyRow> rows;   ///< newest first
  std::optional<std::int64_t> before;  ///< the cursor of the next page, if there is one
};

struct RouteLatency {
  struct StageFigures {
    Stage stage{Stage::Queue};
    LatencyFigures figures;
  };
  std::string route;
  LatencyFigures total;
  std::vector<StageFigures> stages;  ///< those that were measured
};

struct LatencyMinute {
  TimePoint at{};
  LatencyFigures figures;
};

/// Thread-safe. The database and logger must outlive it.
class LatencyLog {
 public:
  /// Routes beyond this are counted together as "other".
  static constexpr std::size_t kRoutesMax = 512;
  static constexpr std::size_t kBufferedMax = 8'192;  ///< order rows waiting to be written

  LatencyLog(store::Database& database, Logger& logger, TimePoint started);
  /// Writes what is buffered and waits for it.
  ~LatencyLog();
  LatencyLog(const LatencyLog&) = delete;
  LatencyLog& operator=(const LatencyLog&) = delete;

  /// Any thread, a few atomic additions.
  void request(std::string_view route, Monotonic total, const StageTimes& stages);
  /// Any thread. Counts into the route's histograms and keeps a row.
  void order(OrderLatency latency);
  /// Writes buffered rows, and the trend of a minute that is over. Call a few times a second; never
  /// blocks.
  void tick(TimePoint now);

  [[nodiscard]] TimePoint since() const { return started_; }
  /// Since start, busiest route first.
  [[nodiscard]] std::vector<RouteLatency> by_route();

  // The following block: worker threads only.

  /// Whole minutes in [from, until) of one route, or of all together (`*`), oldest first.
  [[nodiscard]] Result<std::vector<LatencyMinute>> trend(std::string_view route, TimePoint from,
                                                         TimePoint until);
  [[nodiscard]] Result<OrderLatencyPage> orders(const OrderLatencyFilter& filter, std::int64_t before_id,
                                                int rows_max);
  /// Orders that match, oldest first.
  [[nodiscard]] std::unique_ptr<Export> begin_export(OrderLatencyFilter filter, ExportFormat format);
  /// Deletes rows that are older, in batches; returns how many.
  [[nodiscard]] Result<std::int64_t> prune(TimePoint older_than);

 private:
  struct Entry {
    explicit Entry(std::string_view name) : route{name} {}
    const std::string route;
    LatencyHistogram total;
    std::array<std::atomic<LatencyHistogram*>, kStageCount> stages{};
    std::array<std::unique_ptr<LatencyHistogram>, kStageCount> owned{};  ///< behind `stages`
  };
  struct Minute {
    std::int64_t at_us;
    std::string route;
    LatencyFigures figures;
  };
  struct Buffer {
    std::vector<OrderLatency> orders;
    std::vector<Minute> minutes;
    [[nodiscard]] bool empty() const { return orders.empty() && minutes.empty(); }
  };

  Entry& entry(std::string_view route);
  LatencyHistogram& histogram(Entry& entry, std::size_t stage);
  void close_minute();
  void flush();
  [[nodiscard]] Result<void> write_in_flight(store::Transaction& transaction);
  void settle(const Result<void>& outcome);

  store::Database& database_;
  Logger& logger_;
  const TimePoint started_;

  /// Open addressing; an entry once set never moves, so that readers need no lock.
  std::array<std::atomic<Entry*>, kRoutesMax * 2> routes_{};
  Entry other_{"other"};

  std::mutex mutex_;
  std::condition_variable idle_;
  std::vector<std::unique_ptr<Entry>> entries_;
  TimePoint minute_;
  Buffer filling_;
  bool flushing_{false};
  Buffer in_flight_;  // the flush's, while `flushing_`
};

}  // namespace kavach::audit
