#include "guard/guard_settings.h"

#include <gtest/gtest.h>

#include "support/guard_fixture.h"

namespace kavach::guard {
namespace {

using namespace std::chrono_literals;
using GuardSettingsTest = GuardFixture;

Result<GuardValues> changed(const char* json_text) {
  return with_changes({}, parse_json(json_text)->as_object());
}

TEST(GuardSettingsText, R40a_SettingsAreStrictlyTyped) {
  for (const char* wrong :
       {R"({"auto_ban_enabled":"false"})", R"({"auto_ban_enabled":0})", R"({"invalid_api_key_threshold":"10"})",
        R"({"invalid_api_key_threshold":0})", R"({"invalid_api_key_threshold":100001})",
        R"({"invalid_api_key_threshold":1.5})", R"({"not_found_ban_hours":0})", R"({"not_found_ban_hours":-1})",
        R"({"not_found_ban_hours":87601})", R"({"not_found_ban_hours":"24"})", R"({"repeat_offender_limit":101})",
        R"({"api_rate_limit":50})", R"({"api_rate_limit":"unlimited"})", R"({"nonsense":1})", R"({"shadow_csrf":"no"})"}) {
    EXPECT_FALSE(changed(wrong)) << wrong;
  }
  const auto fine = changed(R"({"auto_ban_enabled":false,"not_found_ban_hours":0.5,"api_rate_limit":"5/second","shadow_csrf":true})");
  ASSERT_OK(fine);
  EXPECT_FALSE(fine->auto_ban_enabled);
  EXPECT_EQ(fine->offences.of(OffenceKind::NotFound).ban, 30min);
  EXPECT_EQ(fine->rates.of(RateClass::Api).text(), "5 per second");
  EXPECT_TRUE(fine->in_shadow(Defence::Csrf));
}

TEST(GuardSettingsText, OneWrongNameChangesNothing) {
  const auto mixed = changed(R"({"auto_ban_enabled":false,"nonsense":1})");
  ASSERT_FALSE(mixed);
  EXPECT_NE(mixed.error().message.find("nonsense"), std::string::npos);
}

TEST_F(GuardSettingsTest, AStoredChangeWinsOverTheEnvironmentAndIsAudited) {
  const auto object = parse_json(R"({"not_found_threshold":7,"login_rate_limit":"3 per minute"})")->as_object();
  ASSERT_OK(database->write_and_wait([&](store::Transaction& transaction) {
    return defences->settings.change(transaction, audit, object, "ada", "203.0.113.1", "r");
  }));
  EXPECT_EQ(audit.count("guard.settings_changed"), 1);
  GuardValues environment;
  environment.offences.of(OffenceKind::NotFound).threshold = 99;
  restart(environment);
  EXPECT_EQ(defences->settings.read()->offences.of(OffenceKind::NotFound).threshold, 7);
  EXPECT_EQ(defences->settings.read()->rates.of(RateClass::Login).text(), "3 per minute");
  std::string shown;
  JsonWriter writer{shown};
  write_settings(writer, *defences->settings.read());
  EXPECT_NE(shown.find(R"("not_found_threshold":7)"), std::string::npos);
  EXPECT_NE(shown.find(R"("invalid_api_key_ban_hours":48)"), std::string::npos);
}

}  // namespace
}  // namespace kavach::guard
