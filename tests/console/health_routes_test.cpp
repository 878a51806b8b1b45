#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "console/routes.h"
#include "core/json.h"

namespace kavach::console {
namespace {

http::Response ask(const guard::Route& route, Executor& executor) {
  guard::Call call;
  call.executor = &executor;
  Task<http::Response> task = route.handle(call);
  std::promise<void> done;
  task.start([&done] { done.set_value(); });
  done.get_future().wait();
  return task.take();
}

TEST(Health, StatusTellsTheWorldNothingButOk) {
  ManualClock clock{TimePoint{}};
  WorkerPool workers{1, 4};
  HealthServices services{clock, workers, "0.1.0", clock.now(), {}, [] { return true; }};
  InlineExecutor executor;
  const guard::Routes routes = health_routes(services);
  EXPECT_EQ(routes[0].policy.access, guard::Access::Public);
  EXPECT_EQ(ask(routes[0], executor).body, R"({"status":"ok"})");
}

TEST(Health, R14_StatusIsNotOkWhileTheStoreCannotBeWritten) {
  ManualClock clock{TimePoint{}};
  WorkerPool workers{1, 4};
  bool writes = false;
  HealthServices services{clock, workers, "0.1.0", clock.now(), {}, [&writes] { return writes; }};
  InlineExecutor executor;
  const guard::Routes routes = health_routes(services);
  const auto failing = ask(routes[0], executor);
  EXPECT_EQ(failing.status, 503);
  EXPECT_EQ(failing.body, R"({"status":"error","message":"The gateway cannot place orders."})");
  EXPECT_NE(std::ranges::find(failing.headers, "Retry-After", &http::Header::name), failing.headers.end());
  writes = true;
  EXPECT_EQ(ask(routes[0], executor).status, 200);
}

TEST(Health, CheckNeedsASessionAndNamesWhatFailed) {
  ManualClock clock{TimePoint{}};
  WorkerPool workers{1, 4};
  HealthServices services{clock, workers, "0.1.0", clock.now(), {}, [] { return true; }};
  services.checks.push_back({"disk", [] { return Result<std::string>{"82 GiB free"}; }});
  services.checks.push_back({"database", []() -> Result<std::string> {
                               return fail(ErrorCode::StorageReadOnly, "The data folder is read-only.", "/path");
                             }});
  clock.advance(std::chrono::seconds{90});
  InlineExecutor executor;
  const guard::Routes routes = health_routes(services);
  EXPECT_EQ(routes[1].policy.access, guard::Access::Session);
  const auto response = ask(routes[1], executor);
  const auto body = parse_json(response.body).value();
  EXPECT_EQ(body.at("data").at("uptime_seconds"), 90);
  EXPECT_EQ(body.at("data").at("checks").at(0).at("ok"), true);
  EXPECT_EQ(body.at("data").at("checks").at(1).at("ok"), false);
  EXPECT_EQ(response.body.find("/path"), std::string::npos);
}

}  // namespace
}  // namespace kavach::console
