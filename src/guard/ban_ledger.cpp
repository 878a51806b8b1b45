#include "guard/ban_ledger.h"

#include <algorithm>

namespace kavach::guard {
namespace {

constexpr std::size_t kReasonBytesMax = 200;

store::Param nullable(const std::optional<TimePoint>& at) {
  if (!at) return std::monostate{};
  return epoch_micros(*at);
}

std::optional<TimePoint> time_at(const store::Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return TimePoint{Micros{row.integer(column)}};
}

BanKind kind_of(std::string_view text) { return text == "automatic" ? BanKind::Automatic : BanKind::Manual; }

Cidr network_of(std::string_view text) { return Cidr::parse(text).value_or(Cidr{}); }

// network, kind, reason, ban_count, created_at, expires_at, created_by
Ban ban_of(const store::Row& row) {
  return {network_of(row.text(0)), kind_of(row.text(1)),      std::string{row.text(2)}, row.integer(3),
          TimePoint{Micros{row.integer(4)}}, time_at(row, 5), std::string{row.text(6)}};
}

// id, network, action, kind, reason, at, expires_at, actor
BanRecord record_of(const store::Row& row) {
  return {row.integer(0),
          network_of(row.text(1)),
          std::string{row.text(2)},
          kind_of(row.text(3)),
          std::string{row.text(4)},
          TimePoint{Micros{row.integer(5)}},
          time_at(row, 6),
          std::string{row.text(7)}};
}

bool later(const std::optional<TimePoint>& a, const std::optional<TimePoint>& b) {
  if (!b) return false;
  return !a || *a > *b;
}

/// When a ban of `request` that starts now would end; nothing: never.
Result<std::optional<TimePoint>> end_of(const BanRequest& request, const PastBans& past, TimePoint now) {
  std::optional<std::chrono::seconds> duration;
  if (const auto* fixed = std::get_if<std::chrono::seconds>(&request.term)) {
    if (auto checked = check_ban_duration(*fixed); !checked) return pass_on(std::move(checked));
    duration = *fixed;
  } else if (const auto* escalating = std::get_if<Escalating>(&request.term)) {
    duration = next_ban_duration(past, escalating->base, escalating->repeat_limit);
  }
  if (!duration) return std::nullopt;
  return now + *duration;
}

}  // namespace

Result<PastBans> BanLedger::past(store::Reader& reader, const Cidr& network) {
  PastBans past;
  auto read = reader.query(
      "SELECT action, at, expires_at FROM guard_ban_history WHERE network = ? AND action IN ('ban', 'extend')",
      {network.text()}, [&](const store::Row& row) {
        if (row.text(0) == "ban") ++past.count;
        if (row.is_null(2)) return;
        past.longest = std::max(past.longest, std::chrono::floor<std::chrono::seconds>(
                                                  Micros{row.integer(2) - row.integer(1)}));
      });
  if (!read) return pass_on(std::move(read));
  return past;
}

Result<std::optional<Ban>> BanLedger::find(store::Reader& reader, const Cidr& network, TimePoint now) {
  std::optional<Ban> found;
  auto read = reader.query(
      "SELECT network, kind, reason, ban_count, created_at, expires_at, created_by FROM guard_bans "
      "WHERE network = ? AND (expires_at IS NULL OR expires_at > ?)",
      {network.text(), epoch_micros(now)}, [&](const store::Row& row) { found = ban_of(row); });
  if (!read) return pass_on(std::move(read));
  return found;
}

Result<void> BanLedger::write_history(store::Transaction& transaction, const BanRecord& record) {
  auto written = transaction.execute(
      "INSERT INTO guard_ban_history (id, network, action, kind, reason, at, expires_at, actor) "
      "SELECT COALESCE(MAX(id), 0) + 1, ?, ?, ?, ?, ?, ?, ? FROM guard_ban_history",
      {record.network.text(), record.action, name_of(record.kind), record.reason, epoch_micros(record.at),
       nullable(record.expires_at), record.actor});
  if (!written) return pass_on(std::move(written));
  return {};
}

Result<Ban> BanLedger::add(store::Transaction& transaction, const BanRequest& request, TimePoint now) {
  auto past = BanLedger::past(transaction, request.network);
  if (!past) return pass_on(std::move(past));
  auto end = end_of(request, *past, now);
  if (!end) return pass_on(std::move(end));
  auto current = find(transaction, request.network, now);
  if (!current) return pass_on(std::move(current));
  // Offences that were under way when the ban came must not climb the ladder a second time.
  if (*current && std::holds_alternative<Escalating>(request.term)) return **current;
  if (*current && !later(*end, (*current)->expires_at)) return **current;

  Ban ban{request.network, request.kind, request.reason.substr(0, kReasonBytesMax),
          *current ? (*current)->count : past->count + 1, now, *end, request.actor};
  auto removed = transaction.execute("DELETE FROM guard_bans WHERE network = ?", {ban.network.text()});
  if (!removed) return pass_on(std::move(removed));
  auto added = transaction.execute(
      "INSERT INTO guard_bans (network, kind, reason, ban_count, created_at, expires_at, created_by) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      {ban.network.text(), name_of(ban.kind), ban.reason, ban.count, epoch_micros(ban.created_at),
       nullable(ban.expires_at), ban.created_by});
  if (!added) return pass_on(std::move(added));
  auto recorded = write_history(transaction, {0, ban.network, *current ? "extend" : "ban", ban.kind, ban.reason,
                                              now, ban.expires_at, ban.created_by});
  if (!recorded) return pass_on(std::move(recorded));
  auto audited = audit_.append(
      transaction, {"ban.created", request.actor, ban.network.text(), request.request_id,
                    {{"reason", ban.reason},
                     {"kind", name_of(ban.kind)},
                     {"count", ban.count},
                     {"permanent", !ban.expires_at},
                     {"seconds", ban.expires_at
                                     ? std::chrono::floor<std::chrono::seconds>(*ban.expires_at - now).count()
                                     : std::int64_t{0}}}});
  if (!audited) return pass_on(std::move(audited));
  return ban;
}

