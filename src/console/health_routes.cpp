// `/health/status` for probes, which learn nothing but whether orders can be placed; `/health/check` for a
// signed-in user.

#include <utility>

#include "console/policies.h"
#include "console/reply.h"
#include "console/routes.h"
#include "core/civil_time.h"
#include "core/on_worker.h"

namespace kavach::console {
namespace {

Task<http::Response> status(const HealthServices& services) {
  if (services.store_writes()) return ready(http::Response::json(200, R"({"status":"ok"})"));
  return ready(failure_reply({ErrorCode::StorageFailed, "The gateway cannot place orders.", {}}));
}

std::string check_body(const HealthServices& services) {
  DataReply out{1024};
  JsonWriter& json = out.json();
  const TimePoint now = services.clock.now();
  json.object().key("checks").array();
  for (const HealthCheck& check : services.checks) {
    const Result<std::string> outcome = check.check();
    json.object().field("name", check.name).field("ok", outcome.has_value());
    json.field("detail", outcome ? *outcome : outcome.error().message).end();
  }
  json.end().field("version", services.version).field("started_at", utc_text(services.started_at));
  json.field("uptime_seconds", epoch_seconds(now) - epoch_seconds(services.started_at)).end();
  return std::move(out.reply().body);
}

Task<http::Response> run_checks(guard::Call* call, HealthServices* services) {
  auto body = co_await on_worker<std::string>(
      &services->workers, call->executor, [services]() -> Result<std::string> { return check_body(*services); });
  if (!body) co_return failure_reply(body.error());
  co_return http::Response::json(200, std::move(*body));
}

}  // namespace

guard::Routes health_routes(HealthServices& services) {
  using guard::Access;
  using guard::Priority;
  using guard::RateClass;
  guard::Routes routes;
  routes.push_back({.method = http::Method::Get,
                    .path = "/health/status",
                    .policy = reading_policy(Access::Public, RateClass::Default, Priority::Essential),
                    .handle = [&services](guard::Call&) { return status(services); }});
  routes.push_back({.method = http::Method::Get,
                    .path = "/health/check",
                    .policy = reading_policy(Access::Session, RateClass::ConsoleRead, Priority::Normal),
                    .handle = [&services](guard::Call& call) { return run_checks(&call, &services); }});
  return routes;
}

}  // namespace kavach::console
