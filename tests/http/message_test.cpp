#include "http/message.h"

#include <gtest/gtest.h>

namespace kavach::http {
namespace {

TEST(Message, FindsHeadersIgnoringCase) {
  RequestHead head;
  head.headers = {{"X-Api-Key", "one"}, {"x-api-key", "two"}};
  EXPECT_EQ(head.header("X-API-KEY"), "one");
  EXPECT_EQ(head.header_count("X-API-KEY"), 2U);
  EXPECT_EQ(head.header("Absent"), "");
}

TEST(Message, DecodesQueryValuesOnce) {
  Request request;
  request.query = "a=1&b=x%20y+z&%61b=%2525&empty&bad=%zz&a=2";
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_EQ(request.query_value("b"), "x y z");
  EXPECT_EQ(request.query_value("ab"), "%25");
  EXPECT_TRUE(request.has_query("empty"));
  EXPECT_EQ(request.query_value("empty"), "");
  EXPECT_EQ(request.query_value("bad"), "");
  EXPECT_FALSE(request.has_query("absent"));
}

TEST(Message, FindsCookiesByTheirWholeName) {
  Request request;
  request.headers = {{"Cookie", "x__Host-session=evil; __Host-session=good;theme=dark"}};
  EXPECT_EQ(request.cookie("__Host-session"), "good");
  EXPECT_EQ(request.cookie("theme"), "dark");
  EXPECT_EQ(request.cookie("session"), "");
}

}  // namespace
}  // namespace kavach::http
