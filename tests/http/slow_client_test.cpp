// Clients that cost by being slow. The clock is the test's: a client is late because the test says so,
// and the server's next tick notices.

#include <gmock/gmock.h>

#include <thread>

#include "core/worker_pool.h"
#include "server_fixture.h"

namespace kavach::http {
namespace {

using test::RawClient;
using test::request_text;

class SlowClientTest : public ServerTest {
 protected:
  void start_with_manual_clock() {
    server = std::make_unique<Server>(settings, handler, manual, Logger::silent());
    ASSERT_OK(server->start());
  }
  /// After this the server has read everything that was sent before: one thread serves in order.
  void settle() { EXPECT_EQ(ask(request_text("GET", "/settle")).status, 200); }

  ManualClock manual{TimePoint{std::chrono::seconds{1'800'000'000}}};
};

TEST_F(SlowClientTest, R22_AHeadThatDripsIsCutAtItsDeadline) {
  start_with_manual_clock();
  auto connection = client();
  connection.send("GET / HTTP/1.1\r\nHost: x\r\n");
  settle();
  for (int i = 0; i < 9; ++i) {
    manual.advance(std::chrono::seconds{1});
    connection.send("X-Drip: 1\r\n");  // a byte now and then must not buy time
    settle();
  }
  EXPECT_TRUE(handler.reasons().empty());
  manual.advance(std::chrono::seconds{2});
  const auto reply = connection.read_reply();
  EXPECT_EQ(reply.status, 408);
  EXPECT_EQ(reply.header("X-Refused"), "head_too_slow");
  EXPECT_TRUE(connection.is_closed_by_server());
}

TEST_F(SlowClientTest, R22_AConnectionThatSaysNothingIsClosedWithoutAWord) {
  start_with_manual_clock();
  auto connection = client();
  settle();
  manual.advance(std::chrono::seconds{11});
  EXPECT_TRUE(connection.is_closed_by_server());
  EXPECT_TRUE(handler.reasons().empty());
}

TEST_F(SlowClientTest, R22_AnIdleConnectionIsClosed) {
  start_with_manual_clock();
  auto connection = client();
  connection.send(request_text("GET", "/"));
  EXPECT_EQ(connection.read_reply().status, 200);
  settle();
  manual.advance(std::chrono::seconds{61});
  EXPECT_TRUE(connection.is_closed_by_server());
}

TEST_F(SlowClientTest, R22_ABodyThatDripsIsCutThoughItNeverStops) {
  start_with_manual_clock();
  auto connection = client();
  connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n");
  settle();
  for (int i = 0; i < 10; ++i) {
    connection.send("drip");
    settle();
    manual.advance(std::chrono::milliseconds{1'010});
  }
  EXPECT_EQ(connection.read_reply().header("X-Refused"), "body_too_slow");
}

TEST_F(SlowClientTest, R22_HalfSentBodiesOfStrangersHoldABoundedAmountOfMemory) {
  settings.limits.strangers_body_bytes_max = 40'000;
  handler.on_handle = [](Request request, Executor&) -> Task<Response> {
    auto reply = Response::text(200, std::to_string(request.body.size()));
    reply.to_known_caller = request.path == "/known";
    co_return reply;
  };
  start_with_manual_clock();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n";
  auto known = client();
  known.send(request_text("GET", "/known"));
  EXPECT_EQ(known.read_reply().status, 200);
  auto holder = client();
  holder.send(head + std::string(30'000, 'x'));
  settle();
  auto second = client();
  second.send(head + std::string(30'000, 'x'));
  const auto refused = second.read_reply();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("X-Refused"), "overloaded");
  auto chunked = client();
  chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9c40\r\n" + std::string(30'000, 'x'));
  EXPECT_EQ(chunked.read_reply().status, 503);
  // Whoever is known is not held up by strangers, and a body that has ended makes room.
  known.send(head + std::string(50'000, 'x'));
  EXPECT_EQ(known.read_reply().body, "50000");
  holder.reset();
  settle();
  auto third = client();
  third.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n\r\n" + std::string(30'000, 'x'));
  EXPECT_EQ(third.read_reply().body, "30000");
}

TEST_F(SlowClientTest, R22_ASteadyBodyIsNotCutBeforeItsTotal) {
  start_with_manual_clock();
  auto connection = client();
  connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    connection.send(std::string(2'000, 'x'));  // about twice the minimum rate
    settle();
    if (i < 19) manual.advance(std::chrono::seconds{1});
  }
  EXPECT_EQ(connection.read_reply().status, 200);
}

TEST_F(SlowClientTest, R22_AChunkedBodyOfTinyChunksIsATrickleToo) {
  start_with_manual_clock();
  auto connection = client();
  connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 10; ++i) {
    connection.send("1\r\nx\r\n");
    settle();
    manual.advance(std::chrono::milliseconds{1'010});
  }
  EXPECT_EQ(connection.read_reply().header("X-Refused"), "body_too_slow");
}

TEST_F(SlowClientTest, R22_AClientThatDoesNotReadItsReplyIsCut) {
  handler.on_handle = [](Request request, Executor&) -> Task<Response> {
    const std::size_t size = request.path == "/large" ? 30'000'000 : 1;
    co_return Response::text(200, std::string(size, 'x'));
  };
  start_with_manual_clock();
  auto connection = client();
  connection.shrink_receive_buffer();
  connection.send(request_text("GET", "/large"));
  settle();
  settle();
  // What the kernel took earned time, at the minimum rate; the total is the bound.
  manual.advance(std::chrono::seconds{125});
  settle();
  std::string received = connection.read_to_end();
  EXPECT_LT(received.size(), 30'000'000U);
  EXPECT_TRUE(connection.is_closed_by_server());
}

TEST_F(SlowClientTest, R22_OneAddressCannotTakeAllConnections) {
  settings.limits.connections_per_address_max = 4;
  start();
  std::vector<RawClient> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(client());
    held.back().send(request_text("GET", "/"));
    EXPECT_EQ(held.back().read_reply().status, 200);
  }
  EXPECT_TRUE(client().is_closed_by_server());
  RawClient other{server->port(), "127.0.0.1", "127.0.0.9"};
  other.send(request_text("GET", "/"));
  EXPECT_EQ(other.read_reply().status, 200);
  EXPECT_EQ(server->counters().connections_refused, 1U);
}

TEST_F(SlowClientTest, R22_AProxyIsExemptFromTheLimitPerAddress) {
  settings.limits.connections_per_address_max = 4;
  settings.proxies = {*Cidr::parse("127.0.0.1/32")};
  start();
  std::vector<RawClient> held;
  for (int i = 0; i < 6; ++i) {
    held.push_back(client());
    held.back().send(request_text("GET", "/"));
    EXPECT_EQ(held.back().read_reply().status, 200);
  }
}

TEST_F(SlowClientTest, AHandlerThatIsSlowIsNotTheClientsFault) {
  WorkerPool pool{1, 4};
  Event entered;
  Event release;
  handler.on_handle = [&](Request request, Executor& executor) -> Task<Response> {
    if (request.path != "/slow") co_return Response::text(200, "fast");
    co_await resume_on<int>(executor, [&](auto complete) {
      EXPECT_TRUE(pool.try_post([&, complete = std::move(complete)]() mutable {
        entered.set();
        EXPECT_TRUE(release.wait());
        complete(1);
      }));
    });
    co_return Response::text(200, "slow");
  };
  start_with_manual_clock();
  auto connection = client();
  connection.send(request_text("POST", "/slow", "{}"));
  ASSERT_TRUE(entered.wait());
  manual.advance(std::chrono::hours{1});
  settle();
  release.set();
  EXPECT_EQ(connection.read_reply().body, "slow");
}

TEST_F(SlowClientTest, RequestsPerConnectionAreBounded) {
  settings.limits.requests_per_connection_max = 2;
  start();
  auto connection = client();
  connection.send(request_text("GET", "/1") + request_text("GET", "/2") + request_text("GET", "/3"));
  EXPECT_EQ(connection.read_reply().header("Connection"), "");
  EXPECT_EQ(connection.read_reply().header("Connection"), "close");
  EXPECT_EQ(connection.read_to_end(), "");
}

}  // namespace
}  // namespace kavach::http
