#pragma once

// Everything the identity tests stand on: a real SQLite store, a clock that is set by hand, cheap hashing.

#include <gtest/gtest.h>

#include "audit/audit_log.h"
#include "core/guarded.h"
#include "core/log.h"
#include "identity/accounts.h"
#include "identity/api_keys.h"
#include "identity/block_on.h"
#include "identity/login.h"
#include "identity/schema.h"
#include "identity/second_factors.h"
#include "identity/sessions.h"
#include "identity/setup.h"
#include "store/sqlite_database.h"
#include "support/failing_database.h"
#include "support/matchers.h"
#include "support/temporary_folder.h"

namespace kavach::identity::test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Keeps what was recorded.
class RecordingAudit final : public audit::AuditLog {
 public:
  Result<void> append(store::Transaction&, const audit::Event& event) override {
    record(event);
    return {};
  }
  void record(audit::Event event) override {
    events_.with([&](auto& events) { events.push_back(std::move(event)); });
  }
  [[nodiscard]] int count(std::string_view kind) const {
    return events_.with([&](const auto& events) {
      return static_cast<int>(std::ranges::count(events, kind, &audit::Event::kind));
    });
  }

 private:
  Guarded<std::vector<audit::Event>> events_;
};

/// Tuesday 2027-06-29, 09:15 in India.
inline TimePoint market_open() {
  return from_ist(Date{std::chrono::year{2027}, std::chrono::June, std::chrono::day{29}}, hours{9} + minutes{15});
}

inline crypto::KeyRing test_ring(std::string_view pepper = "pepper-pepper-pepper-pepper-pepper-0001",
                                 std::string_view older_pepper = {}) {
  crypto::Generations peppers{Secret{pepper}, {}};
  if (!older_pepper.empty()) peppers.older.emplace_back(older_pepper);
  return *crypto::KeyRing::create({Secret{std::string_view{"app-key-app-key-app-key-app-key-0001"}}, {}},
                                  std::move(peppers),
                                  {Secret{std::string_view{"field-field-field-field-field-field-1"}}, {}});
}

inline Secret word(std::string_view text) { return Secret{text}; }
inline IpAddress address(std::string_view text) { return *IpAddress::parse(text); }
inline const IpAddress kHome = *IpAddress::parse("203.0.113.7");
inline constexpr std::string_view kGood = "tulip anvil harbour nine";

/// The room's services over one store; a second House over the same folder is another process, or the
/// same after a restart.
class House {
 public:
  explicit House(const kavach::test::TemporaryFolder& folder, ManualClock& time,
                 crypto::KeyRing keys = test_ring(), SessionSettings session_settings = {})
      : House{folder.file("kavach.db"), time, std::move(keys), std::move(session_settings)} {}
  House(const std::filesystem::path& file, ManualClock& time, crypto::KeyRing keys = test_ring(),
        SessionSettings session_settings = {})
      : clock{time},
        ring{std::move(keys)},
        disk{open(file)},
        database{std::make_unique<kavach::test::FailingDatabase>(*disk)},
        hasher{ring, random, {.passes = 1, .memory_kib = 64, .lanes = 4}},
        hashing{hasher, 2, 64},
        cipher{ring, clock, random},
        throttle{clock},
        users{*database, audit, clock},
        sessions{*database, audit, users, ring, clock, random, std::move(session_settings)},
        api_keys{{*database, audit, users, ring, hashing, cipher, clock, random}},
        factors{{*database, audit, ring, cipher, clock, random, throttle}},
        accounts{users, sessions, hashing, throttle},
        tokens{*database, ring, clock, random},
        setup{users, accounts, tokens, throttle},
        devices{ring},
        login{{users, sessions, factors, hashing, throttle, devices, audit, clock, random, {}}} {
    EXPECT_OK(users.load());
    EXPECT_OK(sessions.load());
    EXPECT_OK(api_keys.load());
    EXPECT_OK(factors.load());
  }

  /// The order of a shutdown: callbacks end before what they use.
  ~House() {
    hashing.stop();
    disk.reset();
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  UserId add(std::string_view name, Role role = Role::Trader) {
    NewAccount account{std::string{name}, std::string{name} + "@example.org", word(kGood), role};
    const auto created = block_on(accounts.add(std::move(account), false, Actor{"test", {}, {}}, executor));
    EXPECT_OK(created);
    return created.value_or(0);
  }
  StartedSession sign_in(UserId user, bool second_factor = false) {
    const LoginProof proof{.password = users.find(user)->password_changed_at,
                           .code = true,
                           .authenticator = factors.status(user).authenticator};
    auto started = block_on(sessions.start({user, kHome, "Firefox on Linux", second_factor, proof}, Actor{}, executor));
    EXPECT_OK(started);
    return std::move(*started);
  }
  CreatedApiKey make_key(UserId user, NewApiKey request = {}) {
    request.user = user;
    if (request.name.empty()) request.name = "strategy";
    auto created = block_on(api_keys.create(std::move(request), Actor{"ada", {}, {}}, executor));
    EXPECT_OK(created);
    return std::move(*created);
  }

  InlineExecutor executor;
  ManualClock& clock;
  SecureRandom random;
  crypto::KeyRing ring;
  RecordingAudit audit;
  std::unique_ptr<store::Database> disk;
  std::unique_ptr<kavach::test::FailingDatabase> database;  ///< everybody's; loses writes when told to
  crypto::PasswordHasher hasher;
  crypto::HashingPool hashing;
  crypto::FieldCipher cipher;
  AttemptThrottle throttle;
  Users users;
  Sessions sessions;
  ApiKeys api_keys;
  SecondFactors factors;
  Accounts accounts;
  OneTimeTokens tokens;
  Setup setup;
  DeviceCookies devices;
  LoginService login;

 private:
  static std::unique_ptr<store::Database> open(const std::filesystem::path& file) {
    store::SqliteDatabase::Options options;
    options.durable = false;
    auto opened = store::SqliteDatabase::open(file, options, Logger::silent());
    EXPECT_OK(opened);
    const std::array schemas{identity_schema()};
    EXPECT_OK(store::migrate(**opened, schemas));
    return std::move(*opened);
  }
};

class HouseTest : public testing::Test {
 protected:
  kavach::test::TemporaryFolder folder;
  ManualClock clock{market_open()};
  House house{folder, clock};
};

}  // namespace kavach::identity::test
