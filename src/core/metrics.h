#pragma once

// Counters, gauges and latency histograms that every room may keep, rendered as Prometheus text for
// the metrics listener. A room registers its metrics once at construction and then touches only
// atomics; nothing here locks on a request path. Labels come from closed sets (routes, refusal
// tokens, stages); should one grow all the same, the series beyond the bound are counted together
// as "other".

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace kavach {

/// Only grows. Thread-safe.
class Counter {
 public:
  void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down. Thread-safe.
class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Durations in fixed buckets between 50 us and 5 s. Thread-safe.
class DurationHistogram {
 public:
  /// Upper bounds in nanoseconds; what is longer falls into the last, unbounded bucket.
  static constexpr std::array<std::int64_t, 16> kBounds{
      50'000,      100'000,      250'000,      500'000,     1'000'000,   2'500'000,
      5'000'000,   10'000'000,   25'000'000,   50'000'000,  100'000'000, 250'000'000,
      500'000'000, 1000'000'000, 2500'000'000, 5000'000'000};

  void observe(Monotonic duration);
  /// Appends the `_bucket`, `_sum` and `_count` lines.
  void render(std::string& out, std::string_view name, std::string_view labels) const;

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets_{};
  std::atomic<std::int64_t> sum_{0};
};

/// Pairs of label name and value.
using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Thread-safe. What it hands out lives as long as the registry. Names and help texts are literals
/// by convention; a name that is not a Prometheus name, or is registered again as another kind, is
/// a bug.
class MetricsRegistry {
 public:
  static constexpr std::size_t kSeriesMax = 256;  ///< of one name

  /// The same name and labels give the same object.
  Counter& counter(std::string_view name, std::string_view help, MetricLabels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, MetricLabels labels = {});
  DurationHistogram& duration(std::string_view name, std::string_view help,
                              MetricLabels labels = {});
  /// A value that is asked for when the metrics are read. `read` must stay callable while the
  /// registry lives, and must not block.
  void observe(std::string_view name, std::string_view help, std::function<std::int64_t()> read);

  /// Text exposition format 0.0.4.
  [[nodiscard]] std::string render() const;

 private:
  enum class Kind { Counter, Gauge, Duration };
  struct Series {
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<DurationHistogram> duration;
    std::function<std::int64_t()> read;
  };
  struct Family {
    std::string help;
    Kind kind{Kind::Counter};
    std::map<std::string, Series> series;  ///< by rendered labels
  };

  Series& find(std::string_view name, std::string_view help, Kind kind, MetricLabels labels);

  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
};

}  // namespace kavach
