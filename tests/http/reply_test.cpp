#include "http/reply.h"

#include <gmock/gmock.h>

#include "http/http_date.h"

namespace kavach::http {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(const Response& response, ReplyFrame frame = {.date = "D", .request_id = "I"}) {
  std::string out;
  EXPECT_TRUE(append_reply(out, response, frame));
  return out;
}

TEST(Reply, IsOneBlockOfHeadAndBody) {
  EXPECT_EQ(text_of(Response::json(201, "{}").with("X-A", "b")),
            "HTTP/1.1 201 Created\r\nDate: D\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            "X-Request-ID: I\r\nX-A: b\r\n\r\n{}");
}

TEST(Reply, TheServerOwnsTheFraming) {
  Response response = Response::text(200, "abc");
  response.with("content-length", "9").with("Transfer-Encoding", "chunked").with("Connection", "x");
  const auto text = text_of(response);
  EXPECT_THAT(text, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("chunked")));
  EXPECT_THAT(text, Not(HasSubstr("Connection")));
}

TEST(Reply, RefusesHeadersThatSplit) {
  std::string out = "kept";
  const ReplyFrame frame{.date = "D", .request_id = "I"};
  for (const char* value : {"a\r\nb", "a\nb", "a\x01"}) {
    EXPECT_FALSE(append_reply(out, Response::text(200, "").with("X", value), frame));
  }
  EXPECT_FALSE(append_reply(out, Response::text(200, "").with("X: y\r\nZ", "v"), frame));
  EXPECT_FALSE(append_reply(out, Response::text(200, "").with("", "v"), frame));
  EXPECT_EQ(out, "kept");
}

TEST(Reply, SomeStatusesHaveNoBody) {
  EXPECT_THAT(text_of(Response::text(204, "x")), Not(HasSubstr("Content-")));
  EXPECT_THAT(text_of(Response::text(304, "x")), Not(HasSubstr("\r\n\r\nx")));
}

TEST(HttpDate, ReadsAsTheStandardsExample) {
  const auto at = std::chrono::sys_days{std::chrono::year{1994} / 11 / 6} + std::chrono::hours{8} +
                  std::chrono::minutes{49} + std::chrono::seconds{37};
  EXPECT_EQ(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDate, FollowsTheClock) {
  ManualClock clock{TimePoint{std::chrono::seconds{0}}};
  DateCache cache{clock};
  EXPECT_EQ(cache.text(), "Thu, 01 Jan 1970 00:00:00 GMT");
  clock.advance(std::chrono::seconds{1});
  EXPECT_EQ(cache.text(), "Thu, 01 Jan 1970 00:00:01 GMT");
}

}  // namespace
}  // namespace kavach::http
