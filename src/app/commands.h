#pragma once

// The commands of the `kavach` program besides `serve`. Each lays the foundation on the data folder,
// does one thing and returns the process's exit code: 0 done, 1 failed (one line on standard error
// that says what to do). They may run beside a gateway, which notices within a second.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kavach::app {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;

struct SetupOptions {
  std::string username;
  std::string email;
};
int command_setup(const std::filesystem::path& data, const SetupOptions& options);

struct UserAddOptions {
  std::string username;
  std::string email;
  std::string role;
};
int command_user_add(const std::filesystem::path& data, const UserAddOptions& options);
int command_user_list(const std::filesystem::path& data);
int command_user_disable(const std::filesystem::path& data, const std::string& username);
int command_user_reset_password(const std::filesystem::path& data, const std::string& username);
int command_user_reset_second_factor(const std::filesystem::path& data, const std::string& username);

struct ApiKeyOptions {
  std::string user;
  std::string name;
  std::string scope;
  std::string expires;  ///< a duration, or empty
  std::vector<std::string> allow;
};
int command_apikey_create(const std::filesystem::path& data, const ApiKeyOptions& options);
int command_apikey_list(const std::filesystem::path& data, const std::string& user);
int command_apikey_revoke(const std::filesystem::path& data, const std::string& id_or_name);

struct BanOptions {
  std::string address;
  std::string duration;
  std::string reason;
};
int command_ban(const std::filesystem::path& data, const BanOptions& options);
int command_unban(const std::filesystem::path& data, const std::string& address);
int command_bans(const std::filesystem::path& data);
int command_allow_add(const std::filesystem::path& data, const std::string& cidr);
int command_allow_remove(const std::filesystem::path& data, const std::string& cidr);
int command_allow_list(const std::filesystem::path& data);

struct KillSwitchOptions {
  bool on{true};
  std::string reason;
  bool yes{false};  ///< the release is confirmed
};
int command_kill_switch(const std::filesystem::path& data, const KillSwitchOptions& options);
int command_kill_switch_status(const std::filesystem::path& data);

int command_audit_verify(const std::filesystem::path& data, const std::string& head);
struct AuditExportOptions {
  std::string from;
  std::string to;
  std::string format;
};
int command_audit_export(const std::filesystem::path& data, const AuditExportOptions& options);

int command_backup(const std::filesystem::path& data, const std::string& file);
int command_restore(const std::filesystem::path& data, const std::string& file);

struct RotateOptions {
  std::string only;  ///< `app`, `pepper`, `field`, or empty for all three
};
int command_keys_list(const std::filesystem::path& data);
int command_keys_rotate(const std::filesystem::path& data, const RotateOptions& options);

struct ImportOptions {
  std::string database;
  std::string logs;  ///< may be empty
  std::string env;
  bool dry_run{false};
};
int command_import_openalgo(const std::filesystem::path& data, const ImportOptions& options);

int command_doctor(const std::filesystem::path& data);

struct ServeOptions {
  bool print_settings{false};
};
int command_serve(const std::filesystem::path& data, const ServeOptions& options);

}  // namespace kavach::app
