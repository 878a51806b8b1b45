#pragma once

// The settings of one run, validated: read from the environment, then from `kavach.env` in the data
// folder, then the default. A secret may also be in the file that `NAME_FILE` names, or a systemd
// credential (`$CREDENTIALS_DIRECTORY/name` in small letters); both win over `kavach.env`. Immutable after loading. Whatever is unknown or malformed stops the start
// with the name, the value and what is allowed; secrets are never echoed.

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/setting_table.h"
#include "core/civil_time.h"
#include "core/net_address.h"
#include "core/result.h"
#include "core/secret.h"

namespace kavach::app {

enum class SettingOrigin { Default, DataFolder, Environment, SecretFile, Credential, Generated };

/// Reads one environment variable; injected so that tests need no process environment.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
[[nodiscard]] Environment process_environment();

class Settings {
 public:
  /// Errors name the offending setting. `kavach.env` must not be readable by others (mode 0600).
  [[nodiscard]] static Result<Settings> load(const std::filesystem::path& data_folder,
                                             const Environment& environment);

  [[nodiscard]] const std::string& text(Setting setting) const;
  [[nodiscard]] bool flag(Setting setting) const;
  [[nodiscard]] std::int64_t integer(Setting setting) const;
  [[nodiscard]] std::chrono::seconds duration(Setting setting) const;
  [[nodiscard]] TimeOfDay time_of_day(Setting setting) const;
  [[nodiscard]] std::vector<Cidr> cidrs(Setting setting) const;
  [[nodiscard]] std::vector<std::string> words(Setting setting) const;
  /// Empty when not configured.
  [[nodiscard]] const Secret& secret(Setting setting) const;
  [[nodiscard]] SettingOrigin origin(Setting setting) const;
  [[nodiscard]] const std::filesystem::path& data_folder() const { return data_folder_; }

  /// Fills a secret that was generated for this data folder.
  void adopt_generated(Setting setting, Secret secret);

  /// Earlier generations of a secret, newest first: they open what a rotation has not reached yet.
  void adopt_older(Setting setting, Secret secret);
  [[nodiscard]] const std::vector<Secret>& older(Setting setting) const;

  struct Shown {
    std::string name;
    std::string value;   ///< secrets masked
    std::string origin;  ///< `default`, `kavach.env`, `environment`, …
  };
  [[nodiscard]] std::vector<Shown> list() const;
  /// The same, a line each.
  [[nodiscard]] std::string print() const;

 private:
  struct Value {
    std::string text;
    Secret secret;
    std::vector<Secret> older;
    SettingOrigin origin{SettingOrigin::Default};
  };

  Result<void> take(const SettingRow& row, std::string raw, SettingOrigin origin);

  std::filesystem::path data_folder_;
  std::map<Setting, Value> values_;
};

/// `45s`, `30m`, `12h`, `7d`; nothing on anything else.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace kavach::app
