#include <gtest/gtest.h>

#include "gateway.h"

namespace kavach::api {
namespace {

TEST(ModeSwitch, ToggleSetsStoresAndAudits) {
  Gateway gateway;
  EXPECT_EQ(gateway.post("/api/v1/analyzer", "{}").body,
            R"({"data":{"analyze_mode":false,"mode":"live","total_logs":0},"status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/analyzer/toggle", R"({"mode":true})").body,
            R"({"data":{"analyze_mode":true,"message":"Analyzer mode switched to analyze","mode":"analyze",)"
            R"("total_logs":0},"status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/analyzer/toggle", R"({"mode":"yes"})").status, 200);
  EXPECT_EQ(gateway.modes.account_of(7), "analyze:7");
  EXPECT_EQ(gateway.modes.account_of(8), "paper:8") << "another user's orders must stay real";
  ASSERT_EQ(gateway.audit.events.size(), 2U);
  EXPECT_EQ(gateway.audit.events[0].kind, "trading.mode");
  EXPECT_EQ(gateway.audit.events[0].actor, "asha");
  ModeSwitch restarted{*gateway.database, gateway.audit};
  ASSERT_OK(restarted.load());
  EXPECT_TRUE(restarted.is_analyze(7));
  EXPECT_FALSE(restarted.is_analyze(8));
}

TEST(Chart, KeepsTextsWithinLimits) {
  Gateway gateway;
  EXPECT_EQ(gateway.post("/api/v1/chart", R"({"apikey":"authenticated","theme":"dark","size":12})").body,
            R"({"message":"Preferences updated successfully","status":"success"})");
  EXPECT_EQ(gateway.get("/api/v1/chart", "apikey=k").body,
            R"({"data":{"size":"12","theme":"dark"},"status":"success"})");
  EXPECT_EQ(gateway.post("/api/v1/chart", R"({"apikey":"authenticated"})").status, 400);
  EXPECT_EQ(gateway.post("/api/v1/chart", R"({"theme":{"a":1}})").status, 400);
  EXPECT_EQ(gateway.post("/api/v1/chart", "{\"" + std::string(51, 'k') + "\":\"v\"}").status, 400);
  std::string many = "{\"a\":\"1\"";
  for (int i = 0; i < 49; ++i) many += ",\"k" + std::to_string(i) + "\":\"v\"";
  EXPECT_EQ(gateway.post("/api/v1/chart", many + "}").status, 400) << "two are there already";
  EXPECT_EQ(gateway.get("/api/v1/chart", "").body.find("k0"), std::string::npos)
      << "a refused update leaves nothing behind";
}

TEST(TradingDay, BeginsWhenTheLastSessionEnded) {
  const TradingDay day{*TimeZone::find("Asia/Kolkata"), *TimeOfDay::parse("03:30")};
  EXPECT_EQ(day.begun(at_ist("2027-06-25", 11, 0)), at_ist("2027-06-25", 3, 30));
  EXPECT_EQ(day.begun(at_ist("2027-06-25", 3, 30)), at_ist("2027-06-25", 3, 30));
  EXPECT_EQ(day.begun(at_ist("2027-06-25", 3, 29)), at_ist("2027-06-24", 3, 30));
}

}  // namespace
}  // namespace kavach::api