Result<void> BanLedger::remove(store::Transaction& transaction, const Cidr& network, const std::string& actor,
                               const std::string& request_id, TimePoint now) {
  auto current = find(transaction, network, now);
  if (!current) return pass_on(std::move(current));
  if (!*current) return fail(ErrorCode::NotFound, network.text() + " is not banned.");
  auto removed = transaction.execute("DELETE FROM guard_bans WHERE network = ?", {network.text()});
  if (!removed) return pass_on(std::move(removed));
  auto recorded = write_history(
      transaction, {0, network, "unban", (*current)->kind, (*current)->reason, now, (*current)->expires_at, actor});
  if (!recorded) return recorded;
  return audit_.append(transaction, {"ban.removed", actor, network.text(), request_id, {{"reason", (*current)->reason}}});
}

Result<void> BanLedger::sweep(store::Transaction& transaction, TimePoint now) {
  auto swept = transaction.execute("DELETE FROM guard_bans WHERE expires_at <= ?", {epoch_micros(now)});
  if (!swept) return pass_on(std::move(swept));
  return {};
}

Result<std::vector<Ban>> BanLedger::list(store::Reader& reader, TimePoint now, std::int64_t limit) {
  std::vector<Ban> bans;
  auto read = reader.query(
      "SELECT network, kind, reason, ban_count, created_at, expires_at, created_by FROM guard_bans "
      "WHERE expires_at IS NULL OR expires_at > ? ORDER BY created_at DESC, network LIMIT ?",
      {epoch_micros(now), limit}, [&](const store::Row& row) { bans.push_back(ban_of(row)); });
  if (!read) return pass_on(std::move(read));
  return bans;
}

Result<std::vector<Ban>> BanLedger::list_after(store::Reader& reader, TimePoint now, std::string_view network,
                                               std::int64_t limit) {
  std::vector<Ban> bans;
  auto read = reader.query(
      "SELECT network, kind, reason, ban_count, created_at, expires_at, created_by FROM guard_bans "
      "WHERE network > ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY network LIMIT ?",
      {network, epoch_micros(now), limit}, [&](const store::Row& row) { bans.push_back(ban_of(row)); });
  if (!read) return pass_on(std::move(read));
  return bans;
}

Result<BanLedger::Totals> BanLedger::totals(store::Reader& reader, TimePoint now) {
  Totals totals;
  auto read = reader.query(
      "SELECT COUNT(*), COUNT(*) - COUNT(expires_at) FROM guard_bans WHERE expires_at IS NULL OR expires_at > ?",
      {epoch_micros(now)}, [&](const store::Row& row) {
        totals = {row.integer(0), row.integer(1)};
      });
  if (!read) return pass_on(std::move(read));
  return totals;
}

Result<std::vector<BanRecord>> BanLedger::history(store::Reader& reader, const Cidr& network, std::int64_t limit) {
  std::vector<BanRecord> records;
  auto read = reader.query(
      "SELECT id, network, action, kind, reason, at, expires_at, actor FROM guard_ban_history "
      "WHERE network = ? ORDER BY id DESC LIMIT ?",
      {network.text(), limit}, [&](const store::Row& row) { records.push_back(record_of(row)); });
  if (!read) return pass_on(std::move(read));
  return records;
}

Result<std::int64_t> BanLedger::last_change(store::Reader& reader) {
  std::int64_t id = 0;
  auto read = reader.query("SELECT COALESCE(MAX(id), 0) FROM guard_ban_history", {},
                           [&](const store::Row& row) { id = row.integer(0); });
  if (!read) return pass_on(std::move(read));
  return id;
}

Result<BanLedger::Everything> BanLedger::everything(store::Reader& reader, TimePoint now) {
  auto last = last_change(reader);
  if (!last) return pass_on(std::move(last));
  Everything all{.bans = {}, .last_id = *last};
  auto read = reader.query("SELECT network, expires_at FROM guard_bans WHERE expires_at IS NULL OR expires_at > ?",
                      {epoch_micros(now)}, [&](const store::Row& row) {
                        all.bans.push_back({network_of(row.text(0)), time_at(row, 1)});
                      });
  if (!read) return pass_on(std::move(read));
  return all;
}

Result<std::vector<BanRecord>> BanLedger::changes_after(store::Reader& reader, std::int64_t id, std::int64_t limit) {
  std::vector<BanRecord> records;
  auto read = reader.query(
      "SELECT id, network, action, kind, reason, at, expires_at, actor FROM guard_ban_history "
      "WHERE id > ? ORDER BY id LIMIT ?",
      {id, limit}, [&](const store::Row& row) { records.push_back(record_of(row)); });
  if (!read) return pass_on(std::move(read));
  return records;
}

}  // namespace kavach::guard
