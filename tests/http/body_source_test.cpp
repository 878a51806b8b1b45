// Bodies that are made while they are sent.

#include <gmock/gmock.h>

#include <deque>
#include <memory>

#include "server_fixture.h"

namespace kavach::http {
namespace {

using test::request_text;
using testing::HasSubstr;
using testing::Not;

/// Gives what it has been given; then ends, or fails.
class Pieces final : public BodySource {
 public:
  explicit Pieces(std::deque<std::string> pieces, bool fails = false) : pieces_{std::move(pieces)}, fails_{fails} {}
  Task<Result<std::string>> next(Executor&) override {
    if (pieces_.empty()) {
      if (fails_) co_return fail(ErrorCode::StorageFailed, "no", "the disk");
      co_return std::string{};
    }
    std::string piece = std::move(pieces_.front());
    pieces_.pop_front();
    co_return piece;
  }

 private:
  std::deque<std::string> pieces_;
  const bool fails_;
};

class BodySourceTest : public ServerTest {
 protected:
  void answer_with(std::deque<std::string> pieces, bool fails = false) {
    handler.on_handle = [pieces, fails](Request request, Executor&) -> Task<Response> {
      if (request.path == "/after") co_return Response::text(200, "after");
      Response response = Response::text(200, "");
      response.body_source = std::make_shared<Pieces>(pieces, fails);
      co_return response;
    };
    start();
  }
};

TEST_F(BodySourceTest, ComesInChunksAndTheConnectionGoesOn) {
  answer_with({"alpha", std::string(300'000, 'x'), "z"});
  auto connection = client();
  connection.send(request_text("GET", "/file") + request_text("GET", "/after"));
  const std::string head = connection.read_bytes(10);
  std::string all = head;
  while (!all.ends_with("after")) {
    const std::string more = connection.read_bytes(1);
    if (more.empty()) break;
    all += more;
  }
  EXPECT_THAT(all, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(all.substr(0, all.find("\r\n\r\n")), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(all, HasSubstr("\r\n\r\n5\r\nalpha\r\n493e0\r\nxxx"));
  EXPECT_THAT(all, HasSubstr("1\r\nz\r\n0\r\n\r\nHTTP/1.1 200 OK"));
}

TEST_F(BodySourceTest, OneThatFailsIsVisiblyNotWhole) {
  answer_with({"alpha"}, true);
  auto connection = client();
  connection.send(request_text("GET", "/file"));
  const std::string all = connection.read_to_end();
  EXPECT_THAT(all, HasSubstr("5\r\nalpha\r\n"));
  EXPECT_THAT(all, Not(HasSubstr("\r\n0\r\n")));
  EXPECT_THAT(all, Not(HasSubstr("disk")));
}

TEST_F(BodySourceTest, AnOldClientGetsItUntilTheConnectionEnds) {
  answer_with({"alpha", "beta"});
  auto connection = client();
  connection.send("GET /file HTTP/1.0\r\n\r\n");
  const std::string all = connection.read_to_end();
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
  EXPECT_TRUE(all.ends_with("\r\n\r\nalphabeta")) << all;
}

TEST_F(BodySourceTest, HeadHasNone) {
  answer_with({"alpha"});
  auto connection = client();
  connection.send(request_text("HEAD", "/file") + request_text("GET", "/after"));
  EXPECT_EQ(connection.read_reply(true).status, 200);
  EXPECT_EQ(connection.read_reply().body, "after");
}

}  // namespace
}  // namespace kavach::http
