#include "app/data_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/matchers.h"
#include "support/temporary_folder.h"

namespace kavach::app {
namespace {

const Environment kNoEnvironment = [](const std::string&) { return std::optional<std::string>{}; };

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0U;
}

TEST(DataFolder, R27_IsPrivateAndItsSecretsSurviveARestart) {
  test::TemporaryFolder parent;
  const auto folder = parent.file("data");
  ASSERT_OK(prepare_data_folder(folder));
  EXPECT_EQ(mode_of(folder), 0700U);
  auto first = Settings::load(folder, kNoEnvironment);
  ASSERT_OK(adopt_secrets(*first, SecureRandom{}));
  EXPECT_EQ(mode_of(folder / "secrets.env"), 0600U);
  auto second = Settings::load(folder, kNoEnvironment);
  ASSERT_OK(adopt_secrets(*second, SecureRandom{}));
  EXPECT_TRUE(first->secret(Setting::AppKey) == second->secret(Setting::AppKey));
  EXPECT_FALSE(first->secret(Setting::AppKey) == first->secret(Setting::ApiKeyPepper));
}

TEST(DataFolder, R27_WiderModesAreRefused) {
  test::TemporaryFolder parent;
  const auto folder = parent.file("data");
  ASSERT_OK(prepare_data_folder(folder));
  auto settings = Settings::load(folder, kNoEnvironment);
  ASSERT_OK(adopt_secrets(*settings, SecureRandom{}));

  ::chmod((folder / "secrets.env").c_str(), 0640);
  auto again = Settings::load(folder, kNoEnvironment);
  EXPECT_FALSE(adopt_secrets(*again, SecureRandom{}));
  ::chmod(folder.c_str(), 0755);
  EXPECT_FALSE(prepare_data_folder(folder));
}

TEST(DataFolder, ALostSecretIsNotReplacedInSilence) {
  test::TemporaryFolder parent;
  const auto folder = parent.file("data");
  ASSERT_OK(prepare_data_folder(folder));
  std::ofstream{folder / "secrets.env"} << "APP_KEY=" << std::string(64, 'a') << "\n";
  ::chmod((folder / "secrets.env").c_str(), 0600);
  auto settings = Settings::load(folder, kNoEnvironment);
  const auto adopted = adopt_secrets(*settings, SecureRandom{});
  ASSERT_FALSE(adopted);
  EXPECT_NE(adopted.error().message.find("backup"), std::string::npos);
}

}  // namespace
}  // namespace kavach::app
