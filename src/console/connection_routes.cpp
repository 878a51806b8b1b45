// Live WebSocket connections and the feed behind them.

#include "console/policies.h"
#include "console/record_services.h"
#include "console/reply.h"
#include "console/routes.h"
#include "core/civil_time.h"

namespace kavach::console {
namespace {

constexpr std::size_t kBodyBytesMax = 1024;
constexpr std::size_t kIdMax = 64;

void write_feed(JsonWriter& json, const market::FeedHubStats& stats) {
  json.object().field("broker", stats.feed).field("state", name_of(stats.state));
  json.field("instruments", static_cast<std::uint64_t>(stats.instruments));
  json.field("stale", static_cast<std::uint64_t>(stats.stale)).field("silences", stats.silences);
  json.key("last_tick_at");
  stats.last_received == TimePoint{} ? json.null() : json.value(utc_text(stats.last_received));
  json.field("reconnects", stats.connections == 0 ? stats.connections : stats.connections - 1);
  json.field("received", stats.ticks_received).field("conflated", stats.ticks_conflated);
  json.field("delivered", stats.ticks_delivered).field("lag_micros", stats.delivery_lag.count());
  json.field("last_error", stats.last_error).end();
}

Task<http::Response> list(const ConnectionServices* services) {
  const auto rows = services->connections();
  DataReply out{512 + rows.size() * 250};
  JsonWriter& json = out.json();
  json.object().key("connections").array();
  for (const ConnectionRow& row : rows) {
    json.object().field("id", row.id).field("username", row.username).field("address", row.address);
    json.field("opened_at", utc_text(row.opened_at));
    json.field("subscriptions", static_cast<std::uint64_t>(row.subscriptions));
    json.field("queued_bytes", static_cast<std::uint64_t>(row.queued_bytes)).field("sent", row.sent);
    json.field("conflated", row.conflated).field("lag_micros", row.lag.count()).end();
  }
  json.end().key("feeds").array();
  write_feed(json, services->hub.stats());
  json.end().field("closable", services->close != nullptr).end();
  co_return out.reply();
}

Task<http::Response> close(guard::Call* call, const ConnectionServices* services) {
  const json::value* id = call->json_body().if_contains("id");
  if (id == nullptr || !id->is_string() || id->get_string().size() > kIdMax) co_return bad_request("id must be a connection's id.");
  if (!services->close || !services->close(std::string{id->get_string()})) {
    co_return failure_reply({ErrorCode::NotFound, "This connection is no longer open.", {}});
  }
  co_return done_reply("The connection is closed.");
}

}  // namespace

guard::Routes connection_routes(ConnectionServices& services) {
  guard::Routes routes;
  routes.push_back({.method = http::Method::Get,
                    .path = "/connections/api/list",
                    .policy = reading_policy(guard::Access::OwnerSession),
                    .handle = [&services](guard::Call&) { return list(&services); }});
  routes.push_back({.method = http::Method::Post,
                    .path = "/connections/api/close",
                    .policy = acting_policy(guard::Access::OwnerSession, guard::RateClass::ConsoleWrite, kBodyBytesMax),
                    .handle = [&services](guard::Call& call) { return close(&call, &services); }});
  return routes;
}

}  // namespace kavach::console
