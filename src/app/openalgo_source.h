#pragma once

// Reads an OpenAlgo installation: its SQLite databases and its .env. Only copies of the databases are
// opened, so nothing there changes. Columns are found by name, because they differ between its
// versions. Everything that comes out is untrusted text.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/secret.h"
#include "crypto/fernet.h"

namespace kavach::app {

/// One row, by column name; a null is absent.
using OpenAlgoRow = std::map<std::string, std::string, std::less<>>;

/// Empty for an absent column.
[[nodiscard]] std::string text_of(const OpenAlgoRow& row, std::string_view column);
[[nodiscard]] bool flag_of(const OpenAlgoRow& row, std::string_view column);

struct OpenAlgoTables {
  std::vector<OpenAlgoRow> users;
  std::vector<OpenAlgoRow> api_keys;
  std::vector<OpenAlgoRow> settings;
  std::vector<OpenAlgoRow> bans;
  std::size_t broker_tokens{0};
  std::size_t login_attempts{0};
};

/// `scratch`: a private folder for the copies, which are removed again. `logs` may be empty.
[[nodiscard]] Result<OpenAlgoTables> read_openalgo(const std::filesystem::path& database,
                                                   const std::filesystem::path& logs,
                                                   const std::filesystem::path& scratch);

/// The pepper and what can be decrypted with it.
class OpenAlgoSecrets {
 public:
  /// InvalidInput without an API_KEY_PEPPER of 32 characters or more.
  [[nodiscard]] static Result<OpenAlgoSecrets> load(const std::filesystem::path& env);
  [[nodiscard]] const Secret& pepper() const { return pepper_; }
  /// An API key or TOTP secret.
  [[nodiscard]] Result<Secret> open(std::string_view token) const;
  /// The mail password, which has had keys of its own.
  [[nodiscard]] Result<Secret> open_mail_password(std::string_view token) const;

 private:
  OpenAlgoSecrets(Secret pepper, std::string_view salt, std::string_view mail_salt);
  Secret pepper_;
  std::vector<crypto::Fernet> fields_;  ///< the install's salt, then the literal one of old installs
  std::vector<crypto::Fernet> mail_;
};

}  // namespace kavach::app
