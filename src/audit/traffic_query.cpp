// Reading, exporting and pruning of traffic records; taking and writing them is traffic_log.cpp's
// part.

#include <algorithm>
#include <string>

#include "audit/paging.h"
#include "audit/traffic_log.h"
#include "core/civil_time.h"
#include "core/json.h"

namespace kavach::audit {
namespace {

/// A filter with its values in the form in which they are bound.
struct Bound : BoundTimes {
  explicit Bound(const TrafficFilter& wanted)
      : BoundTimes{wanted.from, wanted.until},
        status{wanted.status.value_or(0)},
        route{contains_pattern(wanted.route)},
        filter{wanted} {}

  std::int64_t status;
  std::string route;
  const TrafficFilter& filter;
};

TrafficRow row_of(const store::Row& row) {
  return {.id = row.integer(0),
          .at = TimePoint{Micros{row.integer(1)}},
          .address = std::string{row.text(2)},
          .method = std::string{row.text(3)},
          .route = std::string{row.text(4)},
          .host = std::string{row.text(5)},
          .status = static_cast<int>(row.integer(6)),
          .refusal = std::string{row.text(7)},
          .request_id = std::string{row.text(8)},
          .principal = std::string{row.text(9)},
          .duration_us = row.integer(10),
          .queue_us = row.integer(11),
          .guard_us = row.integer(12),
          .handler_us = row.integer(13)};
}

Result<void> select_newest(store::Reader& reader, const Bound& bound, std::int64_t before_id,
                           std::int64_t rows_max, const store::OnRow& on_row) {
  const TrafficFilter& f = bound.filter;
  return reader.query(
      "SELECT id, at_us, address, method, route, host, status, refusal, request_id, principal,"
      " duration_us, queue_us, guard_us, handler_us FROM traffic_records"
      " WHERE id < ? AND at_us >= ? AND at_us < ?"
      " AND (? = '' OR address = ?) AND (? = '' OR method = ?) AND route LIKE ? ESCAPE '\\'"
      " AND (? = '' OR principal = ?) AND (? = '' OR refusal = ?) AND (? = '' OR request_id = ?)"
      " AND (? = 0 OR status = ?) ORDER BY id DESC LIMIT ?",
      {before_id, bound.from, bound.until, std::string_view{f.address}, std::string_view{f.address},
       std::string_view{f.method}, std::string_view{f.method}, std::string_view{bound.route},
       std::string_view{f.principal}, std::string_view{f.principal}, std::string_view{f.refusal},
       std::string_view{f.refusal}, std::string_view{f.request_id}, std::string_view{f.request_id},
       bound.status, bound.status, rows_max},
      on_row);
}

Result<void> select_oldest(store::Reader& reader, const Bound& bound, const ExportRange& range,
                           const store::OnRow& on_row) {
  const TrafficFilter& f = bound.filter;
  return reader.query(
      "SELECT id, at_us, address, method, route, host, status, refusal, request_id, principal,"
      " duration_us, queue_us, guard_us, handler_us FROM traffic_records"
      " WHERE id > ? AND id <= ? AND at_us >= ? AND at_us < ?"
      " AND (? = '' OR address = ?) AND (? = '' OR method = ?) AND route LIKE ? ESCAPE '\\'"
      " AND (? = '' OR principal = ?) AND (? = '' OR refusal = ?) AND (? = '' OR request_id = ?)"
      " AND (? = 0 OR status = ?) ORDER BY id LIMIT ?",
      {range.after, range.last, bound.from, bound.until, std::string_view{f.address}, std::string_view{f.address},
       std::string_view{f.method}, std::string_view{f.method}, std::string_view{bound.route},
       std::string_view{f.principal}, std::string_view{f.principal}, std::string_view{f.refusal},
       std::string_view{f.refusal}, std::string_view{f.request_id}, std::string_view{f.request_id},
       bound.status, bound.status, range.rows_max},
      on_row);
}

void append_json(std::string& out, const TrafficRow& row) {
  JsonWriter{out}
      .object()
      .field("at", utc_text(row.at))
      .field("address", row.address)
      .field("method", row.method)
      .field("route", row.route)
      .field("host", row.host)
      .field("status", row.status)
      .field("refusal", row.refusal)
      .field("request_id", row.request_id)
      .field("principal", row.principal)
      .field("duration_micros", row.duration_us)
      .field("queue_micros", row.queue_us)
      .field("guard_micros", row.guard_us)
      .field("handler_micros", row.handler_us)
      .end();
  out += '\n';
}

constexpr std::string_view kCsvHeader =
    "at,address,method,route,host,status,refusal,request_id,principal,duration_micros,queue_micros,"
    "guard_micros,handler_micros\n";

void append_csv(std::string& out, const TrafficRow& row) {
  append_csv_text(out, utc_text(row.at));
  append_csv_text(out, row.address);
  append_csv_text(out, row.method);
  append_csv_text(out, row.route);
  append_csv_text(out, row.host);
  append_csv_number(out, row.status);
  append_csv_text(out, row.refusal);
  append_csv_text(out, row.request_id);
  append_csv_text(out, row.principal);
  append_csv_number(out, row.duration_us);
  append_csv_number(out, row.queue_us);
  append_csv_number(out, row.guard_us);
  append_csv_number(out, row.handler_us);
  out += '\n';
}

Result<void> highest_id(store::Reader& reader, std::int64_t& id) {
  return reader.query("SELECT max(id) FROM traffic_records", {}, [&](const store::Row& row) { id = row.integer(0); });
}

/// The figures of a range, one query each.
class StatsReader {
 public:
  StatsReader(store::Reader& reader, TimePoint from, TimePoint until)
      : reader_{reader}, from_{epoch_micros(from)}, until_{epoch_micros(until)} {}

