#include "store/migration.h"

#include <map>
#include <string>
#include <utility>

namespace kavach::store {
namespace {

struct Applied {
  std::string sql;
};
using AppliedSteps = std::map<std::pair<std::string, std::int64_t>, Applied>;

constexpr std::string_view kLedger =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    " room TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, sql TEXT NOT NULL,"
    " PRIMARY KEY (room, version))";

std::string at_version(std::string_view room, std::int64_t version) {
  return std::string{room} + " version " + std::to_string(version);
}

Result<AppliedSteps> applied_steps(Reader& reader) {
  AppliedSteps steps;
  auto read =
      reader.query("SELECT room, version, sql FROM schema_migrations", {}, [&](const Row& row) {
        steps[{std::string{row.text(0)}, row.integer(1)}] = Applied{std::string{row.text(2)}};
      });
  if (!read) return pass_on(read);
  return steps;
}

Result<void> check_schema(const Schema& schema, const AppliedSteps& applied) {
  std::int64_t expected = 0;
  for (const Migration& step : schema.migrations) {
    if (step.version != ++expected) {
      return fail(ErrorCode::Internal, "This build's database schema is broken.",
                  at_version(schema.room, step.version) + " stands where the next one belongs");
    }
  }
  for (const auto& [key, step] : applied) {
    if (key.first != schema.room) continue;
    if (key.second > expected) {
      return fail(
          ErrorCode::Conflict,
          "The database was written by a newer version of this gateway. Install that version.",
          at_version(schema.room, key.second) + " is unknown here");
    }
    if (step.sql != schema.migrations[static_cast<std::size_t>(key.second - 1)].sql) {
      return fail(ErrorCode::Conflict,
                  "The database was written by another build of this gateway. Install that build.",
                  at_version(schema.room, key.second) + " has changed since it was applied");
    }
  }
  return {};
}

/// In one transaction: looks again whether the step is missing, since another process may have been
/// quicker, applies it and records it.
Result<void> apply(Transaction& transaction, std::string_view room, const Migration& step) {
  bool present = false;
  auto looked =
      transaction.query("SELECT 1 FROM schema_migrations WHERE room = ? AND version = ?",
                        {room, std::int64_t{step.version}}, [&](const Row&) { present = true; });
  if (!looked || present) return looked;
  if (auto changed = transaction.script(step.sql); !changed) return changed;
  auto recorded = transaction.execute(
      "INSERT INTO schema_migrations (room, version, name, sql) VALUES (?, ?, ?, ?)",
      {room, std::int64_t{step.version}, step.name, step.sql});
  if (!recorded) return pass_on(recorded);
  return {};
}

}  // namespace

Result<void> migrate(Database& database, std::span<const Schema> schemas) {
  auto ledger = database.write_and_wait([](Transaction& transaction) -> Result<void> {
    auto made = transaction.execute(kLedger, {});
    if (!made) return pass_on(made);
    return {};
  });
  if (!ledger) return ledger;
  AppliedSteps applied;
  auto read = database.read([&](Reader& reader) -> Result<void> {
    auto steps = applied_steps(reader);
    if (!steps) return pass_on(steps);
    applied = std::move(*steps);
    return {};
  });
  if (!read) return read;
  for (const Schema& schema : schemas) {
    if (auto sound = check_schema(schema, applied); !sound) return sound;
  }
  for (const Schema& schema : schemas) {
    for (const Migration& step : schema.migrations) {
      if (applied.contains({std::string{schema.room}, step.version})) continue;
      auto done = database.write_and_wait(
          [&](Transaction& transaction) { return apply(transaction, schema.room, step); });
      if (!done) return done;
    }
  }
  return {};
}

}  // namespace kavach::store
