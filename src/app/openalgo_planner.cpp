#include <algorithm>

#include "app/defence_settings.h"
#include "app/openalgo_plan.h"
#include "core/civil_time.h"
#include "core/text.h"
#include "crypto/totp.h"

namespace kavach::app {
namespace {

// `2025-11-02 10:00:00.000000`, in UTC.
std::optional<TimePoint> time_of(std::string_view text) {
  if (text.size() < 19) return std::nullopt;
  const auto date = parse_date(text.substr(0, 10));
  const auto hour = parse_int(text.substr(11, 2));
  const auto minute = parse_int(text.substr(14, 2));
  const auto second = parse_int(text.substr(17, 2));
  if (!date || !hour || !minute || !second) return std::nullopt;
  return TimePoint{std::chrono::sys_days{*date}} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second};
}

// Names come from the other gateway and go to a terminal.
std::string one_line(std::string_view text) {
  std::string shown{text.substr(0, 80)};
  std::ranges::replace_if(shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return shown;
}

class Planner {
 public:
  Planner(Foundation& base, const OpenAlgoTables& tables, const OpenAlgoSecrets& secrets, const crypto::KeyRing& ring)
      : base_{base}, tables_{tables}, secrets_{secrets}, hasher_{ring, base.random}, pepper_id_{crypto::key_id(secrets.pepper())} {}

  [[nodiscard]] Result<void> prepare(const std::function<void(const std::string&)>& progress) {
    progress("checking " + std::to_string(tables_.users.size()) + " users and " +
             std::to_string(tables_.api_keys.size()) + " API keys");
    for (const auto& row : tables_.users) {
      if (auto planned = plan_user(row); !planned) return planned;
    }
    ensure_owner();
    for (const auto& row : tables_.api_keys) plan_key(row);
    // A second run must not undo what was changed here since the first.
    const bool adds_users = std::ranges::any_of(plan_.people, [](const ImportedPerson& person) { return !person.known; });
    if (!adds_users) {
      leave("settings", "its users are all here already, so the settings here stand");
    } else if (!tables_.settings.empty()) {
      plan_settings(tables_.settings.front());
    }
    for (const auto& row : tables_.bans) plan_ban(row);
    if (tables_.broker_tokens > 0) {
      leave(std::to_string(tables_.broker_tokens) + " broker logins", "they end every day; connect the broker again");
    }
    if (tables_.login_attempts > 0) {
      leave(std::to_string(tables_.login_attempts) + " login attempts", "the audit chain records only what it saw itself");
    }
    return {};
  }

  [[nodiscard]] ImportPlan plan() && { return std::move(plan_); }

 private:
  void take(std::string what) { plan_.report.taken.push_back(std::move(what)); }
  void leave(const std::string& what, const std::string& why) { plan_.report.not_taken.push_back(what + ": " + why); }

  [[nodiscard]] Result<void> plan_user(const OpenAlgoRow& row) {
    ImportedPerson person;
    identity::NewUser& user = person.account.user;
    user.username = text_of(row, "username");
    user.email = text_of(row, "email");
    user.role = flag_of(row, "is_admin") ? identity::Role::Owner : identity::Role::Trader;
    person.old_id = text_of(row, "id");
    const std::string shown = "user " + one_line(user.username);
    const std::string hash = text_of(row, "password_hash");
    for (const auto& valid : {identity::check_username(user.username), identity::check_email(user.email)}) {
      if (valid) continue;
      leave(shown, valid.error().message);
      return {};
    }
    if (!hash.starts_with("$argon2")) {
      leave(shown, "the password is not an Argon2 hash; add the user and set a password");
      return {};
    }
    user.password_hash = crypto::PasswordHasher::imported(pepper_id_, hash);
    auto read = base_.database->read([&](store::Reader& reader) -> Result<void> {
      auto found = identity::AccountImport::find(reader, user.username, user.email);
      if (!found) return pass_on(found);
      person.known = *found;
      return {};
    });
    if (!read) return read;
    if (person.known) {
      leave(shown, "an account of that name or mail address is here already and stays as it is");
    } else {
      person.account.totp = totp_of(row, shown);
      take(shown + " (" + std::string{identity::name_of(user.role)} + (person.account.totp ? ", with TOTP)" : ")"));
    }
    plan_.people.push_back(std::move(person));
    return {};
  }

  // Plain base32, or encrypted like the API keys.
  std::optional<Secret> totp_of(const OpenAlgoRow& row, const std::string& shown) {
    Secret text{text_of(row, "totp_secret")};
    if (text.empty()) return std::nullopt;
    if (text.reveal().starts_with("gAAAA")) {
      auto opened = secrets_.open(text.reveal());
      text = opened ? std::move(*opened) : Secret{"!"};
    }
    auto decoded = crypto::base32_decode(text.reveal());
    if (!decoded || decoded->empty()) {
      leave("TOTP of " + shown, "the secret cannot be read; enrol again");
      return std::nullopt;
    }
    return decoded;
  }

  // A gateway without an owner could not be administered.
  void ensure_owner() {
    const bool owned = base_.users->has_owner() || std::ranges::any_of(plan_.people, [](const ImportedPerson& person) {
      return !person.known && person.account.user.role == identity::Role::Owner;
    });
    const auto first = std::ranges::find_if(plan_.people, [](const ImportedPerson& person) { return !person.known; });
    if (!owned && first != plan_.people.end()) first->account.user.role = identity::Role::Owner;
  }

  // The owner of a key is named by his user name, in some versions by his id.
  void plan_key(const OpenAlgoRow& row) {
    const std::string owner = text_of(row, "user_id");
    const std::string shown = "API key of " + one_line(owner);
    auto person = std::ranges::find_if(plan_.people, [&](const ImportedPerson& p) { return p.account.user.username == owner; });
    if (person == plan_.people.end()) person = std::ranges::find(plan_.people, owner, &ImportedPerson::old_id);
    if (person == plan_.people.end()) return leave(shown, "its user was not taken over");
    if (person->known && base_.users->find(*person->known)->role == identity::Role::Viewer) {
      return leave(shown, "its user is a viewer here, and the key can trade");
    }
    auto key = secrets_.open(text_of(row, "api_key_encrypted"));
    if (!key) return leave(shown, key.error().message);
    std::string stored = crypto::PasswordHasher::imported(pepper_id_, text_of(row, "api_key_hash"));
    const auto verdict = hasher_.verify(*key, stored);
    if (!verdict || !verdict->matches) return leave(shown, "its hash does not belong to it under this pepper");
    if (text_of(row, "order_mode") == "semi_auto") leave("semi-automatic mode of " + shown, "orders are placed at once here");
    person->keys.push_back({"openalgo", std::move(*key), std::move(stored)});
    take(shown);
  }

  void plan_settings(const OpenAlgoRow& row) {
    plan_.analyze = flag_of(row, "analyze_mode");
    take(std::string{"mode: "} + (plan_.analyze ? "analyze" : "live"));
    plan_mail(row);
    const auto change = [&](const char* column, const char* name) {
      const auto value = parse_int(text_of(row, column));
      if (!value) return;
      json::object one{{name, *value}};
      // A duration of 0 meant for ever there; here bans become permanent by repetition.
      if (!guard::with_changes(guard_values(base_.settings), one)) {
        return leave(std::string{"setting "} + column, "its value " + std::to_string(*value) + " is not allowed here");
      }
      plan_.guard_changes[name] = *value;
      take(std::string{"setting "} + name);
    };
    change("security_404_threshold", "not_found_threshold");
    change("security_404_ban_duration", "not_found_ban_hours");
    change("security_api_threshold", "invalid_api_key_threshold");
    change("security_api_ban_duration", "invalid_api_key_ban_hours");
    change("security_repeat_offender_limit", "repeat_offender_limit");
  }

  void plan_mail(const OpenAlgoRow& row) {
    ImportedMail mail;
    mail.settings.host = text_of(row, "smtp_server");
    if (mail.settings.host.empty()) return;
    mail.settings.port = static_cast<int>(parse_int(text_of(row, "smtp_port")).value_or(587));
    mail.settings.username = text_of(row, "smtp_username");
    mail.settings.from = text_of(row, "smtp_from_email");
    mail.settings.security = mail.settings.port == 465 ? identity::MailSecurity::Tls : identity::MailSecurity::StartTls;
    if (!identity::check_email(mail.settings.from)) {
      if (!identity::check_email(mail.settings.username)) return leave("mail settings", "they have no sender address");
      mail.settings.from = mail.settings.username;
    }
    if (const std::string sealed = text_of(row, "smtp_password_encrypted"); !sealed.empty()) {
      auto password = secrets_.open_mail_password(sealed);
      if (!password) return leave("mail settings", "the password cannot be decrypted; enter them again");
      mail.password = std::move(*password);
    }
    plan_.mail = std::move(mail);
    take("mail settings");
  }

  void plan_ban(const OpenAlgoRow& row) {
    const std::string address = text_of(row, "ip_address");
    const std::string shown = "ban of " + one_line(address);
    const auto network = guard::parse_ban_network(address);
    if (!network || IpAddress::parse(address).value_or(IpAddress{}).is_loopback()) {
      return leave(shown, "it is no address that can be banned");
    }
    guard::BanRequest request{.network = *network, .kind = guard::BanKind::Manual, .reason = text_of(row, "ban_reason"),
                              .term = guard::Permanent{}, .actor = "cli", .request_id = ""};
    if (request.reason.empty()) request.reason = "imported";
    const auto ends = time_of(text_of(row, "expires_at"));
    if (!flag_of(row, "is_permanent") && ends) {
      const auto left = std::chrono::duration_cast<std::chrono::seconds>(*ends - base_.clock.now());
      if (left < guard::kBanMin) return leave(shown, "it has expired");
      request.term = std::min(left, guard::kBanMax);
    }
    plan_.bans.push_back(std::move(request));
    take(shown);
  }

  Foundation& base_;
  const OpenAlgoTables& tables_;
  const OpenAlgoSecrets& secrets_;
  const crypto::PasswordHasher hasher_;
  const std::string pepper_id_;
  ImportPlan plan_;
};

}  // namespace

Result<ImportPlan> plan_import(Foundation& base, const OpenAlgoTables& tables, const OpenAlgoSecrets& secrets,
                               const crypto::KeyRing& ring, const std::function<void(const std::string&)>& progress) {
  Planner planner{base, tables, secrets, ring};
  if (auto prepared = planner.prepare(progress); !prepared) return pass_on(prepared);
  return std::move(planner).plan();
}

}  // namespace kavach::app
