#include "console/ban_exports.h"

#include <utility>

#include "audit/paging.h"
#include "core/civil_time.h"
#include "core/json.h"
#include "guard/ban_ledger.h"

namespace kavach::console {
namespace {

constexpr std::int64_t kBansInAPiece = 1'000;

std::string end_text(const std::optional<TimePoint>& expires_at) {
  return expires_at ? utc_text(*expires_at) : "permanent";
}

void end_json(JsonWriter& json, const std::optional<TimePoint>& expires_at) {
  json.key("expires_at");
  expires_at ? json.value(utc_text(*expires_at)) : json.null();
}

void append(std::string& piece, const guard::Ban& ban, bool csv) {
  if (csv) {
    piece += csv_line({ban.network.text(), std::string{guard::name_of(ban.kind)}, ban.reason, std::to_string(ban.count),
                       utc_text(ban.created_at), end_text(ban.expires_at), ban.created_by});
    return;
  }
  JsonWriter json{piece};
  json.object().field("network", ban.network.text()).field("kind", guard::name_of(ban.kind));
  json.field("reason", ban.reason).field("count", ban.count).field("created_at", utc_text(ban.created_at));
  end_json(json, ban.expires_at);
  json.field("created_by", ban.created_by).end();
  piece += '\n';
}

void append(std::string& piece, const guard::BanRecord& record, bool csv) {
  if (csv) {
    piece += csv_line({record.network.text(), record.action, std::string{guard::name_of(record.kind)}, record.reason,
                       utc_text(record.at), end_text(record.expires_at), record.actor});
    return;
  }
  JsonWriter json{piece};
  json.object().field("network", record.network.text()).field("action", record.action);
  json.field("kind", guard::name_of(record.kind)).field("reason", record.reason).field("at", utc_text(record.at));
  end_json(json, record.expires_at);
  json.field("actor", record.actor).end();
  piece += '\n';
}

/// Bans have no numbers, so the network is the cursor.
class BansInForce final : public audit::Export {
 public:
  BansInForce(store::Database& database, TimePoint now, bool csv) : database_{database}, now_{now}, csv_{csv} {}

  Result<std::string> next() override {
    std::string piece;
    if (!std::exchange(begun_, true) && csv_) {
      piece = csv_line({"network", "kind", "reason", "count", "created_at", "expires_at", "created_by"});
    }
    auto read = database_.read([&](store::Reader& reader) -> Result<void> {
      auto bans = guard::BanLedger::list_after(reader, now_, after_, kBansInAPiece);
      if (!bans) return pass_on(std::move(bans));
      for (const guard::Ban& ban : *bans) append(piece, ban, csv_);
      if (!bans->empty()) after_ = bans->back().network.text();
      return {};
    });
    if (!read) return pass_on(std::move(read));
    return piece;
  }

 private:
  store::Database& database_;
  const TimePoint now_;
  const bool csv_;
  bool begun_{false};
  std::string after_;
};

Result<void> highest_id(store::Reader& reader, std::int64_t& id) {
  auto last = guard::BanLedger::last_change(reader);
  if (!last) return pass_on(std::move(last));
  id = *last;
  return {};
}

}  // namespace

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) audit::append_csv_text(line, cell);
  return line + "\r\n";
}

std::unique_ptr<audit::Export> begin_ban_export(store::Database& database, TimePoint now, audit::ExportFormat format) {
  return std::make_unique<BansInForce>(database, now, format == audit::ExportFormat::Csv);
}

std::unique_ptr<audit::Export> begin_ban_history_export(store::Database& database, audit::ExportFormat format) {
  const bool csv = format == audit::ExportFormat::Csv;
  std::string heading = csv ? csv_line({"network", "action", "kind", "reason", "at", "expires_at", "actor"}) : "";
  return std::make_unique<audit::TableExport>(
      database, std::move(heading), highest_id,
      [csv](store::Reader& reader, const audit::ExportRange& range,
            std::string& piece) -> Result<audit::ExportProgress> {
        auto records = guard::BanLedger::changes_after(reader, range.after, range.rows_max);
        if (!records) return pass_on(std::move(records));
        audit::ExportProgress progress;
        for (const guard::BanRecord& record : *records) {
          if (record.id > range.last) break;
          append(piece, record, csv);
          progress.add(record.id);
        }
        return progress;
      });
}

}  // namespace kavach::console
