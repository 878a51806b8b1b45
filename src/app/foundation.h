#pragma once

// What both the gateway and every command stand on: settings, secrets, keys, the store, the audit
// chain and the identity services. Built in one readable function and destroyed in reverse.

#include <filesystem>
#include <functional>
#include <memory>

#include "app/settings.h"
#include "audit/audit_chain.h"
#include "console/log_tail.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/random.h"
#include "crypto/field_cipher.h"
#include "crypto/hashing_pool.h"
#include "crypto/key_ring.h"
#include "crypto/password_hasher.h"
#include "identity/accounts.h"
#include "identity/api_keys.h"
#include "identity/attempt_throttle.h"
#include "identity/one_time_tokens.h"
#include "identity/request_signing.h"
#include "identity/second_factors.h"
#include "identity/sessions.h"
#include "identity/setup.h"
#include "identity/users.h"
#include "store/database.h"

namespace kavach::app {

struct Foundation {
  Foundation() = default;
  /// Lets hashes and writes that are under way finish while the services they report to still live.
  ~Foundation();
  Foundation(const Foundation&) = delete;
  Foundation& operator=(const Foundation&) = delete;

  SystemClock clock;
  SecureRandom random;
  MetricsRegistry metrics;
  Settings settings;
  console::LogTail log_tail;  ///< what the console's log page shows
  std::unique_ptr<Logger> log;
  std::unique_ptr<crypto::KeyRing> ring;
  std::unique_ptr<crypto::FieldCipher> cipher;
  std::unique_ptr<crypto::PasswordHasher> hasher;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<audit::AuditChain> audit;
  std::unique_ptr<crypto::HashingPool> hashing;
  std::unique_ptr<identity::Users> users;
  std::unique_ptr<identity::Sessions> sessions;
  std::unique_ptr<identity::ApiKeys> api_keys;
  std::unique_ptr<identity::RequestSigning> request_signing;
  std::unique_ptr<identity::AttemptThrottle> throttle;
  std::unique_ptr<identity::Accounts> accounts;
  std::unique_ptr<identity::SecondFactors> second_factors;
  std::unique_ptr<identity::OneTimeTokens> one_time_tokens;
  std::unique_ptr<identity::Setup> setup;
};

/// All generations of the three master secrets, as the settings hold them.
[[nodiscard]] Result<crypto::KeyRing> key_ring_of(const Settings& settings);

/// Where DATABASE_URL points: `sqlite:///kavach.db` is relative to the data folder, `sqlite:////var/…`
/// absolute.
[[nodiscard]] Result<std::filesystem::path> database_file(const Settings& settings);

enum class RunAs { Gateway, Command };

/// `on_store_failed` is called once, on any thread, when the store refuses all further writes.
[[nodiscard]] Result<std::unique_ptr<Foundation>> lay_foundation(
    const std::filesystem::path& data_folder, RunAs run_as,
    std::function<void(const Error&)> on_store_failed = {});

}  // namespace kavach::app
