// Reading, exporting and pruning of latency rows; taking and writing them is latency_log.cpp's
// part.

#include <limits>
#include <string>

#include "audit/latency_log.h"
#include "core/civil_time.h"
#include "core/json.h"

namespace kavach::audit {
namespace {

constexpr std::int64_t kPruneBatch = 2'000;
constexpr std::int64_t kExportPage = 1'000;

std::int64_t micros(Monotonic duration) { return duration.count() / 1000; }

OrderLatencyRow row_of(const store::Row& row) {
  OrderLatencyRow found;
  found.id = row.integer(0);
  found.latency.at = TimePoint{Micros{row.integer(1)}};
  found.latency.order_id = row.text(2);
  found.latency.route = row.text(3);
  found.latency.status = row.text(4);
  found.latency.total = Monotonic{row.integer(5)};
  for (std::size_t i = 0; i < kStageCount; ++i) {
    found.latency.stages.set(static_cast<Stage>(i),
                             Monotonic{row.integer(6 + static_cast<int>(i))});
  }
  return found;
}

void append_json(std::string& out, const OrderLatency& order) {
  JsonWriter writer{out};
  writer.object()
      .field("at", utc_text(order.at))
      .field("orderid", order.order_id)
      .field("route", order.route)
      .field("status", order.status)
      .field("total_micros", micros(order.total))
      .key("stages")
      .object();
  for (std::size_t i = 0; i < kStageCount; ++i) {
    if (order.stages.all()[i].count() > 0) {
      writer.field(kStageNames[i], micros(order.stages.all()[i]));
    }
  }
  writer.end().end();
  out += '\n';
}

void append_csv(std::string& out, const OrderLatency& order) {
  append_csv_text(out, utc_text(order.at));
  append_csv_text(out, order.order_id);
  append_csv_text(out, order.route);
  append_csv_text(out, order.status);
  append_csv_number(out, micros(order.total));
  for (const Monotonic spent : order.stages.all()) append_csv_number(out, micros(spent));
  out += '\n';
}

/// A filter with its values in the form in which they are bound.
struct Bound {
  explicit Bound(const OrderLatencyFilter& filter)
      : from{filter.from ? epoch_micros(*filter.from) : std::numeric_limits<std::int64_t>::min()},
        until{filter.until ? epoch_micros(*filter.until) : std::numeric_limits<std::int64_t>::max()},
        total_min{filter.slower_than ? filter.slower_than->count() : 0},
        route{contains_pattern(filter.route)} {}

  std::int64_t from;
  std::int64_t until;
  std::int64_t total_min;
  std::string route;
};

std::string csv_header() {
  std::string header{"at,orderid,route,status,total_micros"};
  for (const auto name : kStageNames) header.append(",").append(name).append("_micros");
  return header + "\n";
}

class LatencyExport final : public Export {
 public:
  LatencyExport(store::Database& database, OrderLatencyFilter filter, ExportFormat format)
      : database_{database}, filter_{std::move(filter)}, csv_{format == ExportFormat::Csv} {}

  Result<std::string> next() override {
    std::string piece;
    if (!begun_) {
      if (auto begun = begin(); !begun) return pass_on(begun);
      if (csv_) piece = csv_header();
    }
    if (after_ >= last_) return piece;
    std::int64_t rows = 0;
    auto read = database_.read([&](store::Reader& reader) {
      return select(reader, [&](const store::Row& row) {
        const OrderLatencyRow found = row_of(row);
        csv_ ? append_csv(piece, found.latency) : append_json(piece, found.latency);
        after_ = found.id;
        ++rows;
      });
    });
    if (!read) return pass_on(read);
    if (rows < kExportPage) after_ = last_;
    return piece;
  }