  Result<TrafficStats> read() {
    for (auto part : {&StatsReader::totals, &StatsReader::minutes, &StatsReader::routes,
                      &StatsReader::statuses, &StatsReader::addresses}) {
      if (auto done = (this->*part)(); !done) return pass_on(done);
    }
    return std::move(stats_);
  }

 private:
  Result<void> totals() {
    auto rows = reader_.query(
        "SELECT count(*), coalesce(sum(CASE WHEN status >= 400 THEN 1 ELSE 0 END), 0),"
        " coalesce(sum(CASE WHEN refusal <> '' THEN 1 ELSE 0 END), 0),"
        " coalesce(sum(CASE WHEN refusal = 'banned' THEN 1 ELSE 0 END), 0),"
        " coalesce(sum(duration_us), 0)"
        " FROM traffic_records WHERE at_us >= ? AND at_us < ?",
        {from_, until_}, [&](const store::Row& row) {
          add_totals(row);
          stats_.average_us = row.integer(4) / std::max<std::int64_t>(row.integer(0), 1);
        });
    if (!rows) return rows;
    return reader_.query(
        "SELECT coalesce(sum(requests), 0),"
        " coalesce(sum(CASE WHEN status >= 400 THEN requests ELSE 0 END), 0),"
        " coalesce(sum(CASE WHEN refusal <> '' THEN requests ELSE 0 END), 0),"
        " coalesce(sum(CASE WHEN refusal = 'banned' THEN requests ELSE 0 END), 0)"
        " FROM traffic_floods WHERE at_us >= ? AND at_us < ?",
        {from_, until_}, [&](const store::Row& row) { add_totals(row); });
  }

  void add_totals(const store::Row& row) {
    stats_.total += row.integer(0);
    stats_.errors += row.integer(1);
    stats_.refused += row.integer(2);
    stats_.banned += row.integer(3);
  }

  Result<void> minutes() {
    const std::int64_t hour = epoch_micros(TimePoint{std::chrono::hours{1}});
    return reader_.query(
        "SELECT minute, sum(requests), sum(errors) FROM ("
        " SELECT at_us / 60000000 AS minute, count(*) AS requests,"
        "  sum(CASE WHEN status >= 400 THEN 1 ELSE 0 END) AS errors"
        "  FROM traffic_records WHERE at_us >= ? AND at_us < ? GROUP BY at_us / 60000000"
        " UNION ALL"
        " SELECT at_us / 60000000, sum(requests),"
        "  sum(CASE WHEN status >= 400 THEN requests ELSE 0 END)"
        "  FROM traffic_floods WHERE at_us >= ? AND at_us < ? GROUP BY at_us / 60000000) AS counted"
        " GROUP BY minute ORDER BY minute",
        {std::max(from_, until_ - hour), until_, std::max(from_, until_ - hour), until_},
        [&](const store::Row& row) {
          stats_.by_minute.push_back(
              {TimePoint{std::chrono::minutes{row.integer(0)}}, row.integer(1), row.integer(2)});
        });
  }

