#include "console_fixture.h"

namespace kavach::console::test {
namespace {

TEST_F(ConsoleRoutes, SearchesInstruments) {
  const auto found = data(get("/console/api/instruments?q=sbin&exchange=NSE"));
  ASSERT_EQ(found.at("instruments").as_array().size(), 1U);
  EXPECT_EQ(found.at("instruments").at(0).at("symbol"), "SBIN");
  EXPECT_EQ(get("/console/api/instruments").status, 400);
  EXPECT_EQ(get("/console/api/instruments?q=sbin&exchange=NOPE").status, 400);
  EXPECT_EQ(get("/console/api/instruments?q=" + std::string(61, 'a')).status, 400);
}

TEST_F(ConsoleRoutes, QuotesOneAndMany) {
  EXPECT_EQ(data(get("/console/api/quote?exchange=NSE&symbol=SBIN")).at("ltp"), 812.4);
  EXPECT_EQ(get("/console/api/quote?exchange=NSE&symbol=NOPE").status, 404);
  const auto many = data(get("/console/api/quotes?symbols=NSE:SBIN,NSE:NOPE,bad,NSE_INDEX:NIFTY"));
  ASSERT_EQ(many.at("quotes").as_array().size(), 1U);
  EXPECT_EQ(many.at("quotes").at(0).at("symbol"), "SBIN");
}

TEST_F(ConsoleRoutes, QuotesAreBounded) {
  std::string symbols = "NSE:SBIN";
  for (int i = 0; i < 50; ++i) symbols += ",NSE:SBIN";
  EXPECT_EQ(get("/console/api/quotes?symbols=" + symbols).status, 400);
  EXPECT_EQ(get("/console/api/quotes").status, 400);
}

TEST_F(ConsoleRoutes, DepthHasFiveLevels) {
  const auto depth = data(get("/console/api/depth?exchange=NSE&symbol=SBIN"));
  EXPECT_EQ(depth.at("bids").as_array().size(), 5U);
  EXPECT_EQ(depth.at("asks").at(0).at("price"), 812.45);
}

TEST_F(ConsoleRoutes, ModeSwitchesTheAccount) {
  EXPECT_EQ(data(get("/console/api/mode")).at("mode"), "live");
  EXPECT_EQ(post("/console/api/mode", R"({"mode":"sideways"})").status, 400);
  EXPECT_EQ(post("/console/api/mode", R"({"mode":true})").status, 400);
  EXPECT_EQ(data(post("/console/api/mode", R"({"mode":"analyze"})")).at("mode"), "analyze");
  (void)post("/console/api/orders", kTicket);
  EXPECT_EQ(desk_.last_account, "analyze:7");
}

TEST_F(ConsoleRoutes, R8GoingLiveNeedsAFreshProofAndGoingBackDoesNot) {
  EXPECT_EQ(post("/console/api/mode", R"({"mode":"live"})").status, 200) << "it is live already";
  EXPECT_EQ(post("/console/api/mode", R"({"mode":"analyze"})").status, 200);
  const auto refused = post("/console/api/mode", R"({"mode":"live"})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(refused.body.contains("step_up_required"));
  EXPECT_EQ(data(get("/console/api/mode")).at("mode"), "analyze");
  fresh_ = true;
  EXPECT_EQ(data(post("/console/api/mode", R"({"mode":"live"})")).at("mode"), "live");
}

}  // namespace
}  // namespace kavach::console::test
