#include "app/settings.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "app/dotenv.h"
#include "core/check.h"
#include "core/text.h"
#include "guard/rate.h"

namespace kavach::app {
namespace {

constexpr std::size_t kSecretLengthMin = 32;
constexpr std::size_t kFileBytesMax = 1 << 20;

std::string allowed(const SettingRow& row) {
  const auto range = [&](const char* what) {
    return std::string{what} + " from " + std::to_string(row.min) + " to " + std::to_string(row.max);
  };
  switch (row.kind) {
    case SettingKind::Flag: return "true or false";
    case SettingKind::Integer: return range("a whole number");
    case SettingKind::Duration: return range("a duration such as 30m, 12h or 7d, in seconds");
    case SettingKind::Rate: return "a rate such as 10 per second or 5 per minute;25 per hour";
    case SettingKind::TimeOfDay: return "a time of day as HH:MM";
    case SettingKind::Zone: return "a time zone name such as Asia/Kolkata";
    case SettingKind::Cidrs: return "networks such as 10.0.0.0/8,192.0.2.7 without host bits";
    case SettingKind::Address: return "an IP address such as 127.0.0.1";
    case SettingKind::HostPort: return "an address and port such as 127.0.0.1:9100, or nothing";
    case SettingKind::Origin: return "an origin such as https://trade.example.com, without a path";
    case SettingKind::Choice: return "one of " + std::string{row.choices};
    case SettingKind::Secret: return "32 characters or more";
    case SettingKind::Text:
    case SettingKind::Words:
    case SettingKind::Path: return "text without control characters";
  }
  return "";
}

bool is_origin(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return false;
  }
  return !rest.empty() && rest.find_first_of("/?#@ \\") == std::string_view::npos;
}

bool is_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto port = parse_int(text.substr(colon + 1));
  return IpAddress::parse(text.substr(0, colon)) && port && *port >= 0 && *port <= 65'535;
}

bool all_cidrs(std::string_view text) {
  const auto parts = split(text, ',');
  return std::ranges::all_of(parts, [](std::string_view part) { return Cidr::parse(trim(part)).has_value(); });
}

bool is_allowed(const SettingRow& row, std::string_view text) {
  const auto within = [&](std::int64_t value) { return value >= row.min && value <= row.max; };
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) return false;
  switch (row.kind) {
    case SettingKind::Flag: return text == "true" || text == "false";
    case SettingKind::Integer: {
      const auto value = parse_int(text);
      return value && within(*value);
    }
    case SettingKind::Duration: {
      const auto value = parse_duration(text);
      return value && within(value->count());
    }
    case SettingKind::Rate: return guard::Rates::parse(text).has_value();
    case SettingKind::TimeOfDay: return kavach::TimeOfDay::parse(text).has_value();
    case SettingKind::Zone: return TimeZone::find(text).has_value();
    case SettingKind::Cidrs: return text.empty() || all_cidrs(text);
    case SettingKind::Address: return IpAddress::parse(text).has_value();
    case SettingKind::HostPort: return text.empty() || is_host_port(text);
    case SettingKind::Origin: return is_origin(text);
    case SettingKind::Choice: {
      const auto choices = split(row.choices, ',');
      return std::ranges::find(choices, text) != choices.end();
    }
    case SettingKind::Secret: return text.empty() || text.size() >= kSecretLengthMin;
    case SettingKind::Text:
    case SettingKind::Words:
    case SettingKind::Path: return true;
  }
  return false;
}

// systemd lets the service's user read a credential through an access list, which shows as the group's bit.
constexpr mode_t kCredentialBits = 037;

Result<std::string> read_private_file(const std::filesystem::path& path, mode_t forbidden = 077) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return fail(ErrorCode::InvalidInput, "Cannot read " + path.string() + "; check that it exists.");
  }
  if ((info.st_mode & forbidden) != 0) {
    return fail(ErrorCode::InvalidInput,
                path.string() + " can be read by others; run: chmod 600 " + path.string());
  }
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file.good() && !file.eof()) {
    return fail(ErrorCode::InvalidInput, "Cannot read " + path.string() + ".");
  }
  if (text.size() > kFileBytesMax) {
    return fail(ErrorCode::InvalidInput, path.string() + " is larger than 1 MiB.");
  }
  return text;
}

/// Where a service manager put this secret for the process alone, named like the setting in small letters.
std::optional<std::filesystem::path> credential_of(const SettingRow& row, const Environment& environment) {
  const auto folder = environment("CREDENTIALS_DIRECTORY");
  if (row.kind != SettingKind::Secret || !folder) return std::nullopt;
  const auto path = std::filesystem::path{*folder} / to_lower(row.name);
  std::error_code unreadable;
  if (!std::filesystem::exists(path, unreadable)) return std::nullopt;
  return path;
}

Result<std::map<std::string, std::string>> read_env_file(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::map<std::string, std::string>{};
  auto text = read_private_file(path);
  if (!text) return pass_on(text);
  auto values = parse_dotenv(*text);
  wipe(*text);
  if (!values) return fail(ErrorCode::InvalidInput, path.string() + ": " + values.error().message);
  return values;
}

// `BROKER_<NAME>_CLIENT_ID` and its kin have no fixed names; everything else must be in the table.
bool is_known(std::string_view name) {
  if (name.starts_with("BROKER_")) return true;
  const std::string_view plain = name.ends_with("_FILE") ? name.substr(0, name.size() - 5) : name;
  return std::ranges::any_of(setting_table(), [&](const SettingRow& row) {
    return row.name == name || (row.kind == SettingKind::Secret && row.name == plain);
  });
}