  Result<void> routes() {
    return reader_.query(
        "SELECT route, sum(requests), sum(errors), sum(spent) / max(sum(kept), 1) FROM ("
        " SELECT route, count(*) AS requests, count(*) AS kept, sum(duration_us) AS spent,"
        "  sum(CASE WHEN status >= 400 THEN 1 ELSE 0 END) AS errors"
        "  FROM traffic_records WHERE at_us >= ? AND at_us < ? GROUP BY route"
        " UNION ALL"
        " SELECT route, sum(requests), 0, 0,"
        "  sum(CASE WHEN status >= 400 THEN requests ELSE 0 END)"
        "  FROM traffic_floods WHERE at_us >= ? AND at_us < ? GROUP BY route) AS counted"
        " GROUP BY route ORDER BY sum(requests) DESC, route LIMIT 100",
        {from_, until_, from_, until_}, [&](const store::Row& row) {
          stats_.by_route.push_back(
              {std::string{row.text(0)}, row.integer(1), row.integer(2), row.integer(3)});
        });
  }

  Result<void> statuses() {
    return reader_.query(
        "SELECT status, sum(requests) FROM ("
        " SELECT status, count(*) AS requests FROM traffic_records"
        "  WHERE at_us >= ? AND at_us < ? GROUP BY status"
        " UNION ALL"
        " SELECT status, sum(requests) FROM traffic_floods"
        "  WHERE at_us >= ? AND at_us < ? GROUP BY status) AS counted"
        " GROUP BY status ORDER BY status",
        {from_, until_, from_, until_}, [&](const store::Row& row) {
          stats_.by_status.push_back({static_cast<int>(row.integer(0)), row.integer(1)});
        });
  }

  Result<void> addresses() {
    return reader_.query(
        "SELECT address, sum(requests) FROM ("
        " SELECT address, count(*) AS requests FROM traffic_records"
        "  WHERE at_us >= ? AND at_us < ? GROUP BY address"
        " UNION ALL"
        " SELECT offender, sum(requests) FROM traffic_floods"
        "  WHERE at_us >= ? AND at_us < ? GROUP BY offender) AS counted"
        " WHERE address <> '' GROUP BY address ORDER BY sum(requests) DESC, address LIMIT 20",
        {from_, until_, from_, until_}, [&](const store::Row& row) {
          stats_.by_address.push_back({std::string{row.text(0)}, row.integer(1)});
        });
  }

  store::Reader& reader_;
  const std::int64_t from_;
  const std::int64_t until_;
  TrafficStats stats_;
};

}  // namespace

Result<TrafficPage> TrafficLog::search(const TrafficFilter& filter, std::int64_t before_id,
                                       int rows_max) {
  TrafficPage page;
  const Bound bound{filter};
  auto read = database_.read([&](store::Reader& reader) {
    // One row more than asked for tells whether there is a next page.
    return select_newest(reader, bound, before_id, std::int64_t{rows_max} + 1,
                         [&](const store::Row& row) { page.rows.push_back(row_of(row)); });
  });
  if (!read) return pass_on(read);
  end_page(page, rows_max, &TrafficRow::id);
  return page;
}

Result<TrafficStats> TrafficLog::stats(TimePoint from, TimePoint until) {
  TrafficStats stats;
  auto read = database_.read([&](store::Reader& reader) -> Result<void> {
    auto found = StatsReader{reader, from, until}.read();
    if (!found) return pass_on(found);
    stats = std::move(*found);
    return {};
  });
  if (!read) return pass_on(read);
  return stats;
}

std::unique_ptr<Export> TrafficLog::begin_export(TrafficFilter filter, ExportFormat format) {
  const bool csv = format == ExportFormat::Csv;
  return std::make_unique<TableExport>(
      database_, std::string{csv ? kCsvHeader : ""}, highest_id,
      row_by_row([filter = std::move(filter)](store::Reader& reader, const ExportRange& range,
                                              const store::OnRow& on_row) {
                   return select_oldest(reader, Bound{filter}, range, on_row);
                 },
                 [csv](const store::Row& row, std::string& piece) {
                   const TrafficRow found = row_of(row);
                   csv ? append_csv(piece, found) : append_json(piece, found);
                   return found.id;
                 }));
}

Result<std::int64_t> TrafficLog::prune(TimePoint older_than) {
  return prune_in_batches(
      database_, [older_than](store::Transaction& transaction, std::int64_t rows_max) -> Result<Pruned> {
        auto rows = transaction.execute(
            "DELETE FROM traffic_records WHERE id IN"
            " (SELECT id FROM traffic_records WHERE at_us < ? ORDER BY at_us LIMIT ?)",
            {epoch_micros(older_than), rows_max});
        if (!rows) return pass_on(rows);
        auto floods = transaction.execute(
            "DELETE FROM traffic_floods WHERE id IN"
            " (SELECT id FROM traffic_floods WHERE at_us < ? ORDER BY at_us LIMIT ?)",
            {epoch_micros(older_than), rows_max});
        if (!floods) return pass_on(floods);
        return Pruned{*rows, std::max(*rows, *floods) < rows_max};
      });
}

}  // namespace kavach::audit
