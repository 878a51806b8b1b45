// The master secrets: which generations there are, and replacing them while the gateway runs.

#include "console/key_services.h"
#include "console/policies.h"
#include "console/reply.h"
#include "console/routes.h"
#include "core/civil_time.h"
#include "core/on_worker.h"
#include "guard/refusals.h"

namespace kavach::console {
namespace {

constexpr std::size_t kBodyBytesMax = 256;
constexpr std::string_view kConsequence =
    "New secrets replace the present ones, and everything encrypted is encrypted again. Trading goes on and nobody is "
    "signed out. Back up secrets.env afterwards: a backup made from now on cannot be read without it.";

void write_master(JsonWriter& json, const MasterKeyView& master) {
  json.object().field("name", master.name).field("setting", master.setting).field("source", master.source);
  json.field("current", master.current).key("older").array();
  for (const auto& older : master.older) json.object().field("id", older.id).field("needed_by", older.needed_by).end();
  json.end().end();
}

void write_rotation(JsonWriter& json, const RotationView& rotation) {
  json.object().field("state", rotation.state).key("masters").array();
  for (const auto& master : rotation.masters) json.value(master);
  json.end().field("requested_by", rotation.requested_by).field("requested_at", utc_text(rotation.requested_at));
  json.key("finished_at");
  if (rotation.finished_at) {
    json.value(utc_text(*rotation.finished_at));
  } else {
    json.null();
  }
  json.field("resealed", rotation.resealed).field("remaining", rotation.remaining).field("problem", rotation.problem).end();
}

Task<http::Response> show(guard::Call* call, const KeyServices* services) {
  const auto keys = co_await on_worker<KeysView>(&services->workers, call->executor, [services] { return services->view(); });
  if (!keys) co_return failure_reply(keys.error());
  DataReply out{1024};
  out.json().object().key("masters").array();
  for (const auto& master : keys->masters) write_master(out.json(), master);
  out.json().end().key("rotation");
  if (keys->rotation) {
    write_rotation(out.json(), *keys->rotation);
  } else {
    out.json().null();
  }
  out.json().end();
  co_return out.reply();
}

http::Response refused(guard::Refusal why, std::string_view message) {
  const guard::RefusalRow& row = guard::row_of(why);
  std::string body;
  JsonWriter json{body};
  json.object().field("status", "error").field("message", message).key("data").object();
  json.field("reason", row.token).field("consequence", message).end().end();
  return http::Response::json(row.status, std::move(body));
}

Task<http::Response> rotate(guard::Call* call, const KeyServices* services) {
  if (!services->is_fresh(*call)) {
    co_return refused(guard::Refusal::StepUpRequired, guard::row_of(guard::Refusal::StepUpRequired).text);
  }
  const json::object& body = call->json_body();
  const json::value* which = body.if_contains("which");
  if (which != nullptr && !which->is_string()) co_return bad_request("which must be all, app, pepper or field.");
  const json::value* confirmed = body.if_contains("confirm");
  if (confirmed == nullptr || !confirmed->is_bool() || !confirmed->get_bool()) {
    co_return refused(guard::Refusal::ConfirmRequired, kConsequence);
  }
  const std::string name{which == nullptr ? std::string_view{"all"} : std::string_view{which->get_string()}};
  const identity::Actor actor{call->principal.username, call->client.text(), call->request.request_id};
  const auto asked = co_await on_worker<void>(&services->workers, call->executor,
                                              [services, name, actor] { return services->rotate(name, actor); });
  if (!asked) co_return failure_reply(asked.error());
  co_return done_reply("The rotation has begun.");
}

}  // namespace

guard::Routes key_routes(KeyServices& services) {
  guard::Routes routes;
  routes.push_back({.method = http::Method::Get,
                    .path = "/keys/api/data",
                    .policy = reading_policy(guard::Access::OwnerSession),
                    .handle = [&services](guard::Call& call) { return show(&call, &services); }});
  routes.push_back({.method = http::Method::Post,
                    .path = "/keys/api/rotate",
                    .policy = acting_policy(guard::Access::OwnerSession, guard::RateClass::ConsoleSensitive, kBodyBytesMax),
                    .handle = [&services](guard::Call& call) { return rotate(&call, &services); }});
  return routes;
}

}  // namespace kavach::console
