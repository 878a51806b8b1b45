#include <gtest/gtest.h>

#include <future>

#include "console/routes.h"
#include "core/json.h"

namespace kavach::console {
namespace {

class Keys : public testing::Test {
 protected:
  http::Response send(std::string_view path, json::object body = {}) {
    guard::Call call;
    call.executor = &executor_;
    call.principal.username = "ada";
    call.body = std::move(body);
    for (const guard::Route& route : routes_) {
      if (route.path != path) continue;
      Task<http::Response> task = route.handle(call);
      std::promise<void> done;
      task.start([&done] { done.set_value(); });
      done.get_future().wait();
      return task.take();
    }
    return http::Response::text(404, "");
  }

  InlineExecutor executor_;
  WorkerPool workers_{1, 4};
  bool fresh_{true};
  std::vector<std::string> asked_;
  KeyServices services_{
      workers_,
      []() -> Result<KeysView> {
        KeysView keys;
        keys.masters.push_back({"pepper", "API_KEY_PEPPER", "generated", "11112222", {{"33334444", "1 password"}}});
        keys.rotation = RotationView{.state = "running", .masters = {"pepper"}, .requested_by = "ada", .requested_at = {},
                                     .finished_at = {}, .resealed = 3, .remaining = 5, .problem = ""};
        return keys;
      },
      [this](const std::string& which, const identity::Actor& actor) -> Result<void> {
        if (which == "nonsense") return fail(ErrorCode::InvalidInput, "which must be all, app, pepper or field.");
        asked_.push_back(which + " by " + actor.name);
        return {};
      },
      [this](const guard::Call&) { return fresh_; }};
  guard::Routes routes_ = key_routes(services_);
};

TEST_F(Keys, R26_ShowsGenerationsAndProgressAndNoSecret) {
  const auto data = parse_json(send("/keys/api/data").body).value().at("data");
  EXPECT_EQ(data.at("masters").at(0).at("current"), "11112222");
  EXPECT_EQ(data.at("masters").at(0).at("older").at(0).at("needed_by"), "1 password");
  EXPECT_EQ(data.at("rotation").at("remaining"), 5);
  EXPECT_TRUE(data.at("rotation").at("finished_at").is_null());
}

TEST_F(Keys, R26_ARotationTakesAFreshSecondFactorAndAConfirmation) {
  fresh_ = false;
  EXPECT_EQ(send("/keys/api/rotate", {{"which", "all"}, {"confirm", true}}).status, 403);
  fresh_ = true;
  const auto unconfirmed = send("/keys/api/rotate", {{"which", "all"}});
  EXPECT_EQ(unconfirmed.status, 409);
  EXPECT_EQ(parse_json(unconfirmed.body).value().at("data").at("reason"), "confirm_required");
  EXPECT_EQ(send("/keys/api/rotate", {{"which", "all"}, {"confirm", "yes"}}).status, 409);
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(send("/keys/api/rotate", {{"which", "field"}, {"confirm", true}}).status, 200);
  EXPECT_EQ(send("/keys/api/rotate", {{"which", "nonsense"}, {"confirm", true}}).status, 400);
  EXPECT_EQ(send("/keys/api/rotate", {{"which", 7}, {"confirm", true}}).status, 400);
  EXPECT_EQ(asked_, std::vector<std::string>{"field by ada"});
}

TEST_F(Keys, R26_AreTheOwnersAlone) {
  for (const guard::Route& route : routes_) EXPECT_EQ(route.policy.access, guard::Access::OwnerSession) << route.path;
}

}  // namespace
}  // namespace kavach::console
