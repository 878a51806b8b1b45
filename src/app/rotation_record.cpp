#include "app/rotation_record.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"
#include "identity/row_time.h"

namespace kavach::app {
namespace {

constexpr std::array kMasters{crypto::Master::App, crypto::Master::Pepper, crypto::Master::Field};

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) {
    if (!text.empty()) text += ',';
    text += part;
  }
  return text;
}

std::string names_of(const std::vector<crypto::Master>& masters) {
  std::vector<std::string> names;
  for (const auto master : masters) names.emplace_back(name_of(master));
  return joined(names);
}

RotationRecord record_of(const store::Row& row) {
  RotationRecord found;
  found.id = row.integer(0);
  for (const auto name : split(row.text(1), ',')) {
    if (const auto masters = parse_masters(name); masters && !name.empty()) found.masters.push_back(masters->front());
  }
  for (const auto id : split(row.text(2), ',')) found.former_ids.emplace_back(id);
  found.actor = {std::string{row.text(3)}, std::string{row.text(4)}, std::string{row.text(5)}};
  found.requested_at = identity::time_at(row, 6);
  found.resealed = row.integer(7);
  found.remaining = row.integer(8);
  found.finished_at = identity::optional_time_at(row, 9);
  found.problem = row.text(10);
  return found;
}

Result<void> done(Result<std::int64_t> changed) {
  if (!changed) return pass_on(std::move(changed));
  return {};
}

}  // namespace

std::string_view name_of(crypto::Master master) {
  switch (master) {
    case crypto::Master::App: return "app";
    case crypto::Master::Pepper: return "pepper";
    case crypto::Master::Field: return "field";
  }
  std::unreachable();
}

Setting setting_of(crypto::Master master) {
  switch (master) {
    case crypto::Master::App: return Setting::AppKey;
    case crypto::Master::Pepper: return Setting::ApiKeyPepper;
    case crypto::Master::Field: return Setting::FernetSalt;
  }
  std::unreachable();
}

std::optional<std::vector<crypto::Master>> parse_masters(std::string_view which) {
  if (which.empty() || which == "all") return std::vector<crypto::Master>{kMasters.begin(), kMasters.end()};
  const auto named = std::ranges::find(kMasters, which, [](crypto::Master master) { return name_of(master); });
  if (named == kMasters.end()) return std::nullopt;
  return std::vector{*named};
}

Result<std::optional<RotationRecord>> latest_rotation(store::Reader& reader) {
  std::optional<RotationRecord> latest;
  auto read = reader.query(
      "SELECT id, masters, former_ids, actor, address, request_id, requested_at, resealed, remaining, finished_at, "
      "problem FROM key_rotations ORDER BY id DESC LIMIT 1",
      {}, [&](const store::Row& row) { latest = record_of(row); });
  if (!read) return pass_on(read);
  return latest;
}

Result<void> open_rotation(store::Transaction& transaction, audit::AuditLog& audit, const RotationRecord& wanted) {
  const auto latest = latest_rotation(transaction);
  if (!latest) return pass_on(latest);
  if (*latest && (*latest)->open()) {
    return fail(ErrorCode::Conflict, "A rotation is under way already; wait until it is finished.");
  }
  const std::int64_t id = *latest ? (*latest)->id + 1 : 1;
  auto added = done(transaction.execute(
      "INSERT INTO key_rotations (id, masters, former_ids, actor, address, request_id, requested_at, resealed, "
      "remaining, problem) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, '')",
      {id, names_of(wanted.masters), joined(wanted.former_ids), wanted.actor.name, wanted.actor.address,
       wanted.actor.request_id, identity::time_param(wanted.requested_at)}));
  if (!added) return added;
  return audit.append(transaction, wanted.actor.event("keys.rotation_requested", {{"which", names_of(wanted.masters)}}));
}

Result<void> note_resealed(store::Transaction& transaction, std::int64_t id, std::int64_t resealed,
                           std::int64_t remaining) {
  return done(transaction.execute("UPDATE key_rotations SET resealed = resealed + ?, remaining = ? WHERE id = ?",
                                  {resealed, remaining, id}));
}

Result<void> close_rotation(store::Transaction& transaction, audit::AuditLog& audit, const RotationRecord& rotation,
                            TimePoint now, const std::string& problem) {
  auto closed = done(transaction.execute(
      "UPDATE key_rotations SET finished_at = ?, problem = ?, remaining = 0 WHERE id = ? AND finished_at IS NULL",
      {identity::time_param(now), problem, rotation.id}));
  if (!closed) return closed;
  const std::string which = names_of(rotation.masters);
  if (!problem.empty()) {
    return audit.append(transaction,
                        rotation.actor.event("keys.rotation_failed", {{"which", which}, {"problem", problem}}));
  }
  return audit.append(transaction, rotation.actor.event("keys.rotated", {{"which", which},
                                                                         {"resealed", rotation.resealed}}));
}

}  // namespace kavach::app
