// What the /security page shows: one consistent picture of memory and store.

#include "console/reply.h"
#include "console/security_handlers.h"
#include "core/civil_time.h"
#include "core/on_worker.h"
#include "guard/ban_ledger.h"

namespace kavach::console {
namespace {

using guard::AttemptKind;
using guard::OffenceKind;

constexpr std::size_t kRowsMax = 200;
constexpr std::size_t kDigestShown = 12;

/// What comes from the store.
struct StoredPicture {
  std::vector<guard::Ban> bans;
  guard::BanLedger::Totals totals;
  std::vector<std::int64_t> ban_counts;  ///< of the suspects, in their order
  std::vector<guard::BanRecord> history;
};

void write_time(JsonWriter& json, std::string_view name, const std::optional<TimePoint>& at) {
  json.key(name);
  at ? json.value(utc_text(*at)) : json.null();
}

void write_bans(JsonWriter& json, const std::vector<guard::Ban>& bans) {
  json.key("bans").array();
  for (const guard::Ban& ban : bans) {
    json.object().field("network", ban.network.text()).field("kind", guard::name_of(ban.kind));
    json.field("reason", ban.reason).field("count", ban.count).field("created_at", utc_text(ban.created_at));
    write_time(json, "expires_at", ban.expires_at);
    json.field("created_by", ban.created_by).end();
  }
  json.end();
}

void write_history(JsonWriter& json, const std::vector<guard::BanRecord>& history) {
  // Oldest first while counting, as the bans were earned; shown newest first.
  std::vector<std::int64_t> counts(history.size());
  std::int64_t count = 0;
  for (std::size_t i = history.size(); i-- > 0;) counts[i] = count += history[i].action == "ban" ? 1 : 0;
  json.key("history").array();
  for (std::size_t i = 0; i < history.size(); ++i) {
    const guard::BanRecord& record = history[i];
    json.object().field("network", record.network.text()).field("action", record.action);
    json.field("kind", guard::name_of(record.kind)).field("reason", record.reason).field("count", counts[i]);
    json.field("created_at", utc_text(record.at));
    write_time(json, "expires_at", record.expires_at);
    json.field("created_by", record.actor).end();
  }
  json.end();
}

void write_suspects(JsonWriter& json, const std::vector<guard::Suspect>& suspects,
                    const std::vector<std::int64_t>& ban_counts, const guard::OffenceRules& rules) {
  json.key("suspects").array();
  for (std::size_t i = 0; i < suspects.size(); ++i) {
    const guard::Suspect& suspect = suspects[i];
    const auto count = [&](OffenceKind kind) { return suspect.counts[static_cast<std::size_t>(kind)]; };
    std::int64_t other = 0;
    for (const OffenceKind kind : guard::kAllOffenceKinds) other += count(kind);
    other -= count(OffenceKind::InvalidApiKey) + count(OffenceKind::NotFound) + count(OffenceKind::FailedLogin);
    json.object().field("address", suspect.network.text());
    json.field("invalid_api_keys", count(OffenceKind::InvalidApiKey)).field("not_found", count(OffenceKind::NotFound));
    json.field("failed_logins", count(OffenceKind::FailedLogin)).field("other", other);
    json.key("nearest").object().field("offence", guard::name_of(suspect.nearest));
    json.field("count", count(suspect.nearest)).field("threshold", rules.of(suspect.nearest).threshold).end();
    json.field("last_at", utc_text(suspect.last_at)).field("ban_count", ban_counts[i]).end();
  }
  json.end();
}

void write_attempts(JsonWriter& json, std::string_view list, std::string_view subject,
                    const std::vector<guard::Attempt>& attempts, std::size_t shown_max) {
  json.key(list).array();
  for (const guard::Attempt& attempt : attempts) {
    json.object().field("address", attempt.network.text());
    json.field(subject, std::string_view{attempt.subject}.substr(0, shown_max)).field("count", attempt.count);
    json.field("last_at", utc_text(attempt.last_at)).end();
  }
  json.end();
}

void write_allow_list(JsonWriter& json, const std::vector<guard::AllowedNetwork>& networks) {
  json.key("allowlist").array();
  for (const guard::AllowedNetwork& entry : networks) {
    json.object().field("network", entry.network.text()).field("note", entry.note).field("source", entry.source);
    json.field("created_at", utc_text(entry.created_at)).end();
  }
  json.end();
}

void write_totals(JsonWriter& json, guard::Defences& defences, const guard::BanLedger::Totals& totals, TimePoint now) {
  json.object().field("bans", totals.in_force).field("permanent_bans", totals.permanent);
  json.field("suspects", std::uint64_t{defences.tracker.suspect_count(now)});
  json.field("offences_24h", defences.tally.last_day(now)).end();
}

void write_warnings_and_events(JsonWriter& json, const guard::Defences& defences) {
  json.key("warnings").array();
  for (const std::string& warning : defences.warnings()) json.value(warning);
  json.end().key("events").array();
  for (const guard::SecurityEvent& event : defences.events.latest()) {
    json.object().field("at", utc_text(event.at)).field("kind", event.kind);
    json.field("address", event.address).field("detail", event.detail).end();
  }
  json.end();
}

Result<StoredPicture> read_store(SecurityServices& services, const std::vector<guard::Suspect>& suspects,
                                 const std::optional<Cidr>& offender, TimePoint now) {
  StoredPicture picture;
  auto read = services.database.read([&](store::Reader& reader) -> Result<void> {
    auto bans = guard::BanLedger::list(reader, now, kRowsMax);
    if (!bans) return pass_on(std::move(bans));
    picture.bans = *std::move(bans);
    auto totals = guard::BanLedger::totals(reader, now);
    if (!totals) return pass_on(std::move(totals));
    picture.totals = *totals;
    for (const guard::Suspect& suspect : suspects) {
      auto past = guard::BanLedger::past(reader, suspect.network);
      if (!past) return pass_on(std::move(past));
      picture.ban_counts.push_back(past->count);
    }
    if (!offender) return {};
    auto history = guard::BanLedger::history(reader, *offender, kRowsMax);
    if (!history) return pass_on(std::move(history));
    picture.history = *std::move(history);
    return {};
  });
  if (!read) return pass_on(std::move(read));
  return picture;
}

Result<std::string> whole_picture(SecurityServices& services, const IpAddress& caller,
                                  const std::optional<Cidr>& offender) {
  guard::Defences& defences = services.defences;
  const TimePoint now = services.clock.now();
  const auto settings = defences.settings.read();
  const auto suspects = defences.tracker.suspects(kRowsMax, settings->offences, now);
  auto stored = read_store(services, suspects, offender, now);
  if (!stored) return pass_on(std::move(stored));
  DataReply out{16'384};
  JsonWriter& json = out.json();
  json.object().field("your_address", caller.text()).key("totals");
  write_totals(json, defences, stored->totals, now);
  write_bans(json, stored->bans);
  write_suspects(json, suspects, stored->ban_counts, settings->offences);
  write_attempts(json, "paths", "path", defences.attempts.latest(AttemptKind::Path, kRowsMax), guard::kSubjectBytesMax);
  write_attempts(json, "keys", "key_digest", defences.attempts.latest(AttemptKind::KeyDigest, kRowsMax), kDigestShown);
  json.key("settings");
  guard::write_settings(json, *settings);
  write_allow_list(json, defences.allow_list.all());
  write_warnings_and_events(json, defences);
  if (offender) write_history(json, stored->history);
  json.end();
  return std::move(out.reply().body);
}

Result<std::string> totals_only(SecurityServices& services) {
  const TimePoint now = services.clock.now();
  auto stored = read_store(services, {}, std::nullopt, now);
  if (!stored) return pass_on(std::move(stored));
  DataReply out;
  write_totals(out.json(), services.defences, stored->totals, now);
  return std::move(out.reply().body);
}

}  // namespace

Task<http::Response> show_security(guard::Call* call, SecurityServices* services) {
  std::optional<Cidr> offender;
  if (call->request.has_query("offender")) {
    auto asked = guard::parse_ban_network(call->request.query_value("offender"));
    if (!asked) co_return failure_reply(asked.error());
    offender = *asked;
  }
  auto body = co_await on_worker<std::string>(
      &services->workers, call->executor,
      [services, caller = call->client, offender] { return whole_picture(*services, caller, offender); });
  if (!body) co_return failure_reply(body.error());
  co_return http::Response::json(200, *std::move(body));
}

Task<http::Response> show_security_totals(guard::Call* call, SecurityServices* services) {
  auto body = co_await on_worker<std::string>(&services->workers, call->executor,
                                              [services] { return totals_only(*services); });
  if (!body) co_return failure_reply(body.error());
  co_return http::Response::json(200, *std::move(body));
}

Task<http::Response> show_allow_list(guard::Call*, SecurityServices* services) {
  DataReply out;
  out.json().object();
  write_allow_list(out.json(), services->defences.allow_list.all());
  out.json().end();
  return ready(out.reply());
}

}  // namespace kavach::console
