#include "app/foundation.h"

#include <algorithm>
#include <thread>

#include "app/data_folder.h"
#include "app/log_output.h"
#include "app/schemas.h"
#include "core/text.h"
#include "store/sqlite_database.h"

namespace kavach::app {
namespace {

constexpr std::size_t kHashesWaitingMax = 16;

crypto::Generations generations(const Settings& settings, Setting setting) {
  crypto::Generations all{settings.secret(setting).duplicate(), {}};
  for (const Secret& older : settings.older(setting)) all.older.push_back(older.duplicate());
  return all;
}

Result<std::unique_ptr<Logger>> make_logger(Foundation& base, RunAs run_as) {
  // A command answers its caller; what it would log is in the audit chain.
  if (run_as == RunAs::Command) {
    return std::make_unique<Logger>(base.clock, Logger::Format::Text, LogLevel::Error,
                                    [](LogLevel, std::string_view) {});
  }
  auto sink = open_log_output(base.settings, base.clock);
  if (!sink) return pass_on(sink);
  return std::make_unique<Logger>(base.clock, log_format(base.settings), log_level(base.settings),
                                  [&tail = base.log_tail, write = std::move(*sink)](LogLevel level, std::string_view line) {
                                    tail.add(level, line);
                                    write(level, line);
                                  });
}

Result<void> open_keys(Foundation& base) {
  auto ring = key_ring_of(base.settings);
  if (!ring) return pass_on(ring);
  base.ring = std::make_unique<crypto::KeyRing>(std::move(*ring));
  base.cipher = std::make_unique<crypto::FieldCipher>(*base.ring, base.clock, base.random);
  base.hasher = std::make_unique<crypto::PasswordHasher>(*base.ring, base.random);
  // One hash uses one core for 100 ms; half the cores leave the other half to orders.
  const auto threads = std::max(1U, std::thread::hardware_concurrency() / 2);
  base.hashing = std::make_unique<crypto::HashingPool>(*base.hasher, threads, kHashesWaitingMax);
  return {};
}

Result<void> open_store(Foundation& base, std::function<void(const Error&)> on_failed) {
  auto file = database_file(base.settings);
  if (!file) return pass_on(file);
  if (!base.settings.text(Setting::SharedStateUrl).empty()) {
    return fail(ErrorCode::InvalidInput, "SHARED_STATE_URL: this build runs as one node; leave it empty.");
  }
  store::SqliteDatabase::Options options;
  options.on_failed = std::move(on_failed);
  options.metrics = &base.metrics;
  options.clock = &base.clock;
  auto database = store::SqliteDatabase::open(*file, std::move(options), *base.log);
  if (!database) return pass_on(database);
  base.database = std::move(*database);
  return store::migrate(*base.database, all_schemas());
}

Result<void> open_audit(Foundation& base) {
  auto chain = audit::AuditChain::open(*base.database, base.clock, *base.log);
  if (!chain) return pass_on(chain);
  base.audit = std::move(*chain);
  return {};
}

Result<void> open_identity(Foundation& base) {
  auto zone = TimeZone::find(base.settings.text(Setting::SessionTimezone));
  if (!zone) return pass_on(zone);
  identity::SessionSettings sessions;
  sessions.zone = std::move(*zone);
  sessions.daily_end = base.settings.time_of_day(Setting::SessionExpiryTime);
  sessions.ends_daily = !base.settings.flag(Setting::DisableSessionExpiry);
  sessions.idle_max = base.settings.duration(Setting::SessionIdleTimeout);
  sessions.per_user_max = static_cast<std::size_t>(base.settings.integer(Setting::MaxSessionsPerUser));

  base.users = std::make_unique<identity::Users>(*base.database, *base.audit, base.clock);
  if (auto loaded = base.users->load(); !loaded) return loaded;
  base.sessions = std::make_unique<identity::Sessions>(*base.database, *base.audit, *base.users, *base.ring,
                                                       base.clock, base.random, std::move(sessions));
  if (auto loaded = base.sessions->load(); !loaded) return loaded;
  base.api_keys = std::make_unique<identity::ApiKeys>(
      identity::ApiKeys::Parts{*base.database, *base.audit, *base.users, *base.ring, *base.hashing,
                               *base.cipher, base.clock, base.random});
  if (auto loaded = base.api_keys->load(); !loaded) return loaded;
  base.request_signing = std::make_unique<identity::RequestSigning>(*base.database, *base.api_keys, base.clock);

  base.throttle = std::make_unique<identity::AttemptThrottle>(base.clock);
  base.accounts = std::make_unique<identity::Accounts>(*base.users, *base.sessions, *base.hashing, *base.throttle);
  base.second_factors = std::make_unique<identity::SecondFactors>(
      identity::SecondFactors::Parts{*base.database, *base.audit, *base.ring, *base.cipher, base.clock,
                                     base.random, *base.throttle});
  if (auto loaded = base.second_factors->load(); !loaded) return loaded;
  base.one_time_tokens =
      std::make_unique<identity::OneTimeTokens>(*base.database, *base.ring, base.clock, base.random);
  base.setup =
      std::make_unique<identity::Setup>(*base.users, *base.accounts, *base.one_time_tokens, *base.throttle);
  return {};
}

}  // namespace

Result<std::filesystem::path> database_file(const Settings& settings) {
  const std::string& url = settings.text(Setting::DatabaseUrl);
  constexpr std::string_view kScheme = "sqlite:///";
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    return fail(ErrorCode::InvalidInput,
                "DATABASE_URL: this build stores in SQLite; use sqlite:///kavach.db or an absolute sqlite:////path.");
  }
  return settings.data_folder() / url.substr(kScheme.size());
}

Result<crypto::KeyRing> key_ring_of(const Settings& settings) {
  return crypto::KeyRing::create(generations(settings, Setting::AppKey), generations(settings, Setting::ApiKeyPepper),
                                 generations(settings, Setting::FernetSalt));
}

Foundation::~Foundation() {
  if (hashing) hashing->stop();
  if (database) (void)database->write_and_wait([](store::Transaction&) -> Result<void> { return {}; });
}

Result<std::unique_ptr<Foundation>> lay_foundation(const std::filesystem::path& data_folder, RunAs run_as,
                                                   std::function<void(const Error&)> on_store_failed) {
  auto base = std::make_unique<Foundation>();
  if (auto prepared = prepare_data_folder(data_folder); !prepared) return pass_on(prepared);
  auto settings = Settings::load(data_folder, process_environment());
  if (!settings) return pass_on(settings);
  base->settings = std::move(*settings);
  if (auto adopted = adopt_secrets(base->settings, base->random); !adopted) return pass_on(adopted);
  auto log = make_logger(*base, run_as);
  if (!log) return pass_on(log);
  base->log = std::move(*log);
  if (auto opened = open_keys(*base); !opened) return pass_on(opened);
  if (auto opened = open_store(*base, std::move(on_store_failed)); !opened) return pass_on(opened);
  if (auto opened = open_audit(*base); !opened) return pass_on(opened);
  if (auto opened = open_identity(*base); !opened) return pass_on(opened);
  return base;
}

}  // namespace kavach::app
