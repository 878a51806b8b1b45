// Reading, exporting and pruning of latency rows; taking and writing them is latency_log.cpp's
// part.

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

std::string csv_header() {
  std::string header{"at,orderid,route,status,total_micros"};
  for (const auto name : kStageNames) header.append(",").append(name).append("_micros");
  return header + "\n";
}

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

Result<OrderLatencyPage> LatencyLog::orders(std::int64_t before_id, int rows_max) {
  OrderLatencyPage page;
  auto read = database_.read([&](store::Reader& reader) {
    return reader.query(
        "SELECT id, at_us, order_id, route, status, total_ns, queue_ns, guard_ns, validation_ns,"
        " risk_ns, journal_ns, broker_ns, handler_ns, reply_ns FROM latency_orders"
        " WHERE id < ? ORDER BY id DESC LIMIT ?",
        {before_id, std::int64_t{rows_max} + 1},
        [&](const store::Row& row) { page.rows.push_back(row_of(row)); });
  });
  if (!read) return pass_on(read);
  if (page.rows.size() > static_cast<std::size_t>(rows_max)) {
    page.rows.pop_back();
    page.before = page.rows.back().id;
  }
  return page;
}

Result<void> LatencyLog::write_export(TimePoint from, TimePoint until, ExportFormat format,
                                      const ExportSink& sink) {
  std::string piece = format == ExportFormat::Csv ? csv_header() : std::string{};
  std::int64_t after = 0;
  for (bool more = true; more;) {
    std::int64_t rows = 0;
    auto read = database_.read([&](store::Reader& reader) {
      return reader.query(
          "SELECT id, at_us, order_id, route, status, total_ns, queue_ns, guard_ns, validation_ns,"
          " risk_ns, journal_ns, broker_ns, handler_ns, reply_ns FROM latency_orders"
          " WHERE id > ? AND at_us >= ? AND at_us < ? ORDER BY id LIMIT ?",
          {after, epoch_micros(from), epoch_micros(until), kExportPage},
          [&](const store::Row& row) {
            const OrderLatencyRow found = row_of(row);
            format == ExportFormat::Csv ? append_csv(piece, found.latency)
                                        : append_json(piece, found.latency);
            after = found.id;
            ++rows;
          });
    });
    if (!read) return read;
    more = rows == kExportPage;
    if (!piece.empty() && !sink(piece)) return {};
    piece.clear();
  }
  return {};
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
