#pragma once

// Every setting there is: its name, default, kind and what is allowed. `kavach serve --print-settings`,
// the parser and docs/settings.md's test all read this one table.

#include <cstdint>
#include <span>
#include <string_view>

namespace kavach::app {

enum class SettingKind {
  Text,
  Flag,       ///< true or false
  Integer,    ///< within [min, max]
  Duration,   ///< `30m`, `12h`, `7d`, `45s`, within [min, max] seconds
  Rate,       ///< `N per second|minute|hour|day`, several joined by `;`
  TimeOfDay,  ///< HH:MM
  Zone,       ///< a name of the tz database
  Cidrs,      ///< comma-separated networks or addresses
  Words,      ///< comma-separated texts
  Address,    ///< an IP address
  HostPort,   ///< address:port, or empty
  Origin,     ///< http(s)://host[:port]
  Path,
  Choice,     ///< one of `choices`
  Secret,     ///< 32 characters or more, never shown
};

enum class Setting {
  HostServer, ListenAddress, ListenPort, WebsocketPort, MetricsAddress, TlsCertFile, TlsKeyFile,
  TrustedProxies, ProxyProtocol, AllowedHosts, AllowList, DatabaseUrl, SharedStateUrl,
  AppKey, ApiKeyPepper, FernetSalt,
  SessionExpiryTime, SessionTimezone, DisableSessionExpiry, SessionIdleTimeout, MaxSessionsPerUser,
  ApiRateLimit, OrderRateLimit, SmartOrderRateLimit, GreeksRateLimit, LoginRateLimitMin,
  LoginRateLimitHour, ResetRateLimit, WebhookRateLimit, ConsoleRateLimit, ConsoleWriteRateLimit,
  ConsoleSensitiveRateLimit, DefaultRateLimit,
  CorsEnabled, CorsAllowedOrigins, CspEnabled, CsrfEnabled, ReferrerPolicy, PermissionsPolicy,
  AutoBanEnabled, InvalidApiKeyThreshold, InvalidApiKeyBan, NotFoundThreshold, NotFoundBan,
  FailedLoginThreshold, FailedLoginBan, RepeatOffenderLimit,
  WsAuthGraceSeconds, WsMaxConnectionsPerUser, WsMaxSubscriptions, WsMaxMessageBytes, WsMessageRate,
  WsHeartbeatSeconds, WsIdleTimeoutSeconds, WsUnsubscribedTimeoutSeconds, WsStalledTimeoutSeconds,
  MaxRequestBodyBytes, MaxUploadBytes,
  TrafficLogRetentionDays, LogLevel, LogFormat, LogToFile, LogDir, LogRetention,
  SmtpCaFile, PaperMarketHours, PaperSeed, InstrumentsFile, IoThreads,
};

struct SettingRow {
  Setting setting;
  std::string_view name;
  std::string_view fallback;
  SettingKind kind;
  std::int64_t min{0};
  std::int64_t max{0};
  std::string_view choices{};  ///< comma-separated
};

[[nodiscard]] std::span<const SettingRow> setting_table();
[[nodiscard]] const SettingRow& row_of(Setting setting);

}  // namespace kavach::app
