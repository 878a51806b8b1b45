// Bans and allowed networks as files. An import is all or nothing: every row is checked before the
// first is stored.

#include "console/ban_exports.h"
#include "console/export_file.h"
#include "console/record_query.h"
#include "console/reply.h"
#include "console/security_handlers.h"
#include "core/civil_time.h"
#include "core/on_worker.h"
#include "guard/csv.h"

namespace kavach::console {
namespace {

using Row = guard::CsvReader::Row;

http::Response csv_file(std::string_view name, std::string content) {
  http::Response response{.content_type = "text/csv; charset=utf-8", .headers = {}, .body = std::move(content)};
  response.with("Content-Disposition", "attachment; filename=\"" + std::string{name} + "\"");
  return response;
}

std::string field_of(const Row& row, std::size_t at) { return at < row.size() ? row[at] : std::string{}; }

/// 415 unless name, declared type and content agree on CSV.
std::optional<http::Response> upload_refusal(const http::Request& request) {
  const std::string file_name = request.query_value("filename");
  const auto fine = guard::check_csv_upload(file_name, request.header("Content-Type"), request.body);
  if (fine) return std::nullopt;
  const guard::RefusalRow& row = guard::row_of(guard::Refusal::UnsupportedUpload);
  std::string body;
  JsonWriter{body}.object().field("status", "error").field("message", fine.error().message).end();
  auto response = http::Response::json(row.status, std::move(body));
  response.refusal = row.token;
  return response;
}

/// The data rows of an upload, each turned into a value by `read_row`; the heading is optional.
template <class Value, class ReadRow>
Result<std::vector<Value>> rows_of(const http::Request& request, ReadRow read_row) {
  std::vector<Value> values;
  guard::CsvReader reader{{}, [&](const Row& row, std::size_t number) -> Result<void> {
                            if (number == 1 && row[0] == "network") return {};
                            Result<Value> value = read_row(row);
                            if (!value) {
                              return fail(ErrorCode::InvalidInput,
                                          "Row " + std::to_string(number) + ": " + value.error().message);
                            }
                            values.push_back(*std::move(value));
                            return {};
                          }};
  if (auto fed = reader.feed(request.body); !fed) return pass_on(std::move(fed));
  if (auto ended = reader.finish(); !ended) return pass_on(std::move(ended));
  if (values.empty()) return fail(ErrorCode::InvalidInput, "The file has no rows.");
  return values;
}

/// `network[,duration[,reason]]`; a day when no duration is given.
Result<guard::BanRequest> ban_of(const Row& row, const guard::Call& call, const SecurityServices& services) {
  auto network = guard::parse_ban_network(row[0]);
  if (!network) return pass_on(std::move(network));
  const std::string duration = field_of(row, 1);
  auto term = guard::parse_ban_term(duration.empty() ? "24h" : duration);
  if (!term) return pass_on(std::move(term));
  const auto judgement = services.defences.protection.judge(*network, call.client, services.clock.now());
  if (judgement.outcome != guard::BanJudgement::Outcome::Allowed) {
    return fail(ErrorCode::InvalidInput, judgement.consequence);
  }
  const std::string reason = field_of(row, 2);
  return guard::BanRequest{*network, guard::BanKind::Manual, reason.empty() ? "import" : reason, *term,
                           call.principal.username, call.request.request_id};
}

/// A file of bans, CSV unless `format` says otherwise, to somebody who has just shown a second factor.
template <class Begin>
http::Response ban_file(const guard::Call& call, SecurityServices& services, std::string_view stem, Begin begin) {
  if (auto refusal = step_up_refusal(call, services)) return *std::move(refusal);
  Result<audit::ExportFormat> format = audit::ExportFormat::Csv;
  if (!call.request.query_value("format").empty()) format = export_format(call.request);
  if (!format) return failure_reply(format.error());
  return export_file(call, {services.workers, services.exports_running, services.audit, services.clock}, stem, *format,
                     begin(*format));
}

}  // namespace

Task<http::Response> export_bans(guard::Call* call, SecurityServices* services) {
  return ready(ban_file(*call, *services, "kavach-bans", [services](audit::ExportFormat format) {
    return begin_ban_export(services->database, services->clock.now(), format);
  }));
}

Task<http::Response> export_ban_history(guard::Call* call, SecurityServices* services) {
  return ready(ban_file(*call, *services, "kavach-ban-history", [services](audit::ExportFormat format) {
    return begin_ban_history_export(services->database, format);
  }));
}

Task<http::Response> export_allow_list(guard::Call* call, SecurityServices* services) {
  if (auto refusal = step_up_refusal(*call, *services)) return ready(*std::move(refusal));
  std::string out = csv_line({"network", "note", "source", "created_at"});
  for (const guard::AllowedNetwork& entry : services->defences.allow_list.all()) {
    out += csv_line({entry.network.text(), entry.note, entry.source, utc_text(entry.created_at)});
  }
  return ready(csv_file("allow-list.csv", std::move(out)));
}

Task<http::Response> import_bans(guard::Call* call, SecurityServices* services) {
  if (auto refusal = upload_refusal(call->request)) co_return *std::move(refusal);
  const auto requests = rows_of<guard::BanRequest>(
      call->request, [&](const Row& row) { return ban_of(row, *call, *services); });
  if (!requests) co_return failure_reply(requests.error());
  const auto stored = co_await on_worker<void>(
      &services->workers, call->executor,
      [services, wanted = *requests] { return services->defences.bans.ban_all(wanted); });
  if (!stored) co_return failure_reply(stored.error());
  co_return done_reply(std::to_string(requests->size()) + " networks are banned.");
}

Task<http::Response> import_allow_list(guard::Call* call, SecurityServices* services) {
  if (auto refusal = step_up_refusal(*call, *services)) co_return *std::move(refusal);
  if (auto refusal = upload_refusal(call->request)) co_return *std::move(refusal);
  const auto entries = rows_of<guard::AllowedNetwork>(
      call->request, [&](const Row& row) -> Result<guard::AllowedNetwork> {
        auto network = guard::parse_allowed_network(row[0]);
        if (!network) return pass_on(std::move(network));
        return guard::AllowedNetwork{*network, field_of(row, 1), "console", call->principal.username,
                                     services->clock.now()};
      });
  if (!entries) co_return failure_reply(entries.error());
  const auto stored = co_await on_worker<void>(
      &services->workers, call->executor, [services, wanted = *entries, request_id = call->request.request_id] {
        return allow_all(*services, wanted, request_id);
      });
  if (!stored) co_return failure_reply(stored.error());
  co_return done_reply(std::to_string(entries->size()) + " networks are on the allow list.");
}

}  // namespace kavach::console
