#include "core/metrics.h"

#include <algorithm>

#include "core/check.h"
#include "core/decimal.h"

namespace kavach {
namespace {

constexpr int kNanosecondPlaces = 9;

bool is_metric_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || c == '"') out += '\\';
      out += c;
    }
  }
}

std::string rendered(MetricLabels labels, bool as_other) {
  std::string out;
  for (const auto& [name, value] : labels) {
    check(is_metric_name(name), "a metric label has an invalid name");
    if (!out.empty()) out += ',';
    out += name;
    out += "=\"";
    append_escaped(out, as_other ? "other" : value);
    out += '"';
  }
  return out;
}

void append_line(std::string& out, std::string_view name, std::string_view labels,
                 std::string_view value) {
  out += name;
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

}  // namespace

void DurationHistogram::observe(Monotonic duration) {
  const auto bound = std::ranges::lower_bound(kBounds, duration.count());
  buckets_[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(1,
                                                                        std::memory_order_relaxed);
  sum_.fetch_add(duration.count(), std::memory_order_relaxed);
}

void DurationHistogram::render(std::string& out, std::string_view name,
                               std::string_view labels) const {
  const std::string prefix = labels.empty() ? "" : std::string{labels} + ",";
  const std::string bucket = std::string{name} + "_bucket";
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    count += buckets_[i].load(std::memory_order_relaxed);
    const std::string bound =
        i < kBounds.size() ? decimal_text(kBounds[i], kNanosecondPlaces) : std::string{"+Inf"};
    append_line(out, bucket, prefix + "le=\"" + bound + "\"", std::to_string(count));
  }
  append_line(out, std::string{name} + "_sum", labels,
              decimal_text(sum_.load(std::memory_order_relaxed), kNanosecondPlaces));
  append_line(out, std::string{name} + "_count", labels, std::to_string(count));
}

MetricsRegistry::Series& MetricsRegistry::find(std::string_view name, std::string_view help,
                                               Kind kind, MetricLabels labels) {
  check(is_metric_name(name), "a metric has an invalid name");
  auto family = families_.find(name);
  if (family == families_.end()) {
    family = families_.emplace(std::string{name}, Family{std::string{help}, kind, {}}).first;
  }
  check(family->second.kind == kind, "one metric name is used for two kinds");
  auto& series = family->second.series;
  std::string key = rendered(labels, false);
  if (series.size() >= kSeriesMax && !series.contains(key)) key = rendered(labels, true);
  return series[key];
}

Counter& MetricsRegistry::counter(std::string_view name, std::string_view help,
                                  MetricLabels labels) {
  const std::lock_guard lock{mutex_};
  Series& series = find(name, help, Kind::Counter, labels);
  if (!series.counter) series.counter = std::make_unique<Counter>();
  return *series.counter;
}

Gauge& MetricsRegistry::gauge(std::string_view name, std::string_view help, MetricLabels labels) {
  const std::lock_guard lock{mutex_};
  Series& series = find(name, help, Kind::Gauge, labels);
  if (!series.gauge) series.gauge = std::make_unique<Gauge>();
  return *series.gauge;
}

DurationHistogram& MetricsRegistry::duration(std::string_view name, std::string_view help,
                                             MetricLabels labels) {
  const std::lock_guard lock{mutex_};
  Series& series = find(name, help, Kind::Duration, labels);
  if (!series.duration) series.duration = std::make_unique<DurationHistogram>();
  return *series.duration;
}

void MetricsRegistry::observe(std::string_view name, std::string_view help,
                              std::function<std::int64_t()> read) {
  const std::lock_guard lock{mutex_};
  find(name, help, Kind::Gauge, {}).read = std::move(read);
}

std::string MetricsRegistry::render() const {
  const std::lock_guard lock{mutex_};
  std::string out;
  for (const auto& [name, family] : families_) {
    static constexpr std::array<std::string_view, 3> kTypes{"counter", "gauge", "histogram"};
    out.append("# HELP ").append(name).append(" ");
    append_escaped(out, family.help);
    out.append("\n# TYPE ").append(name).append(" ");
    out.append(kTypes[static_cast<std::size_t>(family.kind)]).append("\n");
    for (const auto& [labels, series] : family.series) {
      if (series.counter) append_line(out, name, labels, std::to_string(series.counter->value()));
      if (series.gauge) append_line(out, name, labels, std::to_string(series.gauge->value()));
      if (series.read) append_line(out, name, labels, std::to_string(series.read()));
      if (series.duration) series.duration->render(out, name, labels);
    }
  }
  return out;
}

}  // namespace kavach
