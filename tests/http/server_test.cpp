#include "http/server.h"

#include <gmock/gmock.h>

#include <thread>

#include "core/worker_pool.h"
#include "server_fixture.h"

namespace kavach::http {
namespace {

using test::RawClient;
using test::request_text;
using testing::HasSubstr;

TEST_F(ServerTest, AnswersWithTheHeadersEveryReplyNeeds) {
  start();
  const auto reply = ask(request_text("POST", "/api/v1/ping?x=1", "hello"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "POST /api/v1/ping hello");
  EXPECT_EQ(reply.header("X-Request-ID").size(), 16U);
  EXPECT_THAT(reply.header("Date"), HasSubstr(" GMT"));
  EXPECT_EQ(reply.header("Connection"), "");
}

TEST_F(ServerTest, KeepsTheConnectionAndNumbersItsRequestsApart) {
  start();
  auto connection = client();
  connection.send(request_text("GET", "/a"));
  const auto first = connection.read_reply();
  connection.send(request_text("GET", "/b"));
  const auto second = connection.read_reply();
  EXPECT_EQ(first.body, "GET /a ");
  EXPECT_EQ(second.body, "GET /b ");
  EXPECT_NE(first.header("X-Request-ID"), second.header("X-Request-ID"));
  EXPECT_EQ(server->counters().connections_accepted, 1U);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  auto connection = client();
  std::string all;
  for (int i = 0; i < 50; ++i) all += request_text("POST", "/" + std::to_string(i), "body");
  connection.send(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(connection.read_reply().body, "POST /" + std::to_string(i) + " body");
  }
}

TEST_F(ServerTest, ReadsAChunkedBodyThatArrivesInPieces) {
  start();
  auto connection = client();
  connection.send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWi");
  connection.send("ki\r\n5\r\npedia\r");
  connection.send("\n0\r\n\r\n");
  EXPECT_EQ(connection.read_reply().body, "POST /c Wikipedia");
  connection.send(request_text("GET", "/next"));
  EXPECT_EQ(connection.read_reply().body, "GET /next ");
}

TEST_F(ServerTest, InvitesABodyThatTheClientHoldsBack) {
  start();
  auto connection = client();
  connection.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(connection.read_reply().status, 100);
  connection.send("ok");
  EXPECT_EQ(connection.read_reply().body, "POST /e ok");
}

TEST_F(ServerTest, RefusesAnUnwantedBodyBeforeInvitingIt) {
  handler.on_admit = [](const RequestHead&) { return Response::text(403, "no"); };
  start();
  auto connection = client();
  connection.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  const auto reply = connection.read_reply();
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.header("Connection"), "close");
  EXPECT_EQ(handler.handled, 0);
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  start();
  auto connection = client();
  connection.send(request_text("HEAD", "/h"));
  const auto reply = connection.read_reply(true);
  EXPECT_EQ(reply.header("Content-Length"), std::to_string(std::string{"HEAD /h "}.size()));
  connection.send(request_text("GET", "/after"));
  EXPECT_EQ(connection.read_reply().body, "GET /after ");
}

TEST_F(ServerTest, ClosesAfterHttp10AndWhenAsked) {
  start();
  auto old = client();
  old.send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.read_reply().header("Connection"), "close");
  EXPECT_TRUE(old.is_closed_by_server());
  auto asked = client();
  asked.send("GET /x HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, close\r\n\r\n");
  EXPECT_EQ(asked.read_reply().header("Connection"), "close");
  EXPECT_TRUE(asked.is_closed_by_server());
}

TEST_F(ServerTest, AReplyWhoseHeaderWouldSplitItBecomesA500) {
  handler.on_handle = [](Request, Executor&) -> Task<Response> {
    co_return Response::text(200, "x").with("Location", "/a\r\nSet-Cookie: evil=1");
  };
  start();
  auto connection = client();
  connection.send(request_text("GET", "/"));
  const auto reply = connection.read_reply();
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.header("Set-Cookie"), "");
}

TEST_F(ServerTest, AHandlerThatThrowsBecomesA500) {
  handler.on_handle = [](Request, Executor&) -> Task<Response> {
    throw std::runtime_error("secret detail");
    co_return Response{};
  };
  start();
  const auto reply = ask(request_text("GET", "/"));
  EXPECT_EQ(reply.status, 500);
  EXPECT_THAT(reply.body, testing::Not(HasSubstr("secret")));
}

TEST_F(ServerTest, WaitsForAHandlerThatWorksElsewhereAndServesOthersMeanwhile) {
  WorkerPool pool{1, 4};
  Event release;
  handler.on_handle = [&](Request request, Executor& executor) -> Task<Response> {
    if (request.path != "/slow") co_return Response::text(200, "fast");
    const int answer = co_await resume_on<int>(executor, [&](auto complete) {
      EXPECT_TRUE(pool.try_post([&release, complete = std::move(complete)]() mutable {
        EXPECT_TRUE(release.wait());
        complete(42);
      }));
    });
    co_return Response::text(200, std::to_string(answer));
  };
  start();
  auto slow = client();
  slow.send(request_text("GET", "/slow") + request_text("GET", "/pipelined"));
  EXPECT_EQ(ask(request_text("GET", "/")).body, "fast");
  release.set();
  EXPECT_EQ(slow.read_reply().body, "42");
  EXPECT_EQ(slow.read_reply().body, "fast");
}

