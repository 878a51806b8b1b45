#include "app/import_openalgo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <future>

#include "app/foundation.h"
#include "crypto/totp.h"
#include "identity/block_on.h"
#include "store/folder_lock.h"
#include "support/matchers.h"
#include "support/temporary_folder.h"

namespace kavach::app {
namespace {

// As tests/system/make_openalgo_database.py has them.
constexpr std::string_view kPassword = "Correct-Horse-7-Battery";
constexpr std::string_view kApiKey = "5f1d3c9b7a2e4f6081a3c5e7092b4d6f8193a5b7c9d1e3f50718293a4b5c6d7e";
constexpr std::string_view kTotp = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

const auto kSilent = [](const std::string&) {};

class ImportOpenAlgo : public testing::Test {
 protected:
  void make(const std::string& flags = "") {
    const std::string command =
        "/usr/bin/python3 tests/system/make_openalgo_database.py " + folder_.path().string() + " " + flags;
    ASSERT_EQ(std::system(command.c_str()), 0) << "needs python3-argon2 and python3-cryptography";
    options_ = {folder_.file("openalgo.db"), folder_.file("logs.db"), folder_.file(".env"), false};
  }
  std::unique_ptr<Foundation> open() {
    auto base = lay_foundation(data_, RunAs::Command);
    EXPECT_OK(base);
    return base ? std::move(*base) : nullptr;
  }
  static std::int64_t number(Foundation& base, std::string_view sql) {
    std::int64_t value = -1;
    EXPECT_OK(base.database->read([&](store::Reader& reader) {
      return reader.query(sql, {}, [&](const store::Row& row) { value = row.integer(0); });
    }));
    return value;
  }
  static bool mentions(const std::vector<std::string>& lines, std::string_view text) {
    return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
  static identity::KeyCheck check_key(Foundation& base, std::string_view key) {
    const auto client = *IpAddress::parse("192.0.2.1");
    auto check = base.api_keys->find(key, client);
    if (check.outcome != identity::KeyCheck::Outcome::NeedsHash) return check;
    std::promise<identity::KeyCheck> answer;
    base.api_keys->verify(Secret{key}, client, [&](identity::KeyCheck verified) { answer.set_value(std::move(verified)); });
    return answer.get_future().get();
  }
  void expect_asha_works(Foundation& base) {
    const auto asha = base.users->find("asha");
    ASSERT_TRUE(asha);
    EXPECT_EQ(asha->role, identity::Role::Owner);
    const auto right = base.hasher->verify(Secret{kPassword}, asha->password_hash);
    ASSERT_OK(right);
    EXPECT_TRUE(right->matches);
    EXPECT_FALSE(base.hasher->verify(Secret{"Correct-Horse-7-Batterz"}, asha->password_hash)->matches);

    const auto key = check_key(base, kApiKey);
    EXPECT_EQ(key.outcome, identity::KeyCheck::Outcome::Accepted);
    EXPECT_TRUE(key.principal.scopes.trade);

    InlineExecutor here;
    const auto secret = crypto::base32_decode(kTotp);
    const auto code = crypto::totp_code(*secret, crypto::totp_step(base.clock.now()));
    const auto used = identity::block_on(base.second_factors->verify(asha->id, code, "login", {identity::kCodeRule},
                                                                     identity::Actor{"asha", "", ""}, here));
    EXPECT_EQ(used.outcome, identity::CodeCheck::Outcome::Accepted);
  }

  test::TemporaryFolder folder_;
  std::filesystem::path data_ = folder_.file("data");
  ImportOptions options_;
};

TEST_F(ImportOpenAlgo, R32_PasswordsKeysAndTotpGoOnWorking) {
  make();
  auto report = import_openalgo(data_, options_, kSilent);
  ASSERT_OK(report);
  auto base = open();
  expect_asha_works(*base);
  EXPECT_EQ(base->users->find("ravi")->role, identity::Role::Trader);
  EXPECT_EQ(number(*base, "SELECT COUNT(*) FROM guard_bans"), 2);
  EXPECT_EQ(number(*base, "SELECT COUNT(*) FROM mail_settings WHERE sealed_password IS NOT NULL"), 1);
  EXPECT_EQ(number(*base, "SELECT COUNT(*) FROM guard_settings WHERE name = 'not_found_threshold' AND value = '30'"), 1);
}

TEST_F(ImportOpenAlgo, R32_AnInstallFromBeforeTheSaltWorksToo) {
  make("--old");
  ASSERT_OK(import_openalgo(data_, options_, kSilent));
  auto base = open();
  expect_asha_works(*base);
}

TEST_F(ImportOpenAlgo, R32_SaysWhatItCouldNotTakeOver) {
  make();
  auto report = import_openalgo(data_, options_, kSilent);
  ASSERT_OK(report);
  for (const char* what : {"user ab", "user werk", "API key of ravi", "broker logins", "login attempts", "semi-automatic",
                           "ban of 203.0.113.9", "ban of 127.0.0.1", "security_api_ban_duration"}) {
    EXPECT_TRUE(mentions(report->not_taken, what)) << what;
  }
  for (const auto& lines : {report->taken, report->not_taken}) {
    EXPECT_FALSE(mentions(lines, kApiKey));
    EXPECT_FALSE(mentions(lines, "mail-password"));
  }
}

TEST_F(ImportOpenAlgo, R32_ADryRunChangesNothingAndASecondRunAddsNothing) {
  make();
  options_.dry_run = true;
  auto dry = import_openalgo(data_, options_, kSilent);
  ASSERT_OK(dry);
  EXPECT_TRUE(mentions(dry->taken, "user asha"));
  EXPECT_EQ(number(*open(), "SELECT COUNT(*) FROM users"), 0);
  options_.dry_run = false;
  ASSERT_OK(import_openalgo(data_, options_, kSilent));
  const auto again = import_openalgo(data_, options_, kSilent);
  ASSERT_OK(again);
  auto base = open();
  EXPECT_EQ(number(*base, "SELECT COUNT(*) FROM users"), 2);
  EXPECT_EQ(number(*base, "SELECT COUNT(*) FROM api_keys"), 1);
  EXPECT_EQ(number(*base, "SELECT COUNT(*) FROM guard_bans"), 2);
  expect_asha_works(*base);
}

TEST_F(ImportOpenAlgo, R32_AWrongEnvIsRefusedBeforeAnythingIsMade) {
  make();
  std::ofstream{folder_.file(".env")} << "API_KEY_PEPPER = 'short'\n";
  EXPECT_FALSE(import_openalgo(data_, options_, kSilent));
  EXPECT_FALSE(std::filesystem::exists(data_));
}

TEST_F(ImportOpenAlgo, R32_NothingIsImportedUnderARunningGateway) {
  make();
  (void)open();
  auto gateway = store::FolderLock::take(data_);
  ASSERT_OK(gateway);
  EXPECT_FALSE(import_openalgo(data_, options_, kSilent));
  EXPECT_EQ(number(*open(), "SELECT COUNT(*) FROM users"), 0);
}

}  // namespace
}  // namespace kavach::app