 private:
  Result<void> begin() {
    begun_ = true;
    return database_.read([&](store::Reader& reader) {
      return reader.query("SELECT max(id) FROM latency_orders", {},
                          [&](const store::Row& row) { last_ = row.integer(0); });
    });
  }
  Result<void> select(store::Reader& reader, const store::OnRow& on_row) {
    const Bound bound{filter_};
    return reader.query(
        "SELECT id, at_us, order_id, route, status, total_ns, queue_ns, guard_ns, validation_ns,"
        " risk_ns, journal_ns, broker_ns, handler_ns, reply_ns FROM latency_orders"
        " WHERE id > ? AND id <= ? AND at_us >= ? AND at_us < ? AND (? = '' OR order_id = ?)"
        " AND route LIKE ? ESCAPE '\\' AND (? = '' OR status = ?) AND total_ns >= ? ORDER BY id LIMIT ?",
        {after_, last_, bound.from, bound.until, std::string_view{filter_.order_id},
         std::string_view{filter_.order_id}, std::string_view{bound.route}, std::string_view{filter_.status},
         std::string_view{filter_.status}, bound.total_min, kExportPage},
        on_row);
  }

  store::Database& database_;
  const OrderLatencyFilter filter_;
  const bool csv_;
  bool begun_{false};
  std::int64_t after_{0};
  std::int64_t last_{0};
};

}  // namespace

Result<std::vector<LatencyMinute>> LatencyLog::trend(std::string_view route, TimePoint from,
                                                     TimePoint until) {
  std::vector<LatencyMinute> minutes;
  auto read = database_.read([&](store::Reader& reader) {
    return reader.query(
        "SELECT at_us, requests, p50_ns, p95_ns, p99_ns, p999_ns, max_ns FROM latency_minutes"
        " WHERE route = ? AND at_us >= ? AND at_us < ? ORDER BY at_us",
        {route, epoch_micros(from), epoch_micros(until)}, [&](const store::Row& row) {
          minutes.push_back(
              {TimePoint{Micros{row.integer(0)}},
               {row.integer(1), Monotonic{row.integer(2)}, Monotonic{row.integer(3)},
                Monotonic{row.integer(4)}, Monotonic{row.integer(5)}, Monotonic{row.integer(6)}}});
        });
  });
  if (!read) return pass_on(read);
  return minutes;
}

Result<OrderLatencyPage> LatencyLog::orders(const OrderLatencyFilter& filter, std::int64_t before_id,
                                            int rows_max) {
  OrderLatencyPage page;
  const Bound bound{filter};
  auto read = database_.read([&](store::Reader& reader) {
    return reader.query(
        "SELECT id, at_us, order_id, route, status, total_ns, queue_ns, guard_ns, validation_ns,"
        " risk_ns, journal_ns, broker_ns, handler_ns, reply_ns FROM latency_orders"
        " WHERE id < ? AND at_us >= ? AND at_us < ? AND (? = '' OR order_id = ?)"
        " AND route LIKE ? ESCAPE '\\' AND (? = '' OR status = ?) AND total_ns >= ?"
        " ORDER BY id DESC LIMIT ?",
        {before_id, bound.from, bound.until, std::string_view{filter.order_id}, std::string_view{filter.order_id},
         std::string_view{bound.route}, std::string_view{filter.status}, std::string_view{filter.status},
         bound.total_min, std::int64_t{rows_max} + 1},
        [&](const store::Row& row) { page.rows.push_back(row_of(row)); });
  });
  if (!read) return pass_on(read);
  if (page.rows.size() > static_cast<std::size_t>(rows_max)) {
    page.rows.pop_back();
    page.before = page.rows.back().id;
  }
  return page;
}

std::unique_ptr<Export> LatencyLog::begin_export(OrderLatencyFilter filter, ExportFormat format) {
  return std::make_unique<LatencyExport>(database_, std::move(filter), format);
}

Result<std::int64_t> LatencyLog::prune(TimePoint older_than) {
  std::int64_t total = 0;
  for (std::int64_t deleted = kPruneBatch; deleted >= kPruneBatch;) {
    auto done = database_.write_and_wait([&](store::Transaction& transaction) -> Result<void> {
      auto orders = transaction.execute(
          "DELETE FROM latency_orders WHERE id IN"
          " (SELECT id FROM latency_orders WHERE at_us < ? ORDER BY at_us LIMIT ?)",
          {epoch_micros(older_than), kPruneBatch});
      if (!orders) return pass_on(orders);
      auto minutes = transaction.execute("DELETE FROM latency_minutes WHERE at_us < ?",
                                         {epoch_micros(older_than)});
      if (!minutes) return pass_on(minutes);
      deleted = *orders;
      total += *orders + *minutes;
      return {};
    });
    if (!done) return pass_on(done);
  }
  return total;
}

}  // namespace kavach::audit
