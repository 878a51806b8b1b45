// Backups: made while trading goes on, kept in the data folder, fetched as encrypted files. A backup holds everything,
// so making and fetching one asks for a fresh proof.

#include <algorithm>

#include "console/policies.h"
#include "console/reply.h"
#include "console/routes.h"
#include "core/civil_time.h"
#include "core/on_worker.h"

namespace kavach::console {
namespace {

constexpr std::size_t kBodyBytesMax = 256;
constexpr std::size_t kNameMax = 100;

void write_view(JsonWriter& json, const BackupView& backup) {
  json.object().field("name", backup.name).field("created_at", utc_text(backup.created_at));
  json.field("bytes", backup.bytes).end();
}

Task<http::Response> list(guard::Call* call, const BackupServices* services) {
  const auto found = co_await on_worker<std::vector<BackupView>>(&services->workers, call->executor,
                                                                 [services] { return services->list(); });
  if (!found) co_return failure_reply(found.error());
  DataReply out{256 + found->size() * 120};
  out.json().object().key("backups").array();
  for (const BackupView& backup : *found) write_view(out.json(), backup);
  out.json().end().end();
  co_return out.reply();
}

Task<http::Response> create(guard::Call* call, const BackupServices* services) {
  if (!services->is_fresh(*call)) co_return step_up_reply();
  const identity::Actor actor{call->principal.username, call->client.text(), call->request.request_id};
  const auto made = co_await on_worker<BackupView>(&services->workers, call->executor,
                                                   [services, actor] { return services->create(actor); });
  if (!made) co_return failure_reply(made.error());
  DataReply out;
  write_view(out.json(), *made);
  co_return out.reply();
}

// Our own names and nothing that could leave the folder.
bool is_backup_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !name.empty() && name.size() <= kNameMax && name.front() != '.' && std::ranges::all_of(name, allowed) &&
         name.find("..") == std::string_view::npos;
}

Task<http::Response> download(guard::Call* call, const BackupServices* services) {
  if (!services->is_fresh(*call)) co_return step_up_reply();
  const std::string name = call->path_values.at("name");
  if (!is_backup_name(name)) co_return failure_reply({ErrorCode::NotFound, "There is no such backup.", {}});
  auto file = co_await on_worker<std::string>(&services->workers, call->executor,
                                              [services, name] { return services->read(name); });
  if (!file) co_return failure_reply(file.error());
  http::Response response;
  response.content_type = "application/octet-stream";
  response.body = std::move(*file);
  response.with("Content-Disposition", "attachment; filename=\"" + name + '"');
  co_return response;
}

}  // namespace

guard::Routes backup_routes(BackupServices& services) {
  using guard::Access;
  using guard::Priority;
  using guard::RateClass;
  guard::Routes routes;
  routes.push_back({.method = http::Method::Get,
                    .path = "/backup/api/list",
                    .policy = reading_policy(Access::OwnerSession, RateClass::ConsoleRead, Priority::Deferrable),
                    .handle = [&services](guard::Call& call) { return list(&call, &services); }});
  routes.push_back({.method = http::Method::Post,
                    .path = "/backup/api/create",
                    .policy = acting_policy(Access::OwnerSession, RateClass::ConsoleSensitive, kBodyBytesMax, Priority::Deferrable),
                    .handle = [&services](guard::Call& call) { return create(&call, &services); }});
  routes.push_back({.method = http::Method::Get,
                    .path = "/backup/api/download/{name}",
                    .policy = reading_policy(Access::OwnerSession, RateClass::ConsoleSensitive, Priority::Deferrable),
                    .handle = [&services](guard::Call& call) { return download(&call, &services); }});
  return routes;
}

}  // namespace kavach::console
