// The whole of it over sockets: a server, the service and clients that speak bytes.

#include "end_to_end_fixture.h"

namespace kavach::stream {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

TEST_F(EndToEndTest, PricesOfEveryModeArriveUntilTheyAreUnsubscribed) {
  auto client = connect_admitted();
  for (const int mode : {1, 2, 3}) {
    EXPECT_EQ(ask(client, R"({"action":"subscribe","symbol":"SBIN","exchange":"NSE","mode":)" + std::to_string(mode) + "}"),
              "subscribe");
  }
  feed.tick("SBIN", "820.5");
  std::vector<std::string> prices;
  for (int i = 0; i < 3; ++i) prices.push_back(gist(client.read_frame().payload));
  EXPECT_THAT(prices, ElementsAre("SBIN 820.5", "SBIN 820.5", "SBIN 820.5"));
  EXPECT_EQ(ask(client, R"({"action":"unsubscribe_all"})"), "unsubscribe");
  feed.tick("SBIN", "821");
  EXPECT_EQ(ask(client, R"({"action":"ping"})"), "pong") << "and no price before it";
}

TEST_F(EndToEndTest, FramesSentAtOnceAreAnsweredInOrder) {
  auto client = connect();
  std::string burst = test::client_frame(0x81, R"({"action":"authenticate","api_key":"ada-key"})");
  for (int i = 0; i < 20; ++i) {
    burst += test::client_frame(0x81, R"({"action":"subscribe_orders","request_id":)" + std::to_string(i) + "}");
  }
  client.send(burst);
  EXPECT_EQ(gist(client.read_frame().payload), "auth");
  for (int i = 0; i < 20; ++i) {
    const std::string wanted = R"("request_id":)" + std::to_string(i) + "}";
    EXPECT_TRUE(client.read_frame().payload.ends_with(wanted)) << wanted;
  }
  trading::OrderUpdate update{"paper:7", {}};
  for (int i = 0; i < 100; ++i) {
    update.order.id = std::to_string(i);
    service.order_updated(update);
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(gist(client.read_frame().payload), "order " + std::to_string(i));
}

TEST_F(EndToEndTest, R38ABanEndsTheConnection) {
  auto client = connect_admitted();
  banned = true;
  service.sweep();
  EXPECT_EQ(client.read_frame().close_code(), 4403U);
}

TEST_F(EndToEndTest, R38AMessageOverTheLimitEndsTheConnection) {
  auto client = connect_admitted();
  client.send(test::client_frame(0x81, std::string(limits.message_bytes_max + 1, ' ')));
  EXPECT_EQ(client.read_frame().close_code(), 1009U);
}

TEST_F(EndToEndTest, AStopIsSaidToEveryClient) {
  auto client = connect_admitted();
  auto stranger = connect();
  server->stop(std::chrono::seconds{1});
  EXPECT_EQ(client.read_frame().close_code(), 1001U);
  EXPECT_EQ(stranger.read_frame().close_code(), 1001U);
  EXPECT_EQ(service.stats().connections, 0U);
}

TEST_F(EndToEndTest, R39AClientThatDoesNotReadDelaysNobody) {
  auto stalled = connect_admitted();
  stalled.tcp().shrink_receive_buffer();
  auto live = connect_admitted();
  for (auto* client : {&stalled, &live}) {
    EXPECT_EQ(ask(*client, R"({"action":"subscribe","symbol":"SBIN","exchange":"NSE","mode":3})"), "subscribe");
  }
  for (int i = 1; i <= 300; ++i) {
    const std::string last = std::to_string(i) + ".0";
    feed.tick("SBIN", last);
    EXPECT_EQ(gist(live.read_frame().payload), "SBIN " + last);
  }
  // When it reads again it gets prices in order, up to the latest.
  std::string seen;
  int before = 0;
  while (seen != "SBIN 300.0") {
    seen = gist(stalled.read_frame().payload);
    ASSERT_THAT(seen, StartsWith("SBIN "));
    const int now = std::stoi(seen.substr(5));
    ASSERT_GT(now, before);
    before = now;
  }
}

}  // namespace
}  // namespace kavach::stream
