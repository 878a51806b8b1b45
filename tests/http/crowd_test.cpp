// Clients that cost by being many: hoarded connections, heaps of requests, coming back at once.

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "server_fixture.h"

namespace kavach::http {
namespace {

using test::RawClient;
using test::request_text;
using testing::ElementsAre;

class CrowdTest : public ServerTest {
 protected:
  /// A kept-alive connection that has been served once and is idle now.
  RawClient served(const char* from, const char* path = "/") const {
    RawClient connection{server->port(), "127.0.0.1", from};
    connection.send(request_text("GET", path));
    EXPECT_EQ(connection.read_reply().status, 200) << from;
    return connection;
  }
  static bool is_served(RawClient& connection) {
    connection.send(request_text("GET", "/"));
    return connection.read_reply().status == 200;
  }
  ~CrowdTest() override { server.reset(); }  // before the clock

  ManualClock manual{TimePoint{std::chrono::seconds{1'800'000'000}}};
  /// Callers of `/owner` have proved who they are.
  void know_the_owner() {
    handler.on_handle = [](Request request, Executor&) -> Task<Response> {
      auto response = Response::text(200, "ok");
      response.to_known_caller = request.path == "/owner";
      co_return response;
    };
  }
};

TEST_F(CrowdTest, R22_WhenAllPlacesAreTakenTheLongestIdleGivesWay) {
  settings.limits.connections_max = 3;
  start();
  auto first = served("127.0.0.1");
  auto second = served("127.0.0.2");
  auto third = served("127.0.0.3");
  EXPECT_TRUE(is_served(second)) << "its waiting begins anew";
  auto fourth = served("127.0.0.4");
  EXPECT_TRUE(first.is_closed_by_server());
  auto fifth = served("127.0.0.5");
  EXPECT_TRUE(third.is_closed_by_server());
  EXPECT_TRUE(is_served(second) && is_served(fourth) && is_served(fifth));
  EXPECT_LE(server->counters().connections_open, 3U);
  EXPECT_EQ(server->counters().connections_evicted, 2U);
  EXPECT_THAT(handler.away(), ElementsAre("127.0.0.1", "127.0.0.3"));
}

TEST_F(CrowdTest, R22_HoardersCannotPushOutTheOwner) {
  settings.limits.connections_max = 4;
  know_the_owner();
  start();
  auto owner = served("127.0.0.1", "/owner");
  std::vector<RawClient> hoard;
  for (int i = 0; i < 20; ++i) {
    hoard.emplace_back(server->port(), "127.0.0.1", "127.0.0.9");
    if (i % 2 == 0) hoard.back().send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  }
  auto late = served("127.0.0.2", "/owner");
  EXPECT_TRUE(is_served(owner)) << "idle for longest, but known";
  EXPECT_TRUE(is_served(late));
}

TEST_F(CrowdTest, R22_ARequestThatWasBegunIsToldWhyItEnds) {
  settings.limits.connections_max = 1;
  start();
  auto slow = client();
  slow.send("GET / HTTP/1.1\r\nHost: x\r\n");
  // One thread serves in order: when the probe from another address is refused or served, the head was read.
  auto other = served("127.0.0.2");
  const auto reply = slow.read_reply();
  EXPECT_TRUE(reply.status == 408 || reply.status == 0) << reply.status;
  EXPECT_TRUE(is_served(other));
}

TEST_F(CrowdTest, R22_WorkInProgressNeverGivesWay) {
  settings.limits.connections_max = 1;
  Event entered;
  Event release;
  std::thread worker;
  handler.on_handle = [&](Request, Executor& executor) -> Task<Response> {
    co_await resume_on<int>(executor, [&](auto complete) {
      entered.set();
      worker = std::thread{[&, complete = std::move(complete)]() mutable {
        EXPECT_TRUE(release.wait());
        complete(1);
      }};
    });
    co_return Response::text(200, "done");
  };
  start();
  auto order = client();
  order.send(request_text("POST", "/order", "{}"));
  ASSERT_TRUE(entered.wait());
  RawClient newcomer{server->port(), "127.0.0.1", "127.0.0.2"};
  EXPECT_TRUE(newcomer.is_closed_by_server());
  release.set();
  EXPECT_EQ(order.read_reply().body, "done");
  worker.join();
}

TEST_F(CrowdTest, R22_APlaceStaysTakenForAWhileAfterARefusal) {
  settings.limits.connections_per_address_max = 2;
  handler.on_admit = [](const RequestHead& head) -> std::optional<Response> {
    if (head.path == "/") return std::nullopt;
    auto refusal = Response::text(503, "later");
    refusal.withholds_place = true;
    return refusal;
  };
  server = std::make_unique<Server>(settings, handler, manual, Logger::silent());
  ASSERT_OK(server->start());
  for (int i = 0; i < 2; ++i) {
    auto refused = client();
    refused.send(request_text("GET", "/flood"));
    EXPECT_EQ(refused.read_reply().status, 503);
    EXPECT_EQ(refused.read_to_end(), "");
  }
  auto other = served("127.0.0.9");
  EXPECT_TRUE(client().is_closed_by_server()) << "calling again at once gains nothing";
  EXPECT_TRUE(is_served(other)) << "and is nobody else's loss";
  EXPECT_EQ(server->counters().connections_open, 1U) << "what is withheld is no open connection";
  manual.advance(settings.limits.place_withheld + std::chrono::milliseconds{1});
  EXPECT_TRUE(is_served(other));
  bool is_back = false;
  for (int i = 0; i < 1'000 && !is_back; ++i) {  // until the next tick
    auto again = client();
    is_back = again.send(request_text("GET", "/")) && again.read_reply().status == 200;
  }
  EXPECT_TRUE(is_back);
}

TEST_F(CrowdTest, R22_AHeapOfRequestsDoesNotKeepOthersWaiting) {
  Event heap_came;
  Event other_sent;
  std::vector<std::string> order;
  handler.on_handle = [&](Request request, Executor&) -> Task<Response> {
    order.push_back(request.path);
    if (order.size() == 1) {
      heap_came.set();
      EXPECT_TRUE(other_sent.wait());
    }
    co_return Response::text(200, "ok");
  };
  start();
  auto other = client();
  auto flooder = client();
  std::string heap;
  for (int i = 0; i < 200; ++i) heap += "GET /heap HTTP/1.1\r\nHost: x\r\n\r\n";
  flooder.send(heap);
  ASSERT_TRUE(heap_came.wait());
  other.send(request_text("GET", "/other"));
  other_sent.set();
  EXPECT_EQ(other.read_reply().status, 200);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(flooder.read_reply().status, 200);
  const auto place = std::ranges::find(order, "/other") - order.begin();
  EXPECT_LT(place, 10) << "of 201";
}

TEST_F(CrowdTest, TheServerKnowsHowFarBehindItIs) {
  Event noticed;
  handler.on_waiting = [&](Monotonic delay) {
    if (delay > std::chrono::minutes{50}) noticed.set();
  };
  handler.on_handle = [&](Request, Executor&) -> Task<Response> {
    manual.advance(std::chrono::hours{1});  // as if the thread had been busy for so long
    co_return Response::text(200, "ok");
  };
  server = std::make_unique<Server>(settings, handler, manual, Logger::silent());
  ASSERT_OK(server->start());
  auto connection = client();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(is_served(connection));
  EXPECT_TRUE(noticed.wait());
}

}  // namespace
}  // namespace kavach::http
