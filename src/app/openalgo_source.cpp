#include "app/openalgo_source.h"

#include <fstream>
#include <iterator>

#include "app/dotenv.h"
#include "core/text.h"
#include "store/sqlite_connection.h"

namespace kavach::app {
namespace {

constexpr std::size_t kPepperMin = 32;
constexpr std::size_t kRowsMax = 100'000;
constexpr std::uintmax_t kEnvBytesMax = 1U << 20U;
constexpr std::string_view kOldSalt = "openalgo_static_salt";
constexpr std::string_view kMailSalt = "smtp-openalgo-salt";

/// A private copy of a database with its write-ahead log, removed at the end.
class Copy {
 public:
  static Result<Copy> of(const std::filesystem::path& file, const std::filesystem::path& scratch, const char* name) {
    Copy copy{scratch / name};
    copy.remove();
    std::error_code error;
    std::filesystem::copy_file(file, copy.path_, error);
    if (!error && std::filesystem::exists(file.string() + "-wal")) {
      std::filesystem::copy_file(file.string() + "-wal", copy.path_.string() + "-wal", error);
    }
    if (error) return fail(ErrorCode::NotFound, file.string() + " cannot be read: " + error.message() + ".");
    using std::filesystem::perms;
    std::filesystem::permissions(copy.path_, perms::owner_read | perms::owner_write, error);
    return copy;
  }
  Copy(Copy&& other) noexcept : path_{std::move(other.path_)} { other.path_.clear(); }
  Copy& operator=(Copy&&) = delete;
  ~Copy() {
    if (!path_.empty()) remove();
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit Copy(std::filesystem::path path) : path_{std::move(path)} {}
  void remove() const {
    std::error_code ignored;
    for (const char* tail : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path_.string() + tail, ignored);
  }
  std::filesystem::path path_;
};

/// All rows of a table; none when it does not exist. `select` is `SELECT * FROM` the table.
Result<std::vector<OpenAlgoRow>> rows(store::SqliteConnection& connection, std::string_view table,
                                      std::string_view select) {
  std::vector<std::string> columns;
  std::vector<OpenAlgoRow> found;
  auto named = connection.query("SELECT name FROM pragma_table_info(?)", {table},
                                [&](const store::Row& row) { columns.emplace_back(row.text(0)); });
  if (!named) return pass_on(named);
  if (columns.empty()) return found;
  auto read = connection.query(select, {}, [&](const store::Row& row) {
    if (found.size() >= kRowsMax) return;
    OpenAlgoRow values;
    for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
      if (!row.is_null(i)) values.emplace(columns[static_cast<std::size_t>(i)], row.text(i));
    }
    found.push_back(std::move(values));
  });
  if (!read) return pass_on(read);
  return found;
}

Result<std::size_t> count(store::SqliteConnection& connection, std::string_view table, std::string_view select) {
  auto found = rows(connection, table, select);
  if (!found) return pass_on(found);
  return found->size();
}

Result<std::unique_ptr<store::SqliteConnection>> open(const Copy& copy, const std::filesystem::path& original) {
  auto connection = store::SqliteConnection::open(copy.path(), {});
  if (!connection) {
    return fail(ErrorCode::InvalidInput, original.string() + " is not a readable SQLite database.",
                connection.error().detail);
  }
  return connection;
}

// Only the names that are asked for are looked at: the rest of the file may have any shape.
std::map<std::string, std::string> values_of(std::string_view text) {
  std::map<std::string, std::string> values;
  for (const std::string_view line : split(text, '\n')) {
    auto parsed = parse_dotenv(line);
    if (!parsed) continue;
    for (auto& [name, value] : *parsed) {
      if (name == "API_KEY_PEPPER" || name == "FERNET_SALT" || name == "SMTP_KEY_SALT") values[name] = std::move(value);
    }
  }
  return values;
}

// Its salt is hexadecimal of 32 characters or more; anything else falls back to the literal.
std::string salt_bytes(const std::string& text) {
  const auto bytes = text.size() >= 32 ? from_hex(text) : std::nullopt;
  if (!bytes) return std::string{kOldSalt};
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

Result<Secret> open_with(const std::vector<crypto::Fernet>& ciphers, std::string_view token) {
  Result<Secret> opened = fail(ErrorCode::InvalidInput, "it cannot be decrypted with this .env");
  for (const auto& cipher : ciphers) {
    if (auto secret = cipher.open(token)) opened = std::move(secret);
  }
  return opened;
}

}  // namespace

std::string text_of(const OpenAlgoRow& row, std::string_view column) {
  const auto found = row.find(column);
  return found == row.end() ? std::string{} : found->second;
}

bool flag_of(const OpenAlgoRow& row, std::string_view column) {
  const std::string text = text_of(row, column);
  return text == "1" || text == "true" || text == "True";
}

Result<OpenAlgoTables> read_openalgo(const std::filesystem::path& database, const std::filesystem::path& logs,
                                     const std::filesystem::path& scratch) {
  auto copy = Copy::of(database, scratch, "openalgo.importing");
  if (!copy) return pass_on(copy);
  OpenAlgoTables tables;
  auto connection = open(*copy, database);
  if (!connection) return pass_on(connection);
  const auto take = [](auto& into, auto&& from) -> Result<void> {
    if (!from) return pass_on(from);
    into = std::move(*from);
    return {};
  };
  store::SqliteConnection& main = **connection;
  if (auto read = take(tables.users, rows(main, "users", "SELECT * FROM users")); !read) return pass_on(read);
  if (auto read = take(tables.api_keys, rows(main, "api_keys", "SELECT * FROM api_keys")); !read) return pass_on(read);
  if (auto read = take(tables.settings, rows(main, "settings", "SELECT * FROM settings")); !read) return pass_on(read);
  if (auto read = take(tables.bans, rows(main, "ip_bans", "SELECT * FROM ip_bans")); !read) return pass_on(read);
  if (auto read = take(tables.broker_tokens, count(main, "auth", "SELECT * FROM auth")); !read) return pass_on(read);
  if (auto read = take(tables.login_attempts, count(main, "login_attempts", "SELECT * FROM login_attempts")); !read) {
    return pass_on(read);
  }
  if (logs.empty()) return tables;

  auto log_copy = Copy::of(logs, scratch, "openalgo-logs.importing");
  if (!log_copy) return pass_on(log_copy);
  auto log_connection = open(*log_copy, logs);
  if (!log_connection) return pass_on(log_connection);
  auto bans = rows(**log_connection, "ip_bans", "SELECT * FROM ip_bans");
  if (!bans) return pass_on(bans);
  for (auto& ban : *bans) tables.bans.push_back(std::move(ban));
  return tables;
}

OpenAlgoSecrets::OpenAlgoSecrets(Secret pepper, std::string_view salt, std::string_view mail_salt)
    : pepper_{std::move(pepper)} {
  fields_.push_back(crypto::Fernet::from_password(pepper_, salt));
  if (salt != kOldSalt) fields_.push_back(crypto::Fernet::from_password(pepper_, kOldSalt));
  mail_.push_back(crypto::Fernet::from_password(pepper_, mail_salt));
  mail_.push_back(crypto::Fernet::from_password(pepper_, salt));
  mail_.emplace_back(Secret{pepper_.reveal().substr(0, crypto::Fernet::kKeyBytes)});  // its first versions
}

Result<OpenAlgoSecrets> OpenAlgoSecrets::load(const std::filesystem::path& env) {
  std::error_code error;
  const auto size = std::filesystem::file_size(env, error);
  if (error || size > kEnvBytesMax) {
    return fail(ErrorCode::NotFound, env.string() + " cannot be read; give the .env of the OpenAlgo install.");
  }
  std::ifstream file{env, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto values = values_of(text);
  wipe(text);
  Secret pepper = Secret::take(std::move(values["API_KEY_PEPPER"]));
  if (pepper.size() < kPepperMin) {
    return fail(ErrorCode::InvalidInput, env.string() + " has no API_KEY_PEPPER of 32 characters or more; give the .env "
                                                        "that belongs to this database.");
  }
  const std::string salt = salt_bytes(values["FERNET_SALT"]);
  const std::string mail_salt = values["SMTP_KEY_SALT"].empty() ? std::string{kMailSalt} : values["SMTP_KEY_SALT"];
  return OpenAlgoSecrets{std::move(pepper), salt, mail_salt};
}

Result<Secret> OpenAlgoSecrets::open(std::string_view token) const { return open_with(fields_, token); }
Result<Secret> OpenAlgoSecrets::open_mail_password(std::string_view token) const { return open_with(mail_, token); }

}  // namespace kavach::app
