#include "guard/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace kavach::guard {
namespace {

Task<http::Response> answer(Call&) { co_return http::Response::text(200, "ok"); }

http::Response refuse(const Call&) { return http::Response::text(403, "no"); }

Route row(http::Method method, std::string path, Access access = Access::Public) {
  return {method, std::move(path),
          {.access = access, .rate = RateClass::Default, .body = BodyKind::None, .body_bytes_max = 0,
           .changes_state = false, .csrf = Csrf::NotApplicable, .priority = Priority::Normal},
          answer, {refuse, refuse}};
}

Routes sample() {
  return {row(http::Method::Get, "/"), row(http::Method::Post, "/api/v1/quotes"),
          row(http::Method::Get, "/auth/active-sessions"),
          row(http::Method::Delete, "/auth/active-sessions/{id}")};
}

TEST(Router, FindsRowsWithAndWithoutTrailingSlash) {
  const Router router{sample()};
  for (const char* path : {"/api/v1/quotes", "/api/v1/quotes/"}) {
    const auto found = router.find(http::Method::Post, path);
    ASSERT_TRUE(std::holds_alternative<RouteMatch>(found)) << path;
    EXPECT_EQ(std::get<RouteMatch>(found).route->path, "/api/v1/quotes");
  }
  EXPECT_TRUE(std::holds_alternative<RouteMatch>(router.find(http::Method::Head, "/")));
}

TEST(Router, BindsTemplateValues) {
  const Router router{sample()};
  const auto found = router.find(http::Method::Delete, "/auth/active-sessions/a7");
  ASSERT_TRUE(std::holds_alternative<RouteMatch>(found));
  EXPECT_EQ(std::get<RouteMatch>(found).values.at("id"), "a7");
  EXPECT_TRUE(std::holds_alternative<NoSuchPath>(
      router.find(http::Method::Delete, "/auth/active-sessions/a/b")));
}

TEST(Router, SaysWhatIsAllowedAndRedirectsDoubleSlashes) {
  const Router router{sample()};
  const auto wrong = router.find(http::Method::Get, "/api/v1/quotes");
  ASSERT_TRUE(std::holds_alternative<WrongMethod>(wrong));
  EXPECT_EQ(std::get<WrongMethod>(wrong).allow, "POST");
  const auto redirect = router.find(http::Method::Post, "/api/v1//quotes");
  ASSERT_TRUE(std::holds_alternative<RedirectTo>(redirect));
  EXPECT_EQ(std::get<RedirectTo>(redirect).path, "/api/v1/quotes");
  EXPECT_TRUE(std::holds_alternative<NoSuchPath>(router.find(http::Method::Get, "/API/v1/quotes")));
  EXPECT_TRUE(std::holds_alternative<NoSuchPath>(router.find(http::Method::Get, "//no//where")));
}

TEST(Router, RefusesRowsWithoutACompletePolicy) {
  Routes twice = sample();
  twice.push_back(row(http::Method::Get, "/"));
  EXPECT_THROW(Router{twice}, std::logic_error);

  Route unprotected = row(http::Method::Post, "/x", Access::Session);
  unprotected.policy.changes_state = true;
  EXPECT_THROW(Router{Routes{unprotected}}, std::logic_error);

  Route shapeless = row(http::Method::Post, "/x", Access::ReadKey);
  shapeless.shape = {};
  EXPECT_THROW(Router{Routes{shapeless}}, std::logic_error);

  Route unbounded = row(http::Method::Post, "/x");
  unbounded.policy.body = BodyKind::Json;
  EXPECT_THROW(Router{Routes{unbounded}}, std::logic_error);

  Route changing = row(http::Method::Get, "/x");
  changing.policy.changes_state = true;
  EXPECT_THROW(Router{Routes{changing}}, std::logic_error);

  Route by_any_key = row(http::Method::Post, "/x", Access::TradeKey);
  by_any_key.policy.changes_state = true;
  by_any_key.shape = {.missing_key = [](const Call&) { return http::Response{}; },
                      .invalid_key = [](const Call&) { return http::Response{}; }};
  EXPECT_NO_THROW(Router{Routes{by_any_key}});
  by_any_key.policy.access = Access::ReadKey;
  EXPECT_THROW(Router{Routes{by_any_key}}, std::logic_error);
}

}  // namespace
}  // namespace kavach::guard
