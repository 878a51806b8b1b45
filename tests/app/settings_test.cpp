#include "app/settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/matchers.h"
#include "support/temporary_folder.h"

namespace kavach::app {
namespace {

Environment environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

void write_file(const std::filesystem::path& path, const std::string& text, bool is_private = true) {
  std::ofstream{path} << text;
  using std::filesystem::perms;
  const auto own = perms::owner_read | perms::owner_write;
  std::filesystem::permissions(path, is_private ? own : own | perms::others_read);
}

TEST(Settings, EnvironmentWinsOverFileWinsOverDefault) {
  test::TemporaryFolder folder;
  write_file(folder.file("kavach.env"), "LISTEN_PORT=6000\nWEBSOCKET_PORT=\"0\" # off\n# note\n");
  const auto settings = Settings::load(folder.path(), environment({{"LISTEN_PORT", "7000"}}));
  ASSERT_OK(settings);
  EXPECT_EQ(settings->integer(Setting::ListenPort), 7000);
  EXPECT_EQ(settings->integer(Setting::WebsocketPort), 0);
  EXPECT_EQ(settings->text(Setting::ListenAddress), "127.0.0.1");
  EXPECT_EQ(settings->text(Setting::HostServer), "http://127.0.0.1:7000");
  EXPECT_EQ(settings->origin(Setting::WebsocketPort), SettingOrigin::DataFolder);
}

TEST(Settings, MalformedValuesStopTheStartWithNameValueAndWhatIsAllowed) {
  test::TemporaryFolder folder;
  const std::pair<const char*, const char*> bad[] = {
      {"LISTEN_PORT", "70000"},        {"LISTEN_PORT", "5000x"},
      {"AUTO_BAN_ENABLED", "yes"},     {"API_RATE_LIMIT", "fast"},
      {"SESSION_EXPIRY_TIME", "25:00"}, {"SESSION_TIMEZONE", "Mars/Base"},
      {"TRUSTED_PROXIES", "10.0.0.1/8"}, {"HOST_SERVER", "https://x/path"},
      {"LOG_FORMAT", "xml"},           {"SESSION_IDLE_TIMEOUT", "30"},
      {"METRICS_ADDRESS", "9100"}};
  for (const auto& [name, value] : bad) {
    const auto settings = Settings::load(folder.path(), environment({{name, value}}));
    ASSERT_FALSE(settings) << name << "=" << value;
    EXPECT_NE(settings.error().message.find(name), std::string::npos);
    EXPECT_NE(settings.error().message.find(value), std::string::npos);
    EXPECT_NE(settings.error().message.find("it takes"), std::string::npos);
  }
}

TEST(Settings, R27_SecretsAreNeverEchoedAndTheirFilesMustBePrivate) {
  test::TemporaryFolder folder;
  const auto weak = Settings::load(folder.path(), environment({{"APP_KEY", "too-short-canary"}}));
  ASSERT_FALSE(weak);
  EXPECT_EQ(weak.error().message.find("canary"), std::string::npos);

  const std::string pepper(40, 'p');
  write_file(folder.file("pepper"), pepper + "\n");
  const auto env = environment({{"API_KEY_PEPPER_FILE", folder.file("pepper").string()}});
  const auto settings = Settings::load(folder.path(), env);
  ASSERT_OK(settings);
  EXPECT_TRUE(settings->secret(Setting::ApiKeyPepper) == Secret{pepper});
  EXPECT_EQ(settings->print().find(pepper), std::string::npos);
  EXPECT_NE(settings->print().find("API_KEY_PEPPER=********"), std::string::npos);

  write_file(folder.file("pepper"), pepper, false);
  EXPECT_FALSE(Settings::load(folder.path(), env));
}

TEST(Settings, UnknownNamesInTheFileAreRefused) {
  test::TemporaryFolder folder;
  for (const char* text :
       {"LISTEN_PROT=1\n", "LISTEN_PORT 1\n", "LISTEN_PORT=1\nLISTEN_PORT=2\n", "A='x\n"}) {
    write_file(folder.file("kavach.env"), text);
    EXPECT_FALSE(Settings::load(folder.path(), environment({}))) << text;
  }
}

}  // namespace
}  // namespace kavach::app
