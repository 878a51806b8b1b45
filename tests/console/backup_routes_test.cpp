#include <gtest/gtest.h>

#include <future>

#include "console/routes.h"
#include "core/json.h"

namespace kavach::console {
namespace {

class Backups : public testing::Test {
 protected:
  http::Response send(http::Method method, std::string_view path, std::string name = {}) {
    guard::Call call;
    call.executor = &executor_;
    call.principal.username = "ada";
    call.path_values["name"] = std::move(name);
    call.body = json::object{};
    for (const guard::Route& route : routes_) {
      if (route.method != method || route.path != path) continue;
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
  std::vector<std::string> read_;
  bool fresh_{true};
  BackupServices services_{
      workers_,
      [] { return Result<std::vector<BackupView>>{{{"kavach-20270629-0330.backup", TimePoint{}, 4096}}}; },
      [](const identity::Actor& actor) -> Result<BackupView> {
        if (actor.name != "ada") return fail(ErrorCode::Internal, "wrong actor");
        return BackupView{"new.backup", TimePoint{}, 7};
      },
      [this](const std::string& name) -> Result<std::string> {
        read_.push_back(name);
        return std::string{"sealed"};
      },
      [this](const guard::Call&) { return fresh_; }};
  guard::Routes routes_ = backup_routes(services_);
};

TEST_F(Backups, ListsMakesAndFetches) {
  const auto listed = parse_json(send(http::Method::Get, "/backup/api/list").body).value();
  EXPECT_EQ(listed.at("data").at("backups").at(0).at("bytes"), 4096);
  const auto made = parse_json(send(http::Method::Post, "/backup/api/create").body).value();
  EXPECT_EQ(made.at("data").at("name"), "new.backup");
  const auto file = send(http::Method::Get, "/backup/api/download/{name}", "kavach-20270629-0330.backup");
  EXPECT_EQ(file.body, "sealed");
  EXPECT_EQ(file.content_type, "application/octet-stream");
}

TEST_F(Backups, R8MakingAndFetchingOneNeedAFreshProof) {
  fresh_ = false;
  for (const auto& refused : {send(http::Method::Post, "/backup/api/create"),
                              send(http::Method::Get, "/backup/api/download/{name}", "kavach-20270629-0330.backup")}) {
    EXPECT_EQ(refused.status, 403);
    EXPECT_TRUE(refused.body.contains("step_up_required"));
  }
  EXPECT_TRUE(read_.empty());
  EXPECT_EQ(send(http::Method::Get, "/backup/api/list").status, 200);
}

TEST_F(Backups, ANameCannotLeaveTheFolder) {
  for (const char* name : {"", "..", "../kavach.db", "..%2fsecrets.env", "a/b", ".env", "a..b", "SECRETS", "a\\b", "a\r\nb"}) {
    EXPECT_EQ(send(http::Method::Get, "/backup/api/download/{name}", name).status, 404) << name;
  }
  EXPECT_TRUE(read_.empty());
}

TEST_F(Backups, AreTheOwnersAlone) {
  for (const guard::Route& route : routes_) EXPECT_EQ(route.policy.access, guard::Access::OwnerSession) << route.path;
}

}  // namespace
}  // namespace kavach::console
