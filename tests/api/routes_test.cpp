#include "api/routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "gateway.h"

namespace kavach::api {
namespace {

const guard::Route* find(const guard::Routes& routes, std::string_view path) {
  const auto at = std::ranges::find(routes, path, &guard::Route::path);
  return at == routes.end() ? nullptr : &*at;
}

TEST(ApiRoutes, EveryRowThatTradesNeedsATradeKey) {
  Gateway gateway;
  for (const guard::Route& route : gateway.router.routes()) {
    if (!route.policy.changes_state) continue;
    EXPECT_EQ(route.policy.access, guard::Access::TradeKey) << route.path;
  }
  for (const char* path : {"placeorder", "placesmartorder", "modifyorder", "cancelorder", "cancelallorder",
                           "closeposition", "basketorder", "splitorder", "optionsorder",
                           "optionsmultiorder", "analyzer/toggle"}) {
    const auto* route = find(gateway.router.routes(), "/api/v1/" + std::string{path});
    ASSERT_NE(route, nullptr) << path;
    EXPECT_TRUE(route->policy.changes_state) << path;
  }
}

TEST(ApiRoutes, OnlyTheDescriptionAndTheHostArePublic) {
  Gateway gateway;
  for (const guard::Route& route : gateway.router.routes()) {
    if (route.policy.access != guard::Access::Public) continue;
    EXPECT_TRUE(route.path == "/api/v1/openapi.json" || route.path == "/api/config/host") << route.path;
  }
}

TEST(ApiRoutes, WaysOutAreRefusedLast) {
  Gateway gateway;
  for (const char* path : {"/api/v1/cancelorder", "/api/v1/cancelallorder", "/api/v1/closeposition"}) {
    EXPECT_EQ(find(gateway.router.routes(), path)->policy.priority, guard::Priority::Essential);
  }
}

TEST(ApiRoutes, EveryKeyRouteWordsItsRefusals) {
  Gateway gateway;
  for (const guard::Route& route : gateway.router.routes()) {
    if (route.policy.access == guard::Access::Public) continue;
    guard::Call call;
    call.request.method = route.method;
    call.request.path = route.path;
    call.body = json::object{};
    const auto missing = route.shape.missing_key(call);
    EXPECT_EQ(missing.status, 400) << route.path;
    EXPECT_NE(missing.body.find("apikey"), std::string::npos) << route.path;
    EXPECT_GE(route.shape.invalid_key(call).status, 401) << route.path;
  }
}

TEST(OpenApi, DescribesEveryRouteAndParses) {
  Gateway gateway;
  const auto answer = gateway.get("/api/v1/openapi.json", "");
  const auto document = parse_json(answer.body);
  ASSERT_OK(document);
  for (const guard::Route& route : gateway.router.routes()) {
    if (route.path == "/api/v1/openapi.json") continue;
    EXPECT_TRUE(document->at("paths").as_object().contains(route.path)) << route.path;
  }
  const auto& quantity = document->at("paths").at("/api/v1/placeorder").at("post").at("requestBody").at(
      "content").at("application/json").at("schema").at("properties").at("quantity");
  EXPECT_EQ(quantity.at("type").at(0).as_string(), "number");
}

}  // namespace
}  // namespace kavach::api
