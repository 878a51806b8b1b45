// The settings in force and where each came from, and the mail server. Read only: what can be changed while
// the gateway runs has routes of its own.

#include "console/policies.h"
#include "console/reply.h"
#include "console/routes.h"

namespace kavach::console {
namespace {

Task<http::Response> list(const SettingServices* services) {
  DataReply out{16384};
  JsonWriter& json = out.json();
  json.object().key("settings").array();
  for (const SettingView& setting : services->list()) {
    json.object().field("name", setting.name).field("value", setting.value);
    json.field("source", setting.source).end();
  }
  json.end().key("smtp");
  const auto mail = services->mail();
  if (!mail) {
    json.null();
  } else {
    json.object().field("host", mail->host).field("port", mail->port).field("username", mail->username);
    json.field("from", mail->from).field("security", identity::name_of(mail->security));
    json.field("password_set", mail->password_set).end();
  }
  json.end();
  co_return out.reply();
}

}  // namespace

guard::Routes setting_routes(SettingServices& services) {
  guard::Routes routes;
  routes.push_back({.method = http::Method::Get,
                    .path = "/settings/api/data",
                    .policy = reading_policy(guard::Access::OwnerSession),
                    .handle = [&services](guard::Call&) { return list(&services); }});
  return routes;
}

}  // namespace kavach::console
