#include "app/import_openalgo.h"

#include <algorithm>

#include "app/defence_settings.h"
#include "app/foundation.h"
#include "app/openalgo_source.h"
#include "app/secrets_file.h"
#include "core/civil_time.h"
#include "core/text.h"
#include "crypto/totp.h"
#include "guard/ban_ledger.h"
#include "identity/account_import.h"
#include "store/folder_lock.h"

namespace kavach::app {
namespace {

const identity::Actor kImporter{"cli", "", ""};

/// A user with what is his; `known` when an account of that name is here already.
struct Person {
  identity::ImportedAccount account;
  std::string old_id;
  std::optional<identity::UserId> known;
  std::vector<identity::ImportedKey> keys;
};

struct Mail {
  identity::MailSettings settings;
  std::optional<Secret> password;
};

/// What the transaction will write.
struct Plan {
  std::vector<Person> people;
  std::optional<Mail> mail;
  json::object guard_changes;
  bool analyze{false};
  std::vector<guard::BanRequest> bans;
};

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

class Importer {
 public:
  Importer(Foundation& base, const OpenAlgoTables& tables, const OpenAlgoSecrets& secrets, crypto::KeyRing ring)
      : base_{base},
        tables_{tables},
        secrets_{secrets},
        ring_{std::move(ring)},
        hasher_{ring_, base.random},
        pepper_id_{crypto::key_id(secrets.pepper())} {}

