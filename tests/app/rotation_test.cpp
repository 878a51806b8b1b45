#include "app/rotation.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "app/data_folder.h"
#include "app/secrets_file.h"
#include "crypto/totp.h"
#include "identity/block_on.h"
#include "identity/resealing.h"
#include "store/folder_lock.h"
#include "store/sqlite_database.h"
#include "support/faulty_disk.h"
#include "support/matchers.h"
#include "support/temporary_folder.h"

namespace kavach::app {
namespace {

const identity::Actor kActor{"cli", "", ""};

std::string read(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

class Rotation : public testing::Test {
 protected:
  Rotation() { start(); }

  void start() {
    auto base = lay_foundation(data_, RunAs::Command);
    if (!base) throw std::runtime_error(base.error().message + " " + base.error().detail);
    base_ = std::move(*base);
  }
  void stop() { base_.reset(); }

  Result<identity::StartedSession> sign_in() {
    InlineExecutor here;
    const identity::LoginProof proof{.password = base_->users->find(user_)->password_changed_at,
                                     .code = true,
                                     .authenticator = base_->second_factors->status(user_).authenticator};
    return identity::block_on(base_->sessions->start(
        {.user = user_, .address = *IpAddress::parse("127.0.0.1"), .device = "test", .proof = proof}, kActor, here));
  }

  // A user with a password, a second factor and a retrievable key that signs.
  void populate() {
    InlineExecutor here;
    auto hash = base_->hasher->hash(Secret{"correct horse battery"});
    ASSERT_OK(hash);
    auto user = identity::block_on(base_->users->create({"ada", "ada@example.org", identity::Role::Owner, *hash}, false,
                                                        kActor, here));
    ASSERT_OK(user);
    user_ = *user;
    auto enrolment = identity::block_on(base_->second_factors->begin(user_, "ada", "s", kActor, here));
    ASSERT_OK(enrolment);
    const auto secret = crypto::base32_decode(enrolment->base32.reveal());
    totp_ = secret->duplicate();
    const auto code = crypto::totp_code(totp_, crypto::totp_step(base_->clock.now()));
    auto codes = identity::block_on(base_->second_factors->confirm(user_, code, "s", kActor, here));
    ASSERT_OK(codes);
    recovery_ = codes->front().reveal();
    auto key = identity::block_on(base_->api_keys->create(
        {.user = user_, .name = "bot", .scope = identity::KeyScope::Trade, .retrievable = true}, kActor, here));
    ASSERT_OK(key);
    key_ = key->key.duplicate();
    key_id_ = key->id;
    auto signing = identity::block_on(base_->api_keys->require_signing(key_id_, kActor, here));
    ASSERT_OK(signing);
    signing_ = std::move(*signing);
  }

  void expect_everything_still_works() {
    InlineExecutor here;
    const auto verdict = base_->hasher->verify(Secret{"correct horse battery"}, base_->users->find("ada")->password_hash);
    ASSERT_OK(verdict);
    EXPECT_TRUE(verdict->matches);
    EXPECT_NE(base_->api_keys->find(key_.reveal(), *IpAddress::parse("127.0.0.1")).outcome,
              identity::KeyCheck::Outcome::Unknown);
    auto revealed = identity::block_on(base_->api_keys->reveal(key_id_, kActor, here));
    ASSERT_OK(revealed);
    EXPECT_TRUE(*revealed == key_);
    auto signing = base_->api_keys->signing_secret(key_id_);
    ASSERT_OK(signing);
    EXPECT_TRUE(*signing == signing_);
  }

  std::string stored_totp() {
    std::string sealed;
    EXPECT_OK(base_->database->read([&](store::Reader& reader) {
      return reader.query("SELECT sealed_secret FROM user_totp", {}, [&](const store::Row& row) { sealed = row.text(0); });
    }));
    return sealed;
  }

  test::TemporaryFolder folder_;
  std::filesystem::path data_ = folder_.file("data");
  std::unique_ptr<Foundation> base_;
  identity::UserId user_{0};
  Secret totp_;
  Secret key_;
  Secret signing_;
  std::string key_id_;
  std::string recovery_;
};

TEST_F(Rotation, R26_NothingIsLostAndNothingStaysUnderTheOldKey) {
  populate();
  const std::string before = read(data_ / "secrets.env");
  const std::string old_field{base_->settings.secret(Setting::FernetSalt).reveal()};
  const std::string sealed_before = stored_totp();
  stop();
  auto report = rotate_keys(data_, *parse_masters("all"));
  ASSERT_OK(report);
  EXPECT_FALSE(report->resumed);
  EXPECT_EQ(report->resealed, 3);
  EXPECT_NE(read(data_ / "secrets.env"), before);
  EXPECT_EQ(read(data_ / "secrets.env").find(old_field), std::string::npos);
  start();
  EXPECT_NE(stored_totp(), sealed_before);
  EXPECT_FALSE(base_->cipher->needs_resealing(stored_totp()));
  expect_everything_still_works();
}

TEST_F(Rotation, R26_RecoveryCodesAndSessionsOutliveANewAppKey) {
  populate();
  InlineExecutor here;
  auto session = sign_in();
  ASSERT_OK(session);
  stop();
  ASSERT_OK(rotate_keys(data_, *parse_masters("app")));
  start();
  EXPECT_TRUE(base_->sessions->find(session->token.reveal()));
  const auto used = identity::block_on(
      base_->second_factors->verify(user_, recovery_, "login", {identity::kCodeRule}, kActor, here));
  EXPECT_EQ(used.outcome, identity::CodeCheck::Outcome::Accepted);
  const auto again = identity::block_on(
      base_->second_factors->verify(user_, recovery_, "login", {identity::kCodeRule}, kActor, here));
  EXPECT_EQ(again.outcome, identity::CodeCheck::Outcome::Wrong);
}

TEST_F(Rotation, R26_AKillAfterTheNewSecretIsFinishedByTheNextRun) {
  populate();
  stop();
  const Secret fresh = Secret::take(SecureRandom{}.hex(32));
  {
    auto secrets = SecretsFile::load(data_);
    ASSERT_OK(secrets);
    secrets->renew(Setting::FernetSalt, fresh);
    ASSERT_OK(secrets->save());
  }
  start();
  expect_everything_still_works();  // old and new are read side by side
  stop();
  auto report = rotate_keys(data_, *parse_masters("all"));
  ASSERT_OK(report);
  EXPECT_TRUE(report->resumed);
  EXPECT_EQ(report->resealed, 3);
  EXPECT_NE(read(data_ / "secrets.env").find(fresh.reveal()), std::string::npos);
  EXPECT_EQ(read(data_ / "secrets.env").find("FERNET_SALT_OLDER"), std::string::npos);
  start();
  expect_everything_still_works();
}

TEST_F(Rotation, R26_APowerLossAtAnyWriteLosesNoSecret) {
  populate();
  stop();
  const auto secrets = SecretsFile::load(data_);
  ASSERT_OK(secrets);
  auto changed = SecretsFile::load(data_);
  changed->renew(Setting::FernetSalt, Secret::take(SecureRandom{}.hex(32)));
  ASSERT_OK(changed->save());
  start();
  stop();
  SeededRandom random{3};
  for (int nth = 1; nth < 200; ++nth) {
    const auto file = folder_.file("copy.db");
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + tail);
    std::filesystem::copy_file(data_ / "kavach.db", file);
    auto settings = Settings::load(data_, [](const std::string&) { return std::optional<std::string>{}; });
    ASSERT_OK(adopt_secrets(*settings, SecureRandom{}));
    auto ring = key_ring_of(*settings);
    ASSERT_OK(ring);
    const SystemClock clock;
    const SecureRandom secure;
    const crypto::FieldCipher cipher{*ring, clock, secure};
    test::FaultyDisk disk;
    disk.arm(test::DiskFault::PowerLoss, nth);
    {
      auto database = store::SqliteDatabase::open(file, {.vfs = disk.name()}, Logger::silent());
      if (database) (void)identity::reseal_fields(**database, cipher);
    }
    const bool struck = disk.struck();
    disk.restart(random);
    auto database = store::SqliteDatabase::open(file, {}, Logger::silent());
    ASSERT_OK(database) << nth;
    const auto again = identity::reseal_fields(**database, cipher);
    ASSERT_OK(again) << nth;
    EXPECT_EQ(again->unreadable, 0U) << nth;
    const auto left = identity::reseal_fields(**database, cipher);
    ASSERT_OK(left);
    EXPECT_EQ(left->resealed, 0U);
    if (!struck) return;
  }
  FAIL() << "the disk was struck at every write; the loop is too short";
}

TEST_F(Rotation, R26_ARunningGatewayAndASecretFromElsewhereAreRefused) {
  populate();
  stop();
  const std::string before = read(data_ / "secrets.env");
  {
    auto gateway = store::FolderLock::take(data_);
    ASSERT_OK(gateway);
    EXPECT_FALSE(rotate_keys(data_, *parse_masters("all")));
  }
  EXPECT_EQ(read(data_ / "secrets.env"), before);
}

KeyRotation::Options at_once(Foundation& base) {
  return {.follow = [&base]() -> Result<void> {
            if (auto loaded = base.api_keys->reload_if_changed(); !loaded) return pass_on(loaded);
            if (auto loaded = base.second_factors->reload_if_changed(); !loaded) return pass_on(loaded);
            return {};
          },
          .settles = Monotonic{0}};
}

void run_out(KeyRotation& rotation) {
  for (int steps = 0; steps < 100; ++steps) {
    const auto finished = rotation.step();
    ASSERT_OK(finished);
    if (*finished) return;
  }
  FAIL() << "the rotation does not end";
}

TEST_F(Rotation, R26_TheRunningProcessFollowsItsOwnRotation) {
  populate();
  InlineExecutor here;
  auto session = sign_in();
  ASSERT_OK(session);
  auto link = identity::block_on(base_->one_time_tokens->issue(identity::TokenPurpose::PasswordReset, user_, std::chrono::minutes{5}, here));
  ASSERT_OK(link);
  const auto former = base_->ring->ids(crypto::Master::Field);

  KeyRotation rotation{*base_, at_once(*base_)};
  ASSERT_OK(rotation.request(*parse_masters("all"), kActor));
  EXPECT_FALSE(rotation.request(*parse_masters("all"), kActor)) << "one at a time";
  run_out(rotation);

  EXPECT_EQ(base_->ring->ids(crypto::Master::Field).size(), 1U);
  EXPECT_NE(base_->ring->current_id(crypto::Master::Field), former.front());
  EXPECT_FALSE(base_->cipher->needs_resealing(stored_totp()));
  EXPECT_TRUE(base_->sessions->find(session->token.reveal()));
  EXPECT_OK(identity::block_on(base_->one_time_tokens->look_at(identity::TokenPurpose::PasswordReset, std::string{link->reveal()}, here)));
  expect_everything_still_works();
  stop();
  start();
  EXPECT_TRUE(base_->sessions->find(session->token.reveal()));
  expect_everything_still_works();
}

TEST_F(Rotation, R26_AKillBetweenAnyTwoStepsIsMadeGood) {
  populate();
  stop();
  const auto origin = folder_.file("origin");
  std::filesystem::copy(data_, origin, std::filesystem::copy_options::recursive);
  for (int steps = 0;; ++steps) {
    std::filesystem::remove_all(data_);
    std::filesystem::copy(origin, data_, std::filesystem::copy_options::recursive);
    start();
    bool finished = false;
    {
      KeyRotation rotation{*base_, at_once(*base_)};
      ASSERT_OK(rotation.request(*parse_masters("all"), kActor));
      for (int step = 0; step < steps && !finished; ++step) finished = rotation.step().value_or(false);
    }
    stop();
    start();
    expect_everything_still_works();
    KeyRotation rotation{*base_, at_once(*base_)};
    ASSERT_OK(rotation.recover());
    run_out(rotation);
    EXPECT_EQ(base_->ring->ids(crypto::Master::App).size(), 2U) << "a resumed rotation makes no second generation";
    EXPECT_FALSE(base_->cipher->needs_resealing(stored_totp()));
    expect_everything_still_works();
    stop();
    if (finished) return;
  }
}

TEST_F(Rotation, R26_AnOlderPepperGoesWhenNoHashNamesIt) {
  populate();
  InlineExecutor here;
  KeyRotation rotation{*base_, at_once(*base_)};
  ASSERT_OK(rotation.request(*parse_masters("pepper"), kActor));
  run_out(rotation);
  const auto long_ago = [&] {
    ASSERT_OK(base_->database->write_and_wait([](store::Transaction& transaction) -> Result<void> {
      auto set = transaction.execute("UPDATE key_rotations SET finished_at = 0", {});
      if (!set) return pass_on(set);
      return {};
    }));
  };
  EXPECT_EQ(rotation.retire_peppers().value_or(9), 0U) << "too soon after the rotation";
  long_ago();
  EXPECT_EQ(rotation.retire_peppers().value_or(9), 0U) << "a password and a key still need it";

  // The key is used, the password is set anew.
  EXPECT_EQ(base_->api_keys->find(key_.reveal(), *IpAddress::parse("127.0.0.1")).outcome, identity::KeyCheck::Outcome::Accepted);
  base_->hashing->stop();  // its renewal is done
  ASSERT_OK(base_->database->write_and_wait([](store::Transaction&) -> Result<void> { return {}; }));
  EXPECT_EQ(rotation.retire_peppers().value_or(9), 0U) << "a password still needs it";
  const auto hash = base_->hasher->hash(Secret{"correct horse battery"});
  ASSERT_OK(hash);
  ASSERT_OK(base_->database->write_and_wait([&](store::Transaction& transaction) -> Result<void> {
    auto set = transaction.execute("UPDATE users SET password_hash = ?", {*hash});
    if (!set) return pass_on(set);
    return {};
  }));
  EXPECT_EQ(rotation.retire_peppers().value_or(9), 1U);
  EXPECT_EQ(base_->ring->ids(crypto::Master::Pepper).size(), 1U);
  EXPECT_EQ(read(data_ / "secrets.env").find("API_KEY_PEPPER_OLDER"), std::string::npos);
  stop();
  start();
  EXPECT_EQ(base_->ring->ids(crypto::Master::Pepper).size(), 1U);
  EXPECT_TRUE(base_->hasher->verify(Secret{"correct horse battery"}, *hash)->matches);
}

TEST_F(Rotation, R26_ADamagedValueDoesNotHoldARotationUp) {
  populate();
  ASSERT_OK(base_->database->write_and_wait([](store::Transaction& transaction) -> Result<void> {
    auto set = transaction.execute("UPDATE user_totp SET sealed_secret = sealed_secret || 'x'", {});
    if (!set) return pass_on(set);
    return {};
  }));
  KeyRotation rotation{*base_, at_once(*base_)};
  ASSERT_OK(rotation.request(*parse_masters("all"), kActor));
  run_out(rotation);
  InlineExecutor here;
  auto revealed = identity::block_on(base_->api_keys->reveal(key_id_, kActor, here));
  ASSERT_OK(revealed);
  EXPECT_TRUE(*revealed == key_);
}

}  // namespace
}  // namespace kavach::app