TEST_F(ServerTest, FinishesATaskWhoseClientHasGone) {
  WorkerPool pool{1, 4};
  Event entered;
  Event release;
  Event finished;
  handler.on_handle = [&](Request, Executor& executor) -> Task<Response> {
    const int answer = co_await resume_on<int>(executor, [&](auto complete) {
      EXPECT_TRUE(pool.try_post([&, complete = std::move(complete)]() mutable {
        entered.set();
        EXPECT_TRUE(release.wait());
        complete(1);
      }));
    });
    EXPECT_EQ(answer, 1);
    finished.set();
    co_return Response::text(200, std::string(1'000'000, 'x'));
  };
  start();
  auto connection = client();
  connection.send(request_text("POST", "/order", "{}"));
  ASSERT_TRUE(entered.wait());
  connection.reset();
  release.set();
  EXPECT_TRUE(finished.wait());
}

TEST_F(ServerTest, StopLetsTheAcceptedRequestFinishAndClosesTheIdle) {
  WorkerPool pool{1, 4};
  Event entered;
  Event release;
  handler.on_handle = [&](Request request, Executor& executor) -> Task<Response> {
    if (request.path == "/quick") co_return Response::text(200, "quick");
    co_await resume_on<int>(executor, [&](auto complete) {
      EXPECT_TRUE(pool.try_post([&, complete = std::move(complete)]() mutable {
        entered.set();
        EXPECT_TRUE(release.wait());
        complete(1);
      }));
    });
    co_return Response::text(200, "finished");
  };
  start();
  auto idle = client();
  idle.send(request_text("GET", "/quick"));
  EXPECT_EQ(idle.read_reply().body, "quick");
  auto busy = client();
  busy.send(request_text("POST", "/order", "{}"));
  ASSERT_TRUE(entered.wait());
  std::thread stopper{[&] { server->stop(milliseconds{10'000}); }};
  EXPECT_TRUE(idle.is_closed_by_server());
  release.set();
  const auto reply = busy.read_reply();
  EXPECT_EQ(reply.body, "finished");
  EXPECT_EQ(reply.header("Connection"), "close");
  busy.reset();
  stopper.join();
  EXPECT_FALSE(client().is_connected());
}

TEST_F(ServerTest, StopCutsAClientThatNeverFinishesItsRequest) {
  start();
  auto half = client();
  half.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(ask(request_text("GET", "/")).status, 200);  // the half request is being read by now
  server->stop(milliseconds{20});
  EXPECT_TRUE(half.is_closed_by_server());
}

TEST_F(ServerTest, AnswersAClientThatHasFinishedSending) {
  start();
  auto connection = client();
  connection.send(request_text("POST", "/half", "closed"));
  connection.finish_sending();
  EXPECT_EQ(connection.read_reply().body, "POST /half closed");
  EXPECT_TRUE(connection.is_closed_by_server());
}

TEST_F(ServerTest, ARequestCutShortIsNeverHandled) {
  start();
  auto connection = client();
  connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  connection.finish_sending();
  EXPECT_EQ(connection.read_to_end(), "");
  EXPECT_EQ(handler.handled, 0);
}

TEST_F(ServerTest, RefusesToShareAPortWithAnotherGateway) {
  settings.io_threads = 2;
  start();
  ServerSettings second = settings;
  second.listeners[0].port = server->port();
  Server other{second, handler, clock, Logger::silent()};
  const auto started = other.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(started.error().message, HasSubstr("in use"));
}

TEST_F(ServerTest, ListensOnSeveralPortsWithSeveralThreads) {
  settings.io_threads = 3;
  settings.listeners.push_back(settings.listeners[0]);
  handler.on_handle = [](Request request, Executor&) -> Task<Response> {
    co_return Response::text(200, std::to_string(request.local_port));
  };
  start();
  EXPECT_NE(server->port(0), server->port(1));
  for (int i = 0; i < 20; ++i) {
    RawClient first{server->port(0)};
    first.send(request_text("GET", "/"));
    EXPECT_EQ(first.read_reply().body, std::to_string(server->port(0)));
    RawClient second{server->port(1)};
    second.send(request_text("GET", "/"));
    EXPECT_EQ(second.read_reply().body, std::to_string(server->port(1)));
  }
}

TEST_F(ServerTest, R18_ABannedPeerIsClosedBeforeAByteIsRead) {
  handler.on_admit_connection = [](const IpAddress& peer) { return peer.text() != "127.0.0.7"; };
  start();
  RawClient banned{server->port(), "127.0.0.1", "127.0.0.7"};
  EXPECT_TRUE(banned.is_closed_by_server());
  EXPECT_EQ(ask(request_text("GET", "/")).status, 200);
  EXPECT_EQ(server->counters().connections_refused, 1U);
}

}  // namespace
}  // namespace kavach::http
