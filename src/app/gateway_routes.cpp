// Which services each group of routes gets, and the list of all groups.

#include <algorithm>
#include <iterator>

#include "api/routes.h"
#include "app/gateway.h"
#include "app/key_report.h"
#include "app/route_services.h"
#include "app/version.h"
#include "audit/audit_query.h"
#include "console/auth_routes.h"
#include "console/routes.h"
#include "console/security_routes.h"
#include "console/static_files.h"
#include "core/text.h"
#include "crypto/ed25519.h"

namespace kavach::app {
namespace {

console::AccountMode mode_of(api::ModeSwitch& modes) {
  return {[&modes](identity::UserId user) { return modes.is_analyze(user); },
          [&modes](identity::UserId user) { return modes.account_of(user); },
          [&modes](const trading::Actor& actor, identity::UserId user, bool analyze, store::Done done) {
            modes.set(actor, user, analyze, std::move(done));
          }};
}

console::KillSwitch kill_switch_of(trading::JournalingDesk& desk, std::function<bool(const guard::Call&)> is_fresh) {
  return {[&desk] { return desk.state(); },
          [&desk](const trading::Actor& actor, trading::TradingState state, std::string reason, auto done) {
            desk.set_state(actor, state, std::move(reason), std::move(done));
          },
          std::move(is_fresh)};
}

audit::AuditTrust trust_of(const crypto::KeyRing& ring) {
  audit::AuditTrust trust;
  for (const Secret& seed : ring.derive_all(crypto::Purpose::AuditSigning)) {
    trust.public_keys.push_back(to_hex(crypto::Ed25519Signer{seed}.public_key()));
  }
  return trust;
}

std::vector<console::ConnectionRow> rows_of(const stream::StreamService& stream) {
  std::vector<console::ConnectionRow> rows;
  for (const auto& client : stream.connections()) {
    rows.push_back({client.id, client.username, client.address, client.connected_at, client.subscriptions,
                    client.queued_bytes, client.frames_sent, client.frames_conflated,
                    std::chrono::duration_cast<Micros>(client.lag)});
  }
  return rows;
}

std::vector<console::HealthCheck> health_checks(Foundation& base, TradingFloor& trading) {
  return {{"store",
           [&base]() -> Result<std::string> {
             if (auto health = base.database->health(); !health) return pass_on(health);
             return "writes are durable";
           }},
          {"journal",
           [&trading]() -> Result<std::string> {
             const std::size_t waiting = trading.unjournaled();
             if (waiting == 0) return "holds everything";
             return fail(ErrorCode::StorageFailed, std::to_string(waiting) +
                                                       " records of cancels and closes wait to be written. Mend the disk.");
           }},
          {"hashing", [&base]() -> Result<std::string> {
             return std::to_string(base.hashing->queued()) + " waiting";
           }}};
}

}  // namespace

void Gateway::build_route_services() {
  Foundation& base = *base_;
  auto& modes = trading_->modes();
  const api::TradingDay day{base.sessions->settings().zone, base.sessions->settings().daily_end};
  const auto is_fresh = [&base](const guard::Call& call) {
    return base.sessions->is_fresh(call.principal.credential_id);
  };
  // Made in place: it counts what is running, and stays where it is.
  route_services_.reset(new RouteServices{
      .api = {trading_->desk(), market_->instruments(), market_->quotes(), market_->calendar(), base.clock, workers_, *base.database,
              modes, day, "paper", base.settings.text(Setting::HostServer),
              [this](const trading::OrderRequest& request) { return trading_->margin_of(request); }},
      .auth = {*base.users, *base.sessions, *base.api_keys, *base.second_factors, *base.accounts, *base.setup,
               *login_, passkeys_, password_reset_, mailer_, login_csrf_,
               identity::CookieNames{base.settings.text(Setting::HostServer).starts_with("https://")}, base.clock,
               base.random, [&modes](identity::UserId user) { return modes.is_analyze(user); }},
      .trading = {trading_->desk(), market_->instruments(), market_->quotes(), base.clock, workers_,
                  mode_of(modes), kill_switch_of(trading_->desk(), is_fresh), [day, &clock = base.clock] { return day.begun(clock.now()); }},
      .records = {*base.database, observer_->traffic(), observer_->latency(), base.log_tail, base.clock, workers_,
                  [&base] { return trust_of(*base.ring); },
                  [this](const audit::ChainHead& head) { return sealer_->sign(head); }, *base.audit, is_fresh},
      .connections = {market_->hub(), [this] { return rows_of(*stream_); },
                      [this](const std::string& id) { return stream_->close_connection(id); }},
      .security = {defences_, *base.database, *base.audit, workers_, base.clock, csp_reports_,
                   is_fresh,
                   static_cast<std::size_t>(base.settings.integer(Setting::MaxUploadBytes))},
      .settings = {[&base] {
        std::vector<console::SettingView> views;
        for (const auto& shown : base.settings.list()) views.push_back({shown.name, shown.value, shown.origin});
        return views;
      }, [this] { return mailer_.settings(); }},
      .backups = {workers_, [this] { return backups_->list(); },
                  [this](const identity::Actor& actor) { return backups_->create(actor); },
                  [this](const std::string& name) { return backups_->read(name); }, is_fresh},
      .keys = {workers_, [&base] { return report_keys(base); },
               [this](const std::string& which, const identity::Actor& actor) -> Result<void> {
                 const auto masters = parse_masters(which);
                 if (!masters) return fail(ErrorCode::InvalidInput, "which must be all, app, pepper or field.");
                 return rotation_->request(*masters, actor);
               },
               is_fresh},
      .health = {base.clock, workers_, kVersion, base.clock.now(), health_checks(base, *trading_),
                 [&base] { return base.database->health().has_value(); }}});
}

guard::Routes Gateway::all_routes() {
  RouteServices& services = *route_services_;
  guard::Routes routes = api::api_routes(services.api);
  const auto add = [&routes](guard::Routes more) { std::ranges::move(more, std::back_inserter(routes)); };
  add(console::auth_routes(services.auth));
  add(console::user_routes(services.auth));
  add(console::mail_routes(services.auth));
  add(console::apikey_routes(services.auth));
  add(console::console_trading_routes(services.trading));
  add(console::record_routes(services.records));
  add(console::connection_routes(services.connections));
  add(console::security_routes(services.security));
  add(console::setting_routes(services.settings));
  add(console::backup_routes(services.backups));
  add(console::key_routes(services.keys));
  add(console::health_routes(services.health));
  add(console::static_routes());
  routes.push_back({http::Method::Get,
                    "/ws",
                    {.access = guard::Access::Public,
                     .rate = guard::RateClass::Default,
                     .body = guard::BodyKind::None,
                     .body_bytes_max = 0,
                     .changes_state = false,
                     .csrf = guard::Csrf::NotApplicable,
                     .priority = guard::Priority::Normal},
                    [this](guard::Call& call) -> Task<http::Response> { co_return stream_->upgrade(call); },
                    {}});
  return routes;
}

}  // namespace kavach::app
