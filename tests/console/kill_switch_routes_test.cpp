#include "console_fixture.h"

namespace kavach::console::test {
namespace {

TEST_F(ConsoleRoutes, R36TheKillSwitchIsThrownAtOnceAndReleasedOnlyWithAFreshProof) {
  const auto thrown = post("/console/api/kill-switch", R"({"state":"HALTED","reason":"runaway"})");
  EXPECT_EQ(thrown.status, 200);
  EXPECT_EQ(state_, trading::TradingState::Halted);
  for (const std::string_view looser : {"ACTIVE", "REDUCING"}) {
    const auto refused = post("/console/api/kill-switch", R"({"reason":"again","state":")" + std::string{looser} + R"("})");
    EXPECT_EQ(refused.status, 403);
    EXPECT_NE(refused.body.find("step_up_required"), std::string::npos);
    EXPECT_EQ(state_, trading::TradingState::Halted);
  }
  fresh_ = true;
  EXPECT_EQ(post("/console/api/kill-switch", R"({"state":"ACTIVE","reason":"mended"})").status, 200);
  EXPECT_EQ(state_, trading::TradingState::Active);
}

TEST_F(ConsoleRoutes, R36TheKillSwitchIsTheOwnersAndTakesOnlyWhatItKnows) {
  const guard::Route* route = row(http::Method::Post, "/console/api/kill-switch");
  ASSERT_NE(route, nullptr);
  EXPECT_EQ(route->policy.access, guard::Access::OwnerSession);
  EXPECT_EQ(route->policy.priority, guard::Priority::Essential);
  for (const std::string_view body : {R"({})", R"({"state":"HALTED"})", R"({"state":"RECONCILING","reason":"x"})",
                                      R"({"state":1,"reason":"x"})", R"({"state":"HALTED","reason":""})",
                                      R"({"state":"halted","reason":"x"})"}) {
    EXPECT_EQ(post("/console/api/kill-switch", body).status, 400) << body;
  }
  EXPECT_EQ(state_, trading::TradingState::Active);
}

}  // namespace
}  // namespace kavach::console::test
