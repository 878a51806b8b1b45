#include "api/routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "gateway.h"
#include "guard/steps.h"

namespace kavach::api {
namespace {

const guard::Route* find(const guard::Routes& routes, std::string_view path) {
  const auto at = std::ranges::find(routes, path, &guard::Route::path);
  return at == routes.end() ? nullptr : &*at;
}

// All routes by what a key must be allowed to do. A new route belongs into this table or fails the test.
constexpr std::array kForTraders = {"POST /api/v1/placeorder",   "POST /api/v1/placesmartorder",  "POST /api/v1/modifyorder",
                                    "POST /api/v1/basketorder",  "POST /api/v1/splitorder",       "POST /api/v1/optionsorder",
                                    "POST /api/v1/chart",        "POST /api/v1/optionsmultiorder", "POST /api/v1/analyzer/toggle"};
constexpr std::array kWaysOut = {"POST /api/v1/cancelorder", "POST /api/v1/cancelallorder", "POST /api/v1/closeposition"};
constexpr std::array kForReaders = {
    "POST /api/v1/orderstatus",    "POST /api/v1/openposition",   "POST /api/v1/orderbook",       "POST /api/v1/tradebook",
    "POST /api/v1/positionbook",   "POST /api/v1/holdings",       "POST /api/v1/funds",           "POST /api/v1/margin",
    "POST /api/v1/pnl/symbols",    "POST /api/v1/quotes",         "POST /api/v1/multiquotes",     "POST /api/v1/depth",
    "POST /api/v1/history",        "POST /api/v1/intervals",      "GET /api/v1/ticker/{ticker}",  "POST /api/v1/symbol",
    "POST /api/v1/search",         "POST /api/v1/expiry",         "GET /api/v1/instruments",      "POST /api/v1/instruments",   "POST /api/v1/optionsymbol",
    "POST /api/v1/optionchain",    "POST /api/v1/optiongreeks",   "POST /api/v1/multioptiongreeks", "POST /api/v1/syntheticfuture",
    "POST /api/v1/analyzer",       "POST /api/v1/market/holidays", "POST /api/v1/market/timings", "GET /api/v1/chart",
    "POST /api/v1/ping"};
constexpr std::array kForAnybody = {"GET /api/v1/openapi.json", "GET /api/config/host"};

bool holds(const auto& table, std::string_view row) { return std::ranges::find(table, row) != table.end(); }

bool may(const guard::Route& route, identity::KeyScope scope) {
  guard::Call call;
  call.principal.credential = identity::Credential::ApiKey;
  call.principal.scopes = identity::scopes_of(scope);
  return !guard::AuthoriseStep{}.judge(call, route);
}

// R11: which scope passes which route, over all of them.
TEST(ApiRoutes, R11EveryRouteIsForTheScopesThatTheTableNames) {
  using identity::KeyScope;
  Gateway gateway;
  std::set<std::string> seen;
  for (const guard::Route& route : gateway.router.routes()) {
    const std::string row = std::string{http::name_of(route.method)} + " " + route.path;
    seen.insert(row);
    const bool trades = holds(kForTraders, row);
    const bool exits = holds(kWaysOut, row);
    const bool reads = holds(kForReaders, row);
    const bool open = holds(kForAnybody, row);
    EXPECT_EQ(trades + exits + reads + open, 1) << row << " is not in the table, or twice";
    EXPECT_TRUE(may(route, KeyScope::Trade)) << row;
    EXPECT_EQ(may(route, KeyScope::SquareOff), exits || reads || open) << row;
    EXPECT_EQ(may(route, KeyScope::Read), reads || open) << row;
    EXPECT_EQ(may(route, static_cast<KeyScope>(9)), open) << row;
    EXPECT_EQ(route.policy.access == guard::Access::Public, open) << row;
    EXPECT_EQ(route.policy.changes_state, trades || exits) << row;
  }
  EXPECT_EQ(seen.size(), kForTraders.size() + kWaysOut.size() + kForReaders.size() + kForAnybody.size());
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
