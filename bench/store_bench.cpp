// What the store, the audit chain and the records cost, beside SQLite driven directly.
//
//   store_bench [FOLDER]     FOLDER on the disk to be measured; default the temporary folder

#include <sqlite3.h>

#include <cstdio>
#include <filesystem>
#include <future>
#include <latch>
#include <string>
#include <vector>

#include "audit/audit_chain.h"
#include "audit/latency_log.h"
#include "audit/schema.h"
#include "audit/traffic_log.h"
#include "core/clock.h"
#include "store/migration.h"
#include "store/sqlite_database.h"

namespace kavach {
namespace {

const SystemClock clock;

class Watch {
 public:
  [[nodiscard]] double seconds() const {
    return static_cast<double>((clock.monotonic() - started_).count()) / 1e9;
  }

 private:
  Monotonic started_{clock.monotonic()};
};

void report(const char* what, std::int64_t count, double seconds) {
  std::printf("%-58s %10.0f /s  %8.2f us\n", what, static_cast<double>(count) / seconds,
              seconds * 1e6 / static_cast<double>(count));
}

/// The floor: SQLite alone, one thread, prepared, `batch` rows a commit.
void measure_floor(const std::filesystem::path& folder, int rows, int batch) {
  sqlite3* db = nullptr;
  sqlite3_open((folder / "floor.db").c_str(), &db);
  sqlite3_exec(db,
               "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
               "CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, a TEXT, b BIGINT)",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, "INSERT INTO rows (a, b) VALUES (?, ?)", -1, &insert, nullptr);
  const Watch watch;
  for (int i = 0; i < rows; ++i) {
    if (i % batch == 0) sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    sqlite3_bind_text(insert, 1, "a text of forty characters, as orders have", -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, i);
    sqlite3_step(insert);
    sqlite3_reset(insert);
    if (i % batch == batch - 1) sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  }
  report(("floor: SQLite alone, " + std::to_string(batch) + " rows a commit").c_str(), rows,
         watch.seconds());
  sqlite3_finalize(insert);
  sqlite3_close(db);
}

Result<void> insert_row(store::Transaction& transaction, std::int64_t i) {
  auto done =
      transaction.execute("INSERT INTO rows (a, b) VALUES (?, ?)",
                          {std::string_view{"a text of forty characters, as orders have"}, i});
  return done ? Result<void>{} : pass_on(done);
}

/// Keeps `outstanding` units in flight until `units` are done.
void measure_units(store::Database& database, const std::string& what, int units, int outstanding,
                   const std::function<Result<void>(store::Transaction&, std::int64_t)>& unit) {
  struct Run {
    store::Database& database;
    const std::function<Result<void>(store::Transaction&, std::int64_t)>& unit;
    int units;
    std::atomic<int> next{0};
    std::atomic<int> failed{0};
    std::latch finished;

    void one() {
      const int i = next++;
      if (i >= units) return;
      database.write([this, i](store::Transaction& transaction) { return unit(transaction, i); },
                     [this](Result<void> result) {
                       if (!result) ++failed;
                       one();
                       finished.count_down();
                     });
    }
  } run{database, unit, units, {}, {}, std::latch{units}};
  const Watch watch;
  for (int i = 0; i < outstanding; ++i) run.one();
  run.finished.wait();
  report((what + ", " + std::to_string(outstanding) + " in flight").c_str(), units,
         watch.seconds());
  if (run.failed > 0) std::printf("  %d FAILED\n", run.failed.load());
}

void measure_records(store::Database& database) {
  audit::TrafficLog traffic{database, Logger::silent()};
  audit::TrafficRecord record;
  record.address = *IpAddress::parse("192.0.2.1");
  record.method = "POST";
  record.route = "/api/v1/placeorder";
  record.request_id = "4f1c1d7e9a0b4c2d";
  record.principal = "ada";
  record.status = 200;
  constexpr int kRecords = 1'000'000;
  const Watch flood;
  for (int i = 0; i < kRecords; ++i) {
    record.at = TimePoint{Micros{1'700'000'000'000'000 + i}};  // all within one second
    traffic.record(record);
  }
  report("traffic record under flood (mostly counted)", kRecords, flood.seconds());
  constexpr int kKept = 2'000;
  const Watch kept;
  for (int i = 0; i < kKept; ++i) {
    record.at = TimePoint{Micros{1'700'000'100'000'000 + i}};
    traffic.record(record);
  }
  report("traffic record, kept", kKept, kept.seconds());

  audit::LatencyLog latency{database, Logger::silent(), TimePoint{}};
  audit::StageTimes stages;
  stages.set(audit::Stage::Guard, std::chrono::microseconds{3});
  stages.set(audit::Stage::Handler, std::chrono::microseconds{20});
  const Watch histograms;
  for (int i = 0; i < kRecords; ++i) {
    latency.request("/api/v1/placeorder", Monotonic{1000 + i}, stages);
  }
  report("latency of a request, three histograms", kRecords, histograms.seconds());
}

int run(const std::filesystem::path& folder) {
  measure_floor(folder, 2'000, 1);
  measure_floor(folder, 100'000, 256);
  auto opened = store::SqliteDatabase::open(folder / "bench.db", {}, Logger::silent());
  if (!opened) return std::printf("%s\n", opened.error().message.c_str()), 1;
  store::Database& database = **opened;
  const std::array schemas{audit::audit_schema()};
  if (auto done = store::migrate(database, schemas); !done) return 1;
  auto made = database.write_and_wait([](store::Transaction& transaction) {
    return transaction.script("CREATE TABLE rows (id INTEGER PRIMARY KEY, a TEXT, b BIGINT)");
  });
  if (!made) return 1;
  measure_units(database, "unit of one row", 2'000, 1, insert_row);
  measure_units(database, "unit of one row", 100'000, 64, insert_row);
  measure_units(database, "unit of one row", 200'000, 1'024, insert_row);
  auto chain = audit::AuditChain::open(database, clock, Logger::silent());
  if (!chain) return 1;
  const auto order = [&](store::Transaction& transaction, std::int64_t i) -> Result<void> {
    if (auto row = insert_row(transaction, i); !row) return row;
    return (*chain)->append(
        transaction,
        {.kind = "order.intent",
         .actor = "ada",
         .address = "192.0.2.1",
         .request_id = "4f1c1d7e9a0b4c2d",
         .fields = {{"orderid", "26072900000001"}, {"symbol", "SBIN"}, {"quantity", i}}});
  };
  measure_units(database, "unit of one row and its audit record", 50'000, 64, order);
  measure_units(database, "unit of one row and its audit record", 100'000, 1'024, order);
  measure_records(database);
  return 0;
}

}  // namespace
}  // namespace kavach

int main(int argc, char** argv) {
  const std::filesystem::path base = argc > 1 ? argv[1] : std::filesystem::temp_directory_path();
  const auto folder = base / "kavach-store-bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const int code = kavach::run(folder);
  std::filesystem::remove_all(folder);
  return code;
}
