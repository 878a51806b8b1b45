#include "app/setting_table.h"



namespace kavach::app {
namespace {

using enum SettingKind;
constexpr std::int64_t kDay = 86'400;

// In the order of the enumeration; the check below proves it.
constexpr SettingRow kRows[] = {
    {Setting::HostServer, "HOST_SERVER", "http://127.0.0.1:5000", Origin},
    {Setting::ListenAddress, "LISTEN_ADDRESS", "127.0.0.1", Address},
    {Setting::ListenPort, "LISTEN_PORT", "5000", Integer, 0, 65'535},
    {Setting::WebsocketPort, "WEBSOCKET_PORT", "8765", Integer, 0, 65'535},
    {Setting::MetricsAddress, "METRICS_ADDRESS", "", HostPort},
    {Setting::TlsCertFile, "TLS_CERT_FILE", "", Path},
    {Setting::TlsKeyFile, "TLS_KEY_FILE", "", Path},
    {Setting::TrustedProxies, "TRUSTED_PROXIES", "", Cidrs},
    {Setting::ProxyProtocol, "PROXY_PROTOCOL", "false", Flag},
    {Setting::AllowedHosts, "ALLOWED_HOSTS", "", Words},
    {Setting::AllowList, "ALLOW_LIST", "", Cidrs},
    {Setting::DatabaseUrl, "DATABASE_URL", "sqlite:///kavach.db", Text},
    {Setting::SharedStateUrl, "SHARED_STATE_URL", "", Text},
    {Setting::AppKey, "APP_KEY", "", Secret},
    {Setting::ApiKeyPepper, "API_KEY_PEPPER", "", Secret},
    {Setting::FernetSalt, "FERNET_SALT", "", Secret},
    {Setting::SessionExpiryTime, "SESSION_EXPIRY_TIME", "03:30", TimeOfDay},
    {Setting::SessionTimezone, "SESSION_TIMEZONE", "Asia/Kolkata", Zone},
    {Setting::DisableSessionExpiry, "DISABLE_SESSION_EXPIRY", "false", Flag},
    {Setting::SessionIdleTimeout, "SESSION_IDLE_TIMEOUT", "30m", Duration, 60, kDay},
    {Setting::MaxSessionsPerUser, "MAX_SESSIONS_PER_USER", "5", Integer, 1, 100},
    {Setting::ApiRateLimit, "API_RATE_LIMIT", "50 per second", Rate},
    {Setting::OrderRateLimit, "ORDER_RATE_LIMIT", "10 per second", Rate},
    {Setting::SmartOrderRateLimit, "SMART_ORDER_RATE_LIMIT", "10 per second", Rate},
    {Setting::GreeksRateLimit, "GREEKS_RATE_LIMIT", "30 per minute", Rate},
    {Setting::LoginRateLimitMin, "LOGIN_RATE_LIMIT_MIN", "5 per minute", Rate},
    {Setting::LoginRateLimitHour, "LOGIN_RATE_LIMIT_HOUR", "25 per hour", Rate},
    {Setting::ResetRateLimit, "RESET_RATE_LIMIT", "15 per hour", Rate},
    {Setting::WebhookRateLimit, "WEBHOOK_RATE_LIMIT", "100 per minute", Rate},
    {Setting::ConsoleRateLimit, "CONSOLE_RATE_LIMIT", "60 per minute", Rate},
    {Setting::ConsoleWriteRateLimit, "CONSOLE_WRITE_RATE_LIMIT", "30 per minute", Rate},
    {Setting::ConsoleSensitiveRateLimit, "CONSOLE_SENSITIVE_RATE_LIMIT", "10 per minute", Rate},
    {Setting::DefaultRateLimit, "DEFAULT_RATE_LIMIT", "60 per minute", Rate},
    {Setting::CorsEnabled, "CORS_ENABLED", "false", Flag},
    {Setting::CorsAllowedOrigins, "CORS_ALLOWED_ORIGINS", "", Words},
    {Setting::CspEnabled, "CSP_ENABLED", "true", Flag},
    {Setting::CsrfEnabled, "CSRF_ENABLED", "true", Flag},
    {Setting::ReferrerPolicy, "REFERRER_POLICY", "no-referrer", Choice, 0, 0,
     "no-referrer,same-origin,strict-origin,strict-origin-when-cross-origin"},
    {Setting::PermissionsPolicy, "PERMISSIONS_POLICY", "", Text},
    {Setting::AutoBanEnabled, "AUTO_BAN_ENABLED", "true", Flag},
    {Setting::InvalidApiKeyThreshold, "INVALID_API_KEY_THRESHOLD", "10", Integer, 1, 100'000},
    {Setting::InvalidApiKeyBan, "INVALID_API_KEY_BAN", "48h", Duration, 60, 3'650 * kDay},
    {Setting::NotFoundThreshold, "NOT_FOUND_THRESHOLD", "20", Integer, 1, 100'000},
    {Setting::NotFoundBan, "NOT_FOUND_BAN", "24h", Duration, 60, 3'650 * kDay},
    {Setting::FailedLoginThreshold, "FAILED_LOGIN_THRESHOLD", "10", Integer, 1, 100'000},
    {Setting::FailedLoginBan, "FAILED_LOGIN_BAN", "24h", Duration, 60, 3'650 * kDay},
    {Setting::RepeatOffenderLimit, "REPEAT_OFFENDER_LIMIT", "3", Integer, 1, 100},
    {Setting::WsAuthGraceSeconds, "WS_AUTH_GRACE_SECONDS", "15", Integer, 1, 300},
    {Setting::WsMaxConnectionsPerUser, "WS_MAX_CONNECTIONS_PER_USER", "10", Integer, 1, 10'000},
    {Setting::WsMaxSubscriptions, "WS_MAX_SUBSCRIPTIONS", "3000", Integer, 1, 100'000},
    {Setting::WsMaxMessageBytes, "WS_MAX_MESSAGE_BYTES", "16384", Integer, 512, 1'048'576},
    {Setting::WsMessageRate, "WS_MESSAGE_RATE", "50 per second", Rate},
    {Setting::WsHeartbeatSeconds, "WS_HEARTBEAT_SECONDS", "30", Integer, 1, 3'600},
    {Setting::WsIdleTimeoutSeconds, "WS_IDLE_TIMEOUT_SECONDS", "90", Integer, 2, 86'400},
    {Setting::WsUnsubscribedTimeoutSeconds, "WS_UNSUBSCRIBED_TIMEOUT_SECONDS", "600", Integer, 1, 86'400},
    {Setting::WsStalledTimeoutSeconds, "WS_STALLED_TIMEOUT_SECONDS", "20", Integer, 1, 25},
    {Setting::MaxRequestBodyBytes, "MAX_REQUEST_BODY_BYTES", "65536", Integer, 1'024, 16'777'216},
    {Setting::MaxUploadBytes, "MAX_UPLOAD_BYTES", "1048576", Integer, 1'024, 67'108'864},
    {Setting::TrafficLogRetentionDays, "TRAFFIC_LOG_RETENTION_DAYS", "30", Integer, 1, 3'650},
    {Setting::LogLevel, "LOG_LEVEL", "info", Choice, 0, 0, "debug,info,warning,error"},
    {Setting::LogFormat, "LOG_FORMAT", "text", Choice, 0, 0, "text,json"},
    {Setting::LogToFile, "LOG_TO_FILE", "true", Flag},
    {Setting::LogDir, "LOG_DIR", "logs", Path},
    {Setting::LogRetention, "LOG_RETENTION", "14", Integer, 1, 3'650},
    {Setting::SmtpCaFile, "SMTP_CA_FILE", "", Path},
    {Setting::PaperMarketHours, "PAPER_MARKET_HOURS", "always", Choice, 0, 0, "always,exchange"},
    {Setting::PaperSeed, "PAPER_SEED", "", Text},
    {Setting::InstrumentsFile, "INSTRUMENTS_FILE", "", Path},
    {Setting::IoThreads, "IO_THREADS", "0", Integer, 0, 64},
};

constexpr bool in_enumeration_order() {
  std::size_t at = 0;
  for (const SettingRow& row : kRows) {
    if (static_cast<std::size_t>(row.setting) != at++) return false;
  }
  return true;
}
static_assert(in_enumeration_order());

}  // namespace

std::span<const SettingRow> setting_table() { return kRows; }

const SettingRow& row_of(Setting setting) { return kRows[static_cast<std::size_t>(setting)]; }

}  // namespace kavach::app
