#include "app/gateway.h"

#include <algorithm>
#include <utility>

#include "app/defence_settings.h"
#include "app/kill_switch_request.h"
#include "app/process_hardening.h"
#include "app/route_services.h"
#include "app/stream_metrics.h"
#include "core/text.h"
#include "identity/cookies.h"
#include "identity/block_on.h"

namespace kavach::app {
namespace {

constexpr std::size_t kWorkers = 2;
constexpr std::size_t kWorkWaitingMax = 256;
constexpr std::chrono::seconds kStopGrace{10};

bool is_https(const Settings& settings) { return settings.text(Setting::HostServer).starts_with("https://"); }

std::string cookie_name(const Settings& settings) {
  return identity::CookieNames{is_https(settings)}.session;
}

stream::StreamLimits stream_limits(const Settings& settings) {
  const auto count = [&](Setting setting) { return static_cast<std::size_t>(settings.integer(setting)); };
  const auto seconds = [&](Setting setting) { return std::chrono::seconds{settings.integer(setting)}; };
  stream::StreamLimits limits;
  limits.auth_grace = seconds(Setting::WsAuthGraceSeconds);
  limits.connections_per_user_max = count(Setting::WsMaxConnectionsPerUser);
  limits.subscriptions_max = count(Setting::WsMaxSubscriptions);
  limits.message_bytes_max = count(Setting::WsMaxMessageBytes);
  limits.messages_per_second_max = guard::Rates::parse(settings.text(Setting::WsMessageRate))->largest_count();
  limits.heartbeat = seconds(Setting::WsHeartbeatSeconds);
  limits.idle_timeout = seconds(Setting::WsIdleTimeoutSeconds);
  limits.unsubscribed_max = seconds(Setting::WsUnsubscribedTimeoutSeconds);
  limits.stalled_max = seconds(Setting::WsStalledTimeoutSeconds);
  return limits;
}

// `paper:7` and `analyze:7`.
std::optional<stream::StreamServices::AccountOwner> owner_of(const trading::AccountId& account) {
  const auto colon = account.find(':');
  const auto user = colon == std::string::npos ? std::nullopt : parse_int(account.substr(colon + 1));
  if (!user) return std::nullopt;
  return stream::StreamServices::AccountOwner{*user, account.starts_with("analyze:")};
}

}  // namespace

Gateway::Gateway(std::unique_ptr<Foundation> base)
    : base_{std::move(base)},
      workers_{kWorkers, kWorkWaitingMax},
      defences_{defence_settings(base_->settings), *base_->database, *base_->audit, workers_,
                base_->clock, base_->random, *base_->log},
      credentials_{*base_->api_keys, *base_->sessions, *base_->users, *base_->request_signing, *base_->ring,
                   cookie_name(base_->settings)},
      devices_{*base_->ring},
      login_csrf_{*base_->ring},
      mailer_{{*base_->database, *base_->audit, *base_->cipher, base_->clock, base_->random, *base_->log,
               base_->settings.text(Setting::SmtpCaFile)}},
      passkeys_{{*base_->database, *base_->audit, *base_->users, *base_->ring, base_->clock, base_->random,
                 identity::RelyingParty::from(base_->settings.text(Setting::HostServer))}},
      password_reset_{{*base_->users, *base_->accounts, *base_->one_time_tokens, *base_->second_factors, passkeys_,
                       *base_->throttle, mailer_, *base_->audit, *base_->log,
                       base_->settings.text(Setting::HostServer)}},
      csp_reports_{base_->clock, *base_->log},
      ticker_{base_->clock, *base_->log} {}

Gateway::~Gateway() { stop(); }

Result<std::unique_ptr<Gateway>> Gateway::build(std::unique_ptr<Foundation> base) {
  std::unique_ptr<Gateway> gateway{new Gateway{std::move(base)}};
  if (auto opened = gateway->open(); !opened) return pass_on(opened);
  return gateway;
}

Result<void> Gateway::open_guard() {
  if (auto loaded = defences_.load(); !loaded) return loaded;
  guard::CorsSettings sharing;
  sharing.enabled = base_->settings.flag(Setting::CorsEnabled);
  sharing.origins = base_->settings.words(Setting::CorsAllowedOrigins);
  auto cors = guard::Cors::create(std::move(sharing));
  if (!cors) return pass_on(cors);
  cors_ = std::make_unique<guard::Cors>(std::move(*cors));
  guard::SecurityHeaderSettings headers;
  headers.csp_enabled = base_->settings.flag(Setting::CspEnabled);
  headers.referrer_policy = base_->settings.text(Setting::ReferrerPolicy);
  headers.permissions_policy = base_->settings.text(Setting::PermissionsPolicy);
  auto created = guard::SecurityHeaders::create(headers);
  if (!created) return pass_on(created);
  headers_ = std::make_unique<guard::SecurityHeaders>(std::move(*created));
  return {};
}

Result<void> Gateway::open() {
  Foundation& base = *base_;
  if (auto opened = open_guard(); !opened) return opened;
  auto market = MarketFloor::open(base.settings, base.clock, *base.log, base.random.next());
  if (!market) return pass_on(market);
  market_ = std::move(*market);
  observer_ = std::make_unique<RequestObserver>(*base.database, *base.audit, defences_, base.metrics, base.clock, *base.log);
  trading_ = std::make_unique<TradingFloor>(base, *market_);

  auto origins = base.settings.words(Setting::CorsAllowedOrigins);
  origins.push_back(base.settings.text(Setting::HostServer));
  stream_ = std::make_unique<stream::StreamService>(
      stream::StreamServices{credentials_, market_->instruments(), market_->hub(), base.clock, "paper",
                             std::move(origins),
                             [this](const IpAddress& address) { return defences_.bans.is_banned(address); },
                             [this](const IpAddress& address, std::string_view token, std::string_view subject) {
                               observer_->abuse(address, token, subject);
                             },
                             owner_of},
      stream_limits(base.settings));
  auto recovered =
      trading_->start([this](const trading::OrderUpdate& update) { stream_->order_updated(update); });
  if (!recovered) return recovered;
  obey_kill_switch();

  if (auto prepared = prepare_login(); !prepared) return prepared;
  backups_ = std::make_unique<BackupFolder>(base);
  rotation_ = std::make_unique<KeyRotation>(base, KeyRotation::Options{.follow = [this] { return follow_keys(); }});
  if (auto followed = follow_keys(); !followed) return followed;
  if (auto resumed = rotation_->recover(); !resumed) return resumed;
  build_route_services();
  router_ = std::make_unique<guard::Router>(all_routes());
  pipeline_ = std::make_unique<guard::Pipeline>(defence_order(), credentials_, *observer_, base.clock, *base.log);
  server_ = std::make_unique<http::Server>(server_settings(), *pipeline_, base.clock, *base.log);
  if (const std::string& address = base.settings.text(Setting::MetricsAddress); !address.empty()) {
    metrics_listener_ = std::make_unique<MetricsListener>(address, base.metrics, [this] { refresh_metrics(); },
                                                          base.clock, *base.log);
  }
  schedule();
  schedule_keys();
  return {};
}

Result<void> Gateway::prepare_login() {
  Foundation& base = *base_;
  login_ = std::make_unique<identity::LoginService>(identity::LoginService::Parts{
      *base.users, *base.sessions, *base.second_factors, *base.hashing, *base.throttle, devices_, *base.audit,
      base.clock, base.random, [this](identity::UserId user) { return passkeys_.has_any(user); },
      [this](std::string_view account) { return over_login_rate(account); }});
  if (auto loaded = mailer_.load(); !loaded) return loaded;
  if (auto loaded = passkeys_.load(); !loaded) return loaded;
  login_->on_new_device([this](const identity::NewDeviceLogin& login) {
    mailer_.send({login.user->email, "New device signed in to Kavach",
                  "Your account " + login.user->username + " was used from a device it had not been used from before.\n\n" +
                      login.device + "\n" + login.address + "\n" + ist_text(login.at) +
                      " IST\n\nIf this was not you, change your password and end all sessions.\n"});
  });
  base.api_keys->on_exposed([this](identity::UserId user, const std::string& name, const IpAddress& client) {
    const auto owner = base_->users->find(user);
    if (!owner) return;
    mailer_.send({owner->email, "An API key of yours was sent in a web address",
                  "Your API key \"" + name + "\" was sent to Kavach in a web address, from " + client.text() +
                      ".\n\nThe request was refused. Web addresses are kept in logs and histories, so the key may be "
                      "known to others now: regenerate it, and send it in the body or the X-API-KEY header.\n"});
  });
  login_->on_failed([this](const IpAddress& client) {
    defences_.warden.report({guard::OffenceKind::FailedLogin, client, {}, {}});
  });
  InlineExecutor here;
  auto token = identity::block_on(base.setup->prepare(here));
  if (!token) return pass_on(token);
  // In the fragment, which browsers keep to themselves: the token reaches no log and no Referer.
  if (*token) {
    setup_link_ = base.settings.text(Setting::HostServer) + "/setup#token=" + std::string{(*token)->reveal()};
  }
  return {};
}

std::optional<std::chrono::seconds> Gateway::over_login_rate(std::string_view account) {
  const auto& rates = defences_.settings.read()->rates.of(guard::RateClass::Login);
  const auto decision = defences_.limiter.by_account(guard::RateClass::Login, account, rates);
  if (decision.allowed) return std::nullopt;
  return std::max(std::chrono::ceil<std::chrono::seconds>(decision.retry_after), std::chrono::seconds{1});
}

http::ServerSettings Gateway::server_settings() const {
  const Settings& settings = base_->settings;
  http::ServerSettings server;
  const bool tls = !settings.text(Setting::TlsCertFile).empty();
  const auto address = *IpAddress::parse(settings.text(Setting::ListenAddress));
  const auto listen = [&](Setting port) {
    http::ListenSettings listener;
    listener.address = address;
    listener.port = static_cast<std::uint16_t>(settings.integer(port));
    listener.tls = tls;
    listener.proxy_protocol = settings.flag(Setting::ProxyProtocol);
    server.listeners.push_back(listener);
  };
  listen(Setting::ListenPort);
  if (settings.integer(Setting::WebsocketPort) != 0) listen(Setting::WebsocketPort);
  server.limits.connections_max = connections_within(raise_descriptor_limit());
  server.io_threads = static_cast<std::size_t>(settings.integer(Setting::IoThreads));
  server.proxies = settings.cidrs(Setting::TrustedProxies);
  if (tls) server.tls = http::TlsFiles{settings.text(Setting::TlsCertFile), settings.text(Setting::TlsKeyFile)};
  return server;
}

Result<void> Gateway::follow_keys() {
  Foundation& base = *base_;
  {
    const std::lock_guard lock{sealing_};
    sealer_ = std::make_unique<audit::AuditSealer>(*base.database, *base.audit, base.clock,
                                                   base.ring->derive(crypto::Purpose::AuditSigning));
  }
  if (auto loaded = base.api_keys->reload_if_changed(); !loaded) return pass_on(loaded);
  if (auto loaded = base.second_factors->reload_if_changed(); !loaded) return pass_on(loaded);
  return mailer_.load();
}

void Gateway::obey_kill_switch() {
  std::optional<KillSwitchRequest> asked;
  auto read = base_->database->read([&](store::Reader& reader) -> Result<void> {
    auto latest = latest_kill_switch_request(reader);
    if (!latest) return pass_on(latest);
    asked = std::move(*latest);
    return {};
  });
  if (!read) base_->log->warning("reload.failed", {{"what", "kill switch"}, {"detail", read.error().detail}});
  if (!asked || asked->obeyed || obeying_.exchange(true)) return;
  trading_->desk().set_state(
      {"cli", {}, {}, {}}, asked->state, asked->reason, [this, id = asked->id](const Result<void>& set) {
        if (!set) {
          base_->log->error("trading.state_not_set", {{"detail", set.error().detail}});
          obeying_ = false;
          return;
        }
        base_->database->write(
            [this, id](store::Transaction& transaction) { return kill_switch_obeyed(transaction, id, base_->clock.now()); },
            [this](const Result<void>&) { obeying_ = false; });
      });
}

// A rotation is asked for in the store, by the console or by a command beside us.
void Gateway::schedule_keys() {
  ticker_.every("keys", std::chrono::milliseconds{500}, [this] {
    if (rotating_.exchange(true)) return;
    const bool posted = workers_.try_post([this] {
      if (auto stepped = rotation_->step(); !stepped) {
        base_->log->error("keys.not_rotated", {{"message", stepped.error().message}, {"detail", stepped.error().detail}});
      }
      rotating_ = false;
    });
    if (!posted) rotating_ = false;
  });
}

void Gateway::schedule() {
  using std::chrono::milliseconds;
  ticker_.every("market", milliseconds{250}, [this] {
    market_->roll_day();
    market_->tick();
    trading_->tick();
  });
  ticker_.every("records", milliseconds{250}, [this] {
    defences_.tick();
    observer_->tick();
    base_->audit->tick();
  });
  // What a command changed beside us, and what a clock ends, is in force within a second.
  ticker_.every("reload", milliseconds{500}, [this] {
    const auto note = [this](std::string_view what, const auto& result) {
      if (!result) base_->log->warning("reload.failed", {{"what", what}, {"detail", result.error().detail}});
    };
    note("users", base_->users->reload_if_changed());
    note("sessions", base_->sessions->reload_if_changed());
    note("api keys", base_->api_keys->reload_if_changed());
    note("passkeys", passkeys_.reload_if_changed());
    note("second factors", base_->second_factors->reload_if_changed());
    note("session sweep", base_->sessions->sweep());
    obey_kill_switch();
    stream_->sweep();
  });
  ticker_.every("usage", milliseconds{5'000}, [this] { (void)base_->api_keys->flush_usage(); });
  ticker_.every("nonces", milliseconds{60'000}, [this] {
    if (auto swept = base_->request_signing->sweep(); !swept) {
      base_->log->warning("nonces.not_swept", {{"detail", swept.error().detail}});
    }
  });
  ticker_.every("retention", milliseconds{3'600'000}, [this] { tend_records(); });
}

// Old traffic goes, and the days that are over are sealed. At the start as well: a gateway that is restarted
// every day would otherwise never come to it.
void Gateway::tend_records() {
  const std::chrono::days kept{base_->settings.integer(Setting::TrafficLogRetentionDays)};
  (void)workers_.try_post([this, kept] {
    observer_->prune(kept);
    if (auto retired = rotation_->retire_peppers(); !retired) {
      base_->log->warning("keys.pepper_not_retired", {{"detail", retired.error().detail}});
    }
    const std::lock_guard lock{sealing_};
    if (auto sealed = sealer_->seal(); !sealed) {
      base_->log->error("audit.not_sealed", {{"detail", sealed.error().detail}});
    }
  });
}

// What is a state and not a count is read when somebody asks.
void Gateway::refresh_metrics() {
  MetricsRegistry& metrics = base_->metrics;
  const auto set = [&metrics](std::string_view name, std::string_view help, std::size_t value) {
    metrics.gauge(name, help).set(static_cast<std::int64_t>(value));
  };
  export_websockets(metrics, stream_->stats());
  export_feed(metrics, market_->hub().stats(), base_->clock.now());
  set("kavach_hashing_queue", "Password hashes that wait for a thread.", base_->hashing->queued());
  set("kavach_bans", "Networks that are banned now.", defences_.bans.size());
  for (const guard::RefusalRow& row : guard::refusal_table()) {
    metrics.gauge("kavach_shadow_refusals_total", "What defences in shadow would have refused.", {{"token", row.token}})
        .set(static_cast<std::int64_t>(defences_.counters.shadow(row.refusal)));
  }
  const auto server = server_->counters();
  set("kavach_connections", "Open connections.", server.connections_open);
  set("kavach_connections_accepted", "Connections accepted since the start.", server.connections_accepted);
  set("kavach_connections_refused", "Connections refused since the start.", server.connections_refused);
  set("kavach_unjournaled", "Records of cancels and closes that wait for the order store.", trading_->unjournaled());
  set("kavach_connections_evicted", "Connections that gave way to newcomers since the start.",
      server.connections_evicted);
  set("kavach_load_level", "How much load shedding refuses: nothing at 0, most at 14.",
      static_cast<std::size_t>(defences_.shedder.level()));
  set("kavach_store_healthy", "1 while writes are durable.", base_->database->health() ? 1 : 0);
}

Result<void> Gateway::start() {
  if (auto started = server_->start(); !started) return started;
  if (metrics_listener_) {
    if (auto started = metrics_listener_->start(); !started) return started;
  }
  tend_records();
  ticker_.start();
  return {};
}

void Gateway::stop() {
  if (std::exchange(stopped_, true)) return;
  if (metrics_listener_) metrics_listener_->stop();
  if (server_) server_->stop(kStopGrace);
  ticker_.stop();
  if (trading_) trading_->stop();
  mailer_.stop();
  base_->hashing->stop();  // its callbacks use what is destroyed next
  workers_.stop();
  defences_.stop();
  if (base_->api_keys) (void)base_->api_keys->flush_usage();
}

void Gateway::reload_tls() {
  if (auto reloaded = server_->reload_tls(); !reloaded) {
    base_->log->error("tls.not_reloaded", {{"message", reloaded.error().message}, {"detail", reloaded.error().detail}});
  }
}

std::uint16_t Gateway::port() const { return server_->port(0); }

}  // namespace kavach::app
