#include <gtest/gtest.h>

#include "console/routes.h"
#include "core/json.h"

namespace kavach::console {
namespace {

json::value data_of(SettingServices& services) {
  const guard::Routes routes = setting_routes(services);
  guard::Call call;
  Task<http::Response> task = routes.front().handle(call);
  task.start([] {});
  return parse_json(task.take().body).value().at("data");
}

TEST(Settings, AreTheOwnersAndNameTheirSource) {
  SettingServices services{
      [] { return std::vector<SettingView>{{"HOST_SERVER", "https://k.example", "environment"}}; },
      [] { return std::optional<identity::MailSettings>{}; }};
  EXPECT_EQ(setting_routes(services).front().policy.access, guard::Access::OwnerSession);
  const auto data = data_of(services);
  EXPECT_EQ(data.at("settings").at(0).at("source"), "environment");
  EXPECT_TRUE(data.at("smtp").is_null());
}

TEST(Settings, TheMailServersPasswordIsOnlySaidToExist) {
  SettingServices services{
      [] { return std::vector<SettingView>{}; },
      [] {
        return std::optional<identity::MailSettings>{
            {"smtp.example", 587, "ada", "k@example", identity::MailSecurity::StartTls, true}};
      }};
  const auto smtp = data_of(services).at("smtp");
  EXPECT_EQ(smtp.at("security"), "starttls");
  EXPECT_EQ(smtp.at("password_set"), true);
  EXPECT_EQ(smtp.as_object().if_contains("password"), nullptr);
}

}  // namespace
}  // namespace kavach::console
