#include "audit/latency_log.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

namespace kavach::audit {
namespace {

constexpr std::string_view kAllRoutes = "*";
constexpr std::size_t kMinuteRowsMax = 4 * LatencyLog::kRoutesMax;

TimePoint minute_of(TimePoint at) { return std::chrono::floor<std::chrono::minutes>(at); }

}  // namespace

LatencyLog::LatencyLog(store::Database& database, Logger& logger, TimePoint started)
    : database_{database}, logger_{logger}, started_{started}, minute_{minute_of(started)} {}

LatencyLog::~LatencyLog() {
  {
    std::unique_lock lock{mutex_};
    idle_.wait(lock, [this] { return !flushing_; });
    close_minute();
    std::swap(filling_, in_flight_);
    if (in_flight_.empty()) return;
  }
  const auto outcome = database_.write_and_wait(
      [this](store::Transaction& transaction) { return write_in_flight(transaction); });
  if (!outcome) logger_.warning("latency.records_lost", {{"records", in_flight_.orders.size()}});
}

LatencyLog::Entry& LatencyLog::entry(std::string_view route) {
  std::size_t slot = std::hash<std::string_view>{}(route) % routes_.size();
  for (;; slot = (slot + 1) % routes_.size()) {
    Entry* found = routes_[slot].load(std::memory_order_acquire);
    if (found == nullptr) break;
    if (found->route == route) return *found;
  }
  const std::lock_guard lock{mutex_};
  // Half of the slots stay free, so that a search always ends.
  if (entries_.size() >= kRoutesMax) return other_;
  for (;; slot = (slot + 1) % routes_.size()) {
    Entry* found = routes_[slot].load(std::memory_order_acquire);
    if (found != nullptr && found->route == route) return *found;
    if (found == nullptr) break;
  }
  entries_.push_back(std::make_unique<Entry>(route));
  routes_[slot].store(entries_.back().get(), std::memory_order_release);
  return *entries_.back();
}

LatencyHistogram& LatencyLog::histogram(Entry& entry, std::size_t stage) {
  if (auto* found = entry.stages[stage].load(std::memory_order_acquire)) return *found;
  const std::lock_guard lock{mutex_};
  if (!entry.owned[stage]) {
    entry.owned[stage] = std::make_unique<LatencyHistogram>();
    entry.stages[stage].store(entry.owned[stage].get(), std::memory_order_release);
  }
  return *entry.owned[stage];
}

void LatencyLog::request(std::string_view route, Monotonic total, const StageTimes& stages) {
  Entry& found = entry(route);
  found.total.record(total);
  for (std::size_t i = 0; i < kStageCount; ++i) {
    if (const Monotonic spent = stages.all()[i]; spent.count() > 0)
      histogram(found, i).record(spent);
  }
}

void LatencyLog::order(OrderLatency latency) {
  request(latency.route, latency.total, latency.stages);
  const std::lock_guard lock{mutex_};
  if (filling_.orders.size() < kBufferedMax) filling_.orders.push_back(std::move(latency));
}

void LatencyLog::tick(TimePoint now) {
  {
    const std::lock_guard lock{mutex_};
    if (minute_of(now) != minute_) {
      close_minute();
      minute_ = minute_of(now);
    }
    if (flushing_ || filling_.empty()) return;
    flushing_ = true;
    std::swap(filling_, in_flight_);
  }
  flush();
}

void LatencyLog::close_minute() {
  LatencyCounts all;
  const auto keep = [&](const std::string& route, const LatencyFigures& figures) {
    if (figures.count == 0 || filling_.minutes.size() >= kMinuteRowsMax) return;
    filling_.minutes.push_back({epoch_micros(minute_), route, figures});
  };
  const auto drain = [&](Entry& found) {
    const LatencyCounts minute = found.total.drain();
    all.add(minute);
    keep(found.route, minute.figures());
    for (auto& stage : found.owned) {
      if (stage) stage->drain();
    }
  };
  for (auto& found : entries_) drain(*found);
  drain(other_);
  keep(std::string{kAllRoutes}, all.figures());
}

std::vector<RouteLatency> LatencyLog::by_route() {
  std::vector<RouteLatency> routes;
  const std::lock_guard lock{mutex_};
  const auto add = [&](Entry& found) {
    RouteLatency route{found.route, found.total.total().figures(), {}};
    if (route.total.count == 0) return;
    for (std::size_t i = 0; i < kStageCount; ++i) {
      if (!found.owned[i]) continue;
      route.stages.push_back({static_cast<Stage>(i), found.owned[i]->total().figures()});
    }
    routes.push_back(std::move(route));
  };
  for (auto& found : entries_) add(*found);
  add(other_);
  std::ranges::sort(routes, [](const RouteLatency& a, const RouteLatency& b) {
    return std::tuple{-a.total.count, a.route} < std::tuple{-b.total.count, b.route};
  });
  return routes;
}

void LatencyLog::flush() {
  database_.write([this](store::Transaction& transaction) { return write_in_flight(transaction); },
                  [this](Result<void> outcome) { settle(outcome); });
}

Result<void> LatencyLog::write_in_flight(store::Transaction& transaction) {
  for (const OrderLatency& order : in_flight_.orders) {
    const auto stage = [&](Stage of) { return std::int64_t{order.stages.of(of).count()}; };
    auto done = transaction.execute(
        "INSERT INTO latency_orders (at_us, order_id, route, status, total_ns, queue_ns, guard_ns,"
        " validation_ns, risk_ns, journal_ns, broker_ns, handler_ns, reply_ns)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {epoch_micros(order.at), std::string_view{order.order_id}, std::string_view{order.route},
         std::string_view{order.status}, std::int64_t{order.total.count()}, stage(Stage::Queue),
         stage(Stage::Guard), stage(Stage::Validation), stage(Stage::Risk), stage(Stage::Journal),
         stage(Stage::Broker), stage(Stage::Handler), stage(Stage::Reply)});
    if (!done) return pass_on(done);
  }
  for (const Minute& minute : in_flight_.minutes) {
    const LatencyFigures& f = minute.figures;
    // After a clock set back, or a restart, a minute may be there already; the busier half stays.
    auto done = transaction.execute(
        "INSERT INTO latency_minutes"
        " (at_us, route, requests, p50_ns, p95_ns, p99_ns, p999_ns, max_ns)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (route, at_us) DO UPDATE SET requests = excluded.requests,"
        " p50_ns = excluded.p50_ns, p95_ns = excluded.p95_ns, p99_ns = excluded.p99_ns,"
        " p999_ns = excluded.p999_ns, max_ns = excluded.max_ns"
        " WHERE excluded.requests > latency_minutes.requests",
        {minute.at_us, std::string_view{minute.route}, f.count, std::int64_t{f.p50.count()},
         std::int64_t{f.p95.count()}, std::int64_t{f.p99.count()}, std::int64_t{f.p999.count()},
         std::int64_t{f.max.count()}});
    if (!done) return pass_on(done);
  }
  return {};
}

void LatencyLog::settle(const Result<void>& outcome) {
  if (!outcome) {
    logger_.warning("latency.records_lost",
                    {{"records", in_flight_.orders.size()}, {"detail", outcome.error().detail}});
  }
  in_flight_ = Buffer{};
  const std::lock_guard lock{mutex_};
  flushing_ = false;
  idle_.notify_all();
}

}  // namespace kavach::audit
