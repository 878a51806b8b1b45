#pragma once

// The composition root: everything a running gateway is made of, constructed top to bottom in one
// readable place and destroyed in reverse. No room below knows another's concrete class but here.

#include <atomic>
#include <memory>

#include "app/foundation.h"
#include "app/backup_folder.h"
#include "app/market_floor.h"
#include "app/metrics_listener.h"
#include "app/request_observer.h"
#include "app/rotation.h"
#include "app/ticker.h"
#include "app/trading_floor.h"
#include "audit/audit_sealer.h"
#include "console/csp_reports.h"
#include "core/worker_pool.h"
#include "guard/cors.h"
#include "guard/identity_credentials.h"
#include "guard/pipeline.h"
#include "guard/defences.h"
#include "guard/router.h"
#include "guard/security_headers.h"
#include "http/server.h"
#include "identity/device_cookie.h"
#include "identity/login.h"
#include "identity/login_csrf.h"
#include "identity/mailer.h"
#include "identity/passkeys.h"
#include "identity/password_reset.h"
#include "stream/stream_service.h"

namespace kavach::app {

class Gateway {
 public:
  /// Builds and recovers everything; the ports are not open yet.
  [[nodiscard]] static Result<std::unique_ptr<Gateway>> build(std::unique_ptr<Foundation> base);
  ~Gateway();

  /// Opens the ports and starts the ticker.
  [[nodiscard]] Result<void> start();
  /// Finishes what was accepted, then closes everything in reverse. Idempotent.
  void stop();
  /// Reads the certificate again.
  void reload_tls();

  [[nodiscard]] std::uint16_t port() const;
  /// Where the first owner is created; empty once there is one.
  [[nodiscard]] const std::string& setup_link() const { return setup_link_; }

 private:
  explicit Gateway(std::unique_ptr<Foundation> base);
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> open_guard();
  [[nodiscard]] Result<void> prepare_login();
  /// LOGIN_RATE_LIMIT_* holds for an account as it does for an address.
  [[nodiscard]] std::optional<std::chrono::seconds> over_login_rate(std::string_view account);
  void build_route_services();
  [[nodiscard]] guard::Routes all_routes();
  [[nodiscard]] guard::PipelineParts defence_order();
  [[nodiscard]] http::ServerSettings server_settings() const;
  void schedule();
  void schedule_keys();
  /// Does what `kavach kill-switch` has asked for.
  void obey_kill_switch();
  /// Reads again what is kept in memory of keys and of what they seal. Blocks.
  [[nodiscard]] Result<void> follow_keys();
  void tend_records();
  void refresh_metrics();

  std::unique_ptr<Foundation> base_;
  WorkerPool workers_;
  guard::Defences defences_;
  guard::IdentityCredentials credentials_;
  identity::DeviceCookies devices_;
  identity::LoginCsrf login_csrf_;
  identity::Mailer mailer_;
  identity::Passkeys passkeys_;
  identity::PasswordReset password_reset_;
  std::unique_ptr<identity::LoginService> login_;
  std::unique_ptr<MarketFloor> market_;
  std::unique_ptr<TradingFloor> trading_;
  std::unique_ptr<RequestObserver> observer_;
  std::unique_ptr<guard::Cors> cors_;
  std::unique_ptr<guard::SecurityHeaders> headers_;
  std::unique_ptr<stream::StreamService> stream_;
  std::unique_ptr<audit::AuditSealer> sealer_;
  std::unique_ptr<BackupFolder> backups_;
  std::unique_ptr<KeyRotation> rotation_;
  std::atomic<bool> rotating_{false};  ///< a step is queued or running
  std::atomic<bool> obeying_{false};   ///< a state that a command asked for is being set
  std::mutex sealing_;  ///< the sealer has one user at a time
  console::CspReports csp_reports_;
  struct RouteServices;
  std::unique_ptr<RouteServices> route_services_;
  std::unique_ptr<guard::Router> router_;
  std::unique_ptr<guard::Pipeline> pipeline_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<MetricsListener> metrics_listener_;  ///< only with METRICS_ADDRESS
  Ticker ticker_;
  std::string setup_link_;
  bool stopped_{false};
};

}  // namespace kavach::app
