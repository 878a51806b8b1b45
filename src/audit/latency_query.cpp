// Reading, exporting and pruning of latency rows; taking and writing them is latency_log.cpp's
// part.

#include <string>

#include "audit/latency_log.h"
#include "audit/paging.h"
#include "core/civil_time.h"
#include "core/json.h"

namespace kavach::audit {
namespace {

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
struct Bound : BoundTimes {
  explicit Bound(const OrderLatencyFilter& wanted)
      : BoundTimes{wanted.from, wanted.until},
        total_min{wanted.slower_than ? wanted.slower_than->count() : 0},
        route{contains_pattern(wanted.route)},
        filter{wanted} {}

  std::int64_t total_min;
  std::string route;
  const OrderLatencyFilter& filter;
};

Result<void> select_newest(store::Reader& reader, const Bound& bound, std::int64_t before_id, std::int64_t rows_max,
                           const store::OnRow& on_row) {
  const OrderLatencyFilter& f = bound.filter;
  return reader.query(
      "SELECT id, at_us, order_id, route, status, total_ns, queue_ns, guard_ns, validation_ns,"
      " risk_ns, journal_ns, broker_ns, handler_ns, reply_ns FROM latency_orders"
      " WHERE id < ? AND at_us >= ? AND at_us < ? AND (? = '' OR order_id = ?)"
      " AND route LIKE ? ESCAPE '\\' AND (? = '' OR status = ?) AND total_ns >= ?"
      " ORDER BY id DESC LIMIT ?",
      {before_id, bound.from, bound.until, std::string_view{f.order_id}, std::string_view{f.order_id},
       std::string_view{bound.route}, std::string_view{f.status}, std::string_view{f.status}, bound.total_min,
       rows_max},
      on_row);
}

Result<void> select_oldest(store::Reader& reader, const Bound& bound, const ExportRange& range,
                           const store::OnRow& on_row) {
  const OrderLatencyFilter& f = bound.filter;
  return reader.query(
      "SELECT id, at_us, order_id, route, status, total_ns, queue_ns, guard_ns, validation_ns,"
      " risk_ns, journal_ns, broker_ns, handler_ns, reply_ns FROM latency_orders"
      " WHERE id > ? AND id <= ? AND at_us >= ? AND at_us < ? AND (? = '' OR order_id = ?)"
      " AND route LIKE ? ESCAPE '\\' AND (? = '' OR status = ?) AND total_ns >= ? ORDER BY id LIMIT ?",
      {range.after, range.last, bound.from, bound.until, std::string_view{f.order_id}, std::string_view{f.order_id},
       std::string_view{bound.route}, std::string_view{f.status}, std::string_view{f.status}, bound.total_min,
       range.rows_max},
      on_row);
}

std::string csv_header() {
  std::string header{"at,orderid,route,status,total_micros"};
  for (const auto name : kStageNames) header.append(",").append(name).append("_micros");
  return header + "\n";
}

Result<void> highest_id(store::Reader& reader, std::int64_t& id) {
  return reader.query("SELECT max(id) FROM latency_orders", {}, [&](const store::Row& row) { id = row.integer(0); });
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

Result<OrderLatencyPage> LatencyLog::orders(const OrderLatencyFilter& filter, std::int64_t before_id,
                                            int rows_max) {
  OrderLatencyPage page;
  const Bound bound{filter};
  auto read = database_.read([&](store::Reader& reader) {
    return select_newest(reader, bound, before_id, std::int64_t{rows_max} + 1,
                         [&](const store::Row& row) { page.rows.push_back(row_of(row)); });
  });
  if (!read) return pass_on(read);
  end_page(page, rows_max, &OrderLatencyRow::id);
  return page;
}

std::unique_ptr<Export> LatencyLog::begin_export(OrderLatencyFilter filter, ExportFormat format) {
  const bool csv = format == ExportFormat::Csv;
  return std::make_unique<TableExport>(
      database_, csv ? csv_header() : std::string{}, highest_id,
      row_by_row([filter = std::move(filter)](store::Reader& reader, const ExportRange& range,
                                              const store::OnRow& on_row) {
                   return select_oldest(reader, Bound{filter}, range, on_row);
                 },
                 [csv](const store::Row& row, std::string& piece) {
                   const OrderLatencyRow found = row_of(row);
                   csv ? append_csv(piece, found.latency) : append_json(piece, found.latency);
                   return found.id;
                 }));
}

Result<std::int64_t> LatencyLog::prune(TimePoint older_than) {
  return prune_in_batches(
      database_, [older_than](store::Transaction& transaction, std::int64_t rows_max) -> Result<Pruned> {
        auto orders = transaction.execute(
            "DELETE FROM latency_orders WHERE id IN"
            " (SELECT id FROM latency_orders WHERE at_us < ? ORDER BY at_us LIMIT ?)",
            {epoch_micros(older_than), rows_max});
        if (!orders) return pass_on(orders);
        auto minutes = transaction.execute("DELETE FROM latency_minutes WHERE at_us < ?", {epoch_micros(older_than)});
        if (!minutes) return pass_on(minutes);
        return Pruned{*orders + *minutes, *orders < rows_max};
      });
}

}  // namespace kavach::audit
