#include "identity/account_import.h"

#include "core/text.h"
#include "identity/change_counters.h"
#include "identity/row_time.h"
#include "identity/sealed_places.h"

namespace kavach::identity {
namespace {

Result<std::int64_t> number(store::Transaction& transaction, std::string_view sql, store::Params params) {
  std::int64_t found = 0;
  auto read = transaction.query(sql, params, [&](const store::Row& row) { found = row.integer(0); });
  if (!read) return pass_on(read);
  return found;
}

Result<void> done(Result<std::int64_t> changed) {
  if (!changed) return pass_on(changed);
  return {};
}

std::string hint_of(std::string_view key) {
  if (key.size() < 16) return "…";
  return std::string{key.substr(0, 4)} + "…" + std::string{key.substr(key.size() - 2)};
}

}  // namespace

Result<std::optional<UserId>> AccountImport::find(store::Reader& reader, const std::string& username,
                                                  const std::string& email) {
  std::optional<UserId> found;
  auto read = reader.query("SELECT id FROM users WHERE username_folded = ? OR email_folded = ?",
                           {to_lower(username), to_lower(email)}, [&](const store::Row& row) { found = row.integer(0); });
  if (!read) return pass_on(read);
  return found;
}

Result<UserId> AccountImport::add(store::Transaction& transaction, const ImportedAccount& account) const {
  const NewUser& user = account.user;
  const auto last = number(transaction, "SELECT COALESCE(MAX(id), 0) FROM users", {});
  if (!last) return pass_on(last);
  const UserId id = *last + 1;
  auto inserted = done(transaction.execute(
      "INSERT INTO users (id, username, username_folded, email, email_folded, role, password_hash, enabled, created_at, "
      "password_changed_at, required_for_login, required_for_reset, required_for_sensitive) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, 1, 1, 1)",
      {id, user.username, to_lower(user.username), user.email, to_lower(user.email), name_of(user.role),
       user.password_hash, time_param(parts_.now), time_param(parts_.now)}));
  if (!inserted) return pass_on(inserted);
  if (account.totp) {
    auto enrolled = done(transaction.execute(
        "INSERT INTO user_totp (user_id, sealed_secret, last_step) VALUES (?, ?, 0)",
        {id, parts_.cipher.seal(SealedPlace::totp_secret(id).place(), *account.totp)}));
    if (!enrolled) return pass_on(enrolled);
    if (auto bumped = bump_counter(transaction, kSecondFactorsTopic); !bumped) return pass_on(bumped);
  }
  if (auto bumped = bump_counter(transaction, kUsersTopic); !bumped) return pass_on(bumped);
  auto recorded = parts_.audit.append(transaction, parts_.actor.event("user.imported", {{"username", user.username},
                                                                                        {"role", name_of(user.role)},
                                                                                        {"totp", account.totp.has_value()}}));
  if (!recorded) return pass_on(recorded);
  return id;
}

Result<bool> AccountImport::add_key(store::Transaction& transaction, UserId user, const ImportedKey& key) const {
  const std::string digest = to_hex(parts_.digests.sign(key.key.reveal()));
  const auto known = number(transaction, "SELECT COUNT(*) FROM api_keys WHERE digest = ?", {digest});
  if (!known) return pass_on(known);
  if (*known > 0) return false;
  const auto last = number(transaction, "SELECT COALESCE(MAX(id), 0) FROM api_keys", {});
  if (!last) return pass_on(last);
  const std::int64_t id = *last + 1;
  auto inserted = done(transaction.execute(
      "INSERT INTO api_keys (id, user_id, name, scope, digest, hash, hint, created_at, allow) "
      "VALUES (?, ?, ?, 'trade', ?, ?, ?, ?, '')",
      {id, user, key.name, digest, key.stored_hash, hint_of(key.key.reveal()), time_param(parts_.now)}));
  if (!inserted) return pass_on(inserted);
  if (auto bumped = bump_counter(transaction, kApiKeysTopic); !bumped) return pass_on(bumped);
  auto recorded = parts_.audit.append(
      transaction, parts_.actor.event("apikey.imported", {{"key", "k_" + std::to_string(id)}, {"user_id", user}}));
  if (!recorded) return pass_on(recorded);
  return true;
}

Result<bool> AccountImport::add_mail(store::Transaction& transaction, const MailSettings& mail,
                                     const std::optional<Secret>& password) const {
  std::string sealed;
  if (password) sealed = parts_.cipher.seal(SealedPlace::mail_password().place(), *password);
  const store::Param stored = password ? store::Param{std::string_view{sealed}} : store::Param{};
  auto inserted = transaction.execute(
      "INSERT INTO mail_settings (id, host, port, username, sealed_password, sender, security) "
      "VALUES (1, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
      {mail.host, std::int64_t{mail.port}, mail.username, stored, mail.from, name_of(mail.security)});
  if (!inserted) return pass_on(inserted);
  if (*inserted == 0) return false;
  auto recorded = parts_.audit.append(
      transaction, parts_.actor.event("mail.configured", {{"host", mail.host}, {"security", name_of(mail.security)}}));
  if (!recorded) return pass_on(recorded);
  return true;
}

}  // namespace kavach::identity