const char* name_of(SettingOrigin origin) {
  switch (origin) {
    case SettingOrigin::Default: return "default";
    case SettingOrigin::DataFolder: return "kavach.env";
    case SettingOrigin::Environment: return "environment";
    case SettingOrigin::SecretFile: return "secret file";
    case SettingOrigin::Credential: return "credential";
    case SettingOrigin::Generated: return "generated";
  }
  return "default";
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto count = parse_int(text.substr(0, text.size() - 1));
  if (!count || *count < 0 || *count > 1'000'000'000) return std::nullopt;
  switch (text.back()) {
    case 's': return std::chrono::seconds{*count};
    case 'm': return std::chrono::minutes{*count};
    case 'h': return std::chrono::hours{*count};
    case 'd': return std::chrono::days{*count};
    default: return std::nullopt;
  }
}

Result<Settings> Settings::load(const std::filesystem::path& data_folder,
                                const Environment& environment) {
  Settings settings;
  settings.data_folder_ = data_folder;
  auto file = read_env_file(data_folder / "kavach.env");
  if (!file) return pass_on(file);
  for (const auto& [name, value] : *file) {
    if (!is_known(name)) {
      return fail(ErrorCode::InvalidInput, "kavach.env: there is no setting " + name + "; remove it.");
    }
  }
  for (const SettingRow& row : setting_table()) {
    const std::string name{row.name};
    Result<void> taken{};
    const auto secret_file = row.kind == SettingKind::Secret ? environment(name + "_FILE") : std::nullopt;
    if (auto value = environment(name)) {
      taken = settings.take(row, std::move(*value), SettingOrigin::Environment);
    } else if (secret_file) {
      auto content = read_private_file(*secret_file);
      if (!content) return fail(ErrorCode::InvalidInput, name + "_FILE: " + content.error().message);
      taken = settings.take(row, std::string{trim(*content)}, SettingOrigin::SecretFile);
      wipe(*content);
    } else if (const auto credential = credential_of(row, environment)) {
      auto content = read_private_file(*credential, kCredentialBits);
      if (!content) return fail(ErrorCode::InvalidInput, name + ": " + content.error().message);
      taken = settings.take(row, std::string{trim(*content)}, SettingOrigin::Credential);
      wipe(*content);
    } else if (const auto found = file->find(name); found != file->end()) {
      taken = settings.take(row, std::move(found->second), SettingOrigin::DataFolder);
    } else {
      taken = settings.take(row, std::string{row.fallback}, SettingOrigin::Default);
    }
    if (!taken) return pass_on(taken);
  }
  // Whoever only moves the port gets links that still lead here.
  Value& host = settings.values_[Setting::HostServer];
  if (host.origin == SettingOrigin::Default && settings.integer(Setting::ListenPort) != 0) {
    host.text = "http://127.0.0.1:" + settings.text(Setting::ListenPort);
  }
  return settings;
}

Result<void> Settings::take(const SettingRow& row, std::string raw, SettingOrigin origin) {
  const bool is_secret = row.kind == SettingKind::Secret;
  if (!is_allowed(row, raw)) {
    const std::string shown = is_secret ? "the given value" : "\"" + raw.substr(0, 100) + "\"";
    if (is_secret) wipe(raw);
    return fail(ErrorCode::InvalidInput, std::string{row.name} + ": " + shown +
                                             " is not allowed; it takes " + allowed(row) + ".");
  }
  Value& value = values_[row.setting];
  value.origin = origin;
  if (is_secret) {
    value.secret = Secret::take(std::move(raw));
  } else {
    value.text = std::move(raw);
  }
  return {};
}

void Settings::adopt_generated(Setting setting, Secret secret) {
  values_[setting].secret = std::move(secret);
  values_[setting].origin = SettingOrigin::Generated;
}

void Settings::adopt_older(Setting setting, Secret secret) {
  values_[setting].older.push_back(std::move(secret));
}

const std::vector<Secret>& Settings::older(Setting setting) const { return values_.at(setting).older; }

const std::string& Settings::text(Setting setting) const { return values_.at(setting).text; }
bool Settings::flag(Setting setting) const { return text(setting) == "true"; }
std::int64_t Settings::integer(Setting setting) const { return *parse_int(text(setting)); }
std::chrono::seconds Settings::duration(Setting setting) const { return *parse_duration(text(setting)); }
TimeOfDay Settings::time_of_day(Setting setting) const { return *TimeOfDay::parse(text(setting)); }
const Secret& Settings::secret(Setting setting) const { return values_.at(setting).secret; }
SettingOrigin Settings::origin(Setting setting) const { return values_.at(setting).origin; }

std::vector<Cidr> Settings::cidrs(Setting setting) const {
  std::vector<Cidr> out;
  for (const std::string& word : words(setting)) out.push_back(*Cidr::parse(word));
  return out;
}

std::vector<std::string> Settings::words(Setting setting) const {
  std::vector<std::string> out;
  for (const std::string_view part : split(text(setting), ',')) {
    if (const auto word = trim(part); !word.empty()) out.emplace_back(word);
  }
  return out;
}

std::vector<Settings::Shown> Settings::list() const {
  std::vector<Shown> all;
  for (const SettingRow& row : setting_table()) {
    const Value& value = values_.at(row.setting);
    const bool is_secret = row.kind == SettingKind::Secret;
    const std::string shown = is_secret ? (value.secret.empty() ? "" : "********") : value.text;
    all.push_back({std::string{row.name}, shown, name_of(value.origin)});
  }
  return all;
}

std::string Settings::print() const {
  std::string out;
  for (const Shown& shown : list()) out += shown.name + "=" + shown.value + "  # " + shown.origin + "\n";
  return out;
}

}  // namespace kavach::app