  [[nodiscard]] Result<void> prepare(const std::function<void(const std::string&)>& progress) {
    progress("checking " + std::to_string(tables_.users.size()) + " users and " +
             std::to_string(tables_.api_keys.size()) + " API keys");
    for (const auto& row : tables_.users) {
      if (auto planned = plan_user(row); !planned) return planned;
    }
    ensure_owner();
    for (const auto& row : tables_.api_keys) plan_key(row);
    // A second run must not undo what was changed here since the first.
    const bool adds_users = std::ranges::any_of(plan_.people, [](const Person& person) { return !person.known; });
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

  [[nodiscard]] Result<void> write(store::Transaction& transaction) {
    const identity::AccountImport accounts{
        {*base_.audit, *base_.cipher, crypto::HmacSha256{ring_.derive(crypto::Purpose::ApiKeyDigest)}, kImporter,
         base_.clock.now()}};
    for (const Person& person : plan_.people) {
      if (auto written = write_person(transaction, accounts, person); !written) return written;
    }
    if (plan_.mail) {
      auto added = accounts.add_mail(transaction, plan_.mail->settings, plan_.mail->password);
      if (!added) return pass_on(added);
      if (!*added) leave("mail settings", "mail is set up here already");
    }
    if (!plan_.guard_changes.empty()) {
      guard::GuardSettings settings{guard_values(base_.settings)};
      if (auto loaded = settings.load(transaction); !loaded) return loaded;
      auto changed = settings.change(transaction, *base_.audit, plan_.guard_changes, kImporter.name, "", "");
      if (!changed) return changed;
    }
    return write_bans(transaction);
  }

  [[nodiscard]] ImportReport report() && { return std::move(report_); }

 private:
  void take(std::string what) { report_.taken.push_back(std::move(what)); }
  void leave(const std::string& what, const std::string& why) { report_.not_taken.push_back(what + ": " + why); }

  [[nodiscard]] Result<void> plan_user(const OpenAlgoRow& row) {
    Person person;
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
    const bool owned = base_.users->has_owner() || std::ranges::any_of(plan_.people, [](const Person& person) {
      return !person.known && person.account.user.role == identity::Role::Owner;
    });
    const auto first = std::ranges::find_if(plan_.people, [](const Person& person) { return !person.known; });
    if (!owned && first != plan_.people.end()) first->account.user.role = identity::Role::Owner;
  }

  // The owner of a key is named by his user name, in some versions by his id.
  void plan_key(const OpenAlgoRow& row) {
    const std::string owner = text_of(row, "user_id");
    const std::string shown = "API key of " + one_line(owner);
    auto person = std::ranges::find_if(plan_.people, [&](const Person& p) { return p.account.user.username == owner; });
    if (person == plan_.people.end()) person = std::ranges::find(plan_.people, owner, &Person::old_id);
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
    Mail mail;
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
                              .term = guard::Permanent{}, .actor = kImporter.name, .request_id = ""};
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

  [[nodiscard]] Result<void> write_person(store::Transaction& transaction, const identity::AccountImport& accounts,
                                          const Person& person) {
    identity::UserId id = person.known.value_or(0);
    if (!person.known) {
      auto added = accounts.add(transaction, person.account);
      if (!added) return pass_on(added);
      id = *added;
      if (plan_.analyze) {
        auto set = transaction.execute("INSERT INTO api_modes (user_id, is_analyze) VALUES (?, 1) ON CONFLICT DO NOTHING",
                                       {id});
        if (!set) return pass_on(set);
      }
    }
    for (const auto& key : person.keys) {
      if (auto added = accounts.add_key(transaction, id, key); !added) return pass_on(added);
    }
    return {};
  }

  [[nodiscard]] Result<void> write_bans(store::Transaction& transaction) {
    guard::BanLedger ledger{*base_.audit};
    const TimePoint now = base_.clock.now();
    for (const auto& request : plan_.bans) {
      auto known = guard::BanLedger::find(transaction, request.network, now);
      if (!known) return pass_on(known);
      if (*known) continue;
      if (auto added = ledger.add(transaction, request, now); !added) return pass_on(added);
    }
    return {};
  }

  // Names come from the other gateway and go to a terminal.
  static std::string one_line(std::string_view text) {
    std::string shown{text.substr(0, 80)};
    std::ranges::replace_if(shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    return shown;
  }

  Foundation& base_;
  const OpenAlgoTables& tables_;
  const OpenAlgoSecrets& secrets_;
  const crypto::KeyRing ring_;
  const crypto::PasswordHasher hasher_;
  const std::string pepper_id_;
  Plan plan_;
  ImportReport report_;
};

// Before the rows that need it: a pepper too many harms nothing, one too few locks everybody out.
Result<void> keep_pepper(const std::filesystem::path& data_folder, const Secret& pepper) {
  auto secrets = SecretsFile::load(data_folder);
  if (!secrets) return pass_on(secrets);
  secrets->add_older(Setting::ApiKeyPepper, pepper);
  return secrets->save();
}

}  // namespace

Result<ImportReport> import_openalgo(const std::filesystem::path& data_folder, const ImportOptions& options,
                                     const std::function<void(const std::string&)>& progress) {
  auto secrets = OpenAlgoSecrets::load(options.env);
  if (!secrets) return pass_on(secrets);
  auto base = lay_foundation(data_folder, RunAs::Command);
  if (!base) return pass_on(base);
  auto lock = store::FolderLock::take(data_folder);
  if (!lock) return pass_on(lock);
  progress("reading " + options.database);
  auto tables = read_openalgo(options.database, options.logs, data_folder);
  if (!tables) return pass_on(tables);
  if (tables->users.empty()) {
    return fail(ErrorCode::InvalidInput, options.database + " has no users; give the openalgo.db of the install.");
  }
  (*base)->settings.adopt_older(Setting::ApiKeyPepper, secrets->pepper().duplicate());
  auto ring = key_ring_of((*base)->settings);
  if (!ring) return pass_on(ring);
  Importer importer{**base, *tables, *secrets, std::move(*ring)};
  if (auto prepared = importer.prepare(progress); !prepared) return pass_on(prepared);
  if (options.dry_run) return std::move(importer).report();

  progress("writing");
  if (auto kept = keep_pepper(data_folder, secrets->pepper()); !kept) return pass_on(kept);
  auto written = (*base)->database->write_and_wait(
      [&](store::Transaction& transaction) { return importer.write(transaction); });
  if (!written) return pass_on(written);
  return std::move(importer).report();
}

}  // namespace kavach::app
