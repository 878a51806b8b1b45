// A broker's feed that misbehaves, seen from a client's socket: what the client hears, and what it need not do.

#include "end_to_end_fixture.h"

namespace kavach::stream {
namespace {

using market::FeedState;
using testing::ElementsAre;

struct FeedEndToEndTest : EndToEndTest {
  void watch(test::WebSocketClient& client, std::string_view symbol, int mode = 1) {
    EXPECT_EQ(ask(client, ClientTest::subscribe(symbol, mode)), "subscribe");
  }
  /// As the gateway's ticker does, several times in a heartbeat.
  void pass(Micros time) {
    for (Micros gone{0}; gone < time; gone += 250ms) {
      clock.advance(250ms);
      busy_hub.poll();
    }
  }
  /// `SBIN 820.5`, or `SBIN 820.5 stale`.
  static std::string hear(test::WebSocketClient& client) {
    const std::string payload = client.read_frame().payload;
    return gist(payload) + (payload.contains(R"("stale":true)") ? " stale" : "");
  }
  /// Nothing came that was not heard: the next thing is the answer to a question.
  static void expect_silence(test::WebSocketClient& client) { EXPECT_EQ(ask(client, R"({"action":"ping"})"), "pong"); }
};

TEST_F(FeedEndToEndTest, TheFeedIsAskedOnceHoweverManyWatch) {
  auto first = connect_admitted();
  auto second = connect_admitted();
  {
    auto third = connect_admitted();
    watch(first, "SBIN");
    watch(second, "SBIN");
    watch(third, "SBIN", 3);
    EXPECT_THAT(feed.take_calls(), ElementsAre("+SBIN:LTP", "+SBIN:Depth"));
    feed.tick("SBIN", "820.5");
    for (auto* client : {&first, &second, &third}) EXPECT_EQ(hear(*client), "SBIN 820.5");
  }
  EXPECT_TRUE(feed.is_told("+SBIN:LTP")) << "the third has vanished without a word";
  EXPECT_EQ(ask(first, R"({"action":"unsubscribe_all"})"), "unsubscribe");
  EXPECT_THAT(feed.take_calls(), ElementsAre("+SBIN:LTP")) << "one still watches";
  EXPECT_EQ(ask(second, R"({"action":"unsubscribe_all"})"), "unsubscribe");
  EXPECT_THAT(feed.take_calls(), ElementsAre("-SBIN"));
  EXPECT_EQ(busy_hub.stats().instruments, 0U);
}

TEST_F(FeedEndToEndTest, R39ALostFeedIsConnectedAgainAndEverythingSubscribedInOrder) {
  auto client = connect_admitted();
  watch(client, "TCS", 3);
  watch(client, "SBIN");
  watch(client, "INFY", 2);
  feed.tick("SBIN", "820.5");
  EXPECT_EQ(hear(client), "SBIN 820.5");
  (void)feed.take_calls();
  feed.lose("The broker closed the connection.");
  EXPECT_EQ(hear(client), "SBIN 820.5 stale") << "of the others it has no price";
  EXPECT_EQ(busy_hub.stats().stale, 3U);
  clock.advance(499ms);
  busy_hub.poll();
  EXPECT_EQ(feed.connects(), 1) << "half a second at least";
  pass(1s + 1ms);
  EXPECT_EQ(feed.connects(), 2) << "one and a half at most";
  EXPECT_THAT(feed.take_calls(), ElementsAre("+TCS:Depth", "+SBIN:LTP", "+INFY:Quote"));
  expect_silence(client);
  feed.tick("SBIN", "821");
  EXPECT_EQ(hear(client), "SBIN 821.0");
  EXPECT_EQ(busy_hub.stats().stale, 2U);
  EXPECT_EQ(busy_hub.stats().disconnections, 1U);
}

TEST_F(FeedEndToEndTest, R39ASilentFeedIsNoticedWithinTwoHeartbeats) {
  auto client = connect_admitted();
  watch(client, "SBIN");
  feed.tick("SBIN", "820.5");
  EXPECT_EQ(hear(client), "SBIN 820.5");
  for (int i = 0; i < 5; ++i) {
    pass(feed.heartbeat());
    feed.say_alive();
  }
  expect_silence(client);
  EXPECT_EQ(busy_hub.stats().silences, 0U) << "quiet is not silent";
  pass(2 * feed.heartbeat());
  EXPECT_EQ(hear(client), "SBIN 820.5 stale");
  EXPECT_EQ(feed.cuts(), 1);
  EXPECT_EQ(busy_hub.stats().silences, 1U);
  pass(1500ms);
  EXPECT_EQ(feed.connects(), 2);
  feed.tick("SBIN", "820.5");
  EXPECT_EQ(hear(client), "SBIN 820.5") << "the same price, and true again";
}

TEST_F(FeedEndToEndTest, R39ARenewedTokenContinuesOnTheSameSocket) {
  auto client = connect_admitted();
  watch(client, "SBIN");
  feed.tick("SBIN", "820.5");
  EXPECT_EQ(hear(client), "SBIN 820.5");
  feed.set_token("tomorrow's token", "today's token");
  feed.lose("The token has expired.");
  EXPECT_EQ(hear(client), "SBIN 820.5 stale");
  pass(30s);
  EXPECT_GT(feed.connects(), 2) << "it keeps trying";
  EXPECT_EQ(busy_hub.stats().last_error, "The broker refused the token.");
  EXPECT_EQ(busy_hub.stats().state, FeedState::Waiting);
  expect_silence(client);
  const int before = feed.connects();
  feed.set_token("tomorrow's token", "tomorrow's token");
  busy_hub.renew();
  EXPECT_EQ(feed.connects(), before + 1) << "at once";
  EXPECT_EQ(busy_hub.stats().last_error, "");
  feed.tick("SBIN", "825");
  EXPECT_EQ(hear(client), "SBIN 825.0");
  // Renewed before it expired: the connection is changed under the price.
  busy_hub.renew();
  EXPECT_EQ(hear(client), "SBIN 825.0 stale");
  feed.tick("SBIN", "826");
  EXPECT_EQ(hear(client), "SBIN 826.0");
}

TEST_F(FeedEndToEndTest, R39NothingOlderComesAfterAReconnection) {
  auto slow = connect_admitted();
  slow.tcp().shrink_receive_buffer();
  watch(slow, "SBIN", 3);
  const auto ticks = [&](int from, int to) {
    for (int i = from; i < to; ++i) feed.tick("SBIN", std::to_string(i));
  };
  ticks(1, 300);
  const auto old_channels = feed.channels_of("SBIN");
  feed.lose("gone");
  feed.tick_over(old_channels, "9999");
  pass(1500ms);
  ticks(300, 600);
  // Whatever the slow client missed, it hears prices in their order, and no old one after a new one.
  int last = 0;
  for (std::string heard; last < 599;) {
    heard = hear(slow);
    ASSERT_TRUE(heard.starts_with("SBIN ")) << heard;
    const int now = std::stoi(heard.substr(5));
    const bool is_stale = heard.ends_with(" stale");
    ASSERT_TRUE(now > last || (is_stale && now == last)) << heard << " after " << last;
    EXPECT_FALSE(is_stale && now >= 300) << heard;
    last = now;
  }
  expect_silence(slow);
}

TEST_F(FeedEndToEndTest, AFeedThatNobodyWatchesAnyMoreIsLeftAlone) {
  auto client = connect_admitted();
  watch(client, "SBIN");
  EXPECT_EQ(ask(client, R"({"action":"unsubscribe_all"})"), "unsubscribe");
  (void)feed.take_calls();
  feed.lose("gone");
  pass(5s);
  EXPECT_EQ(feed.connects(), 1);
  EXPECT_EQ(busy_hub.stats().state, FeedState::Idle);
  watch(client, "INFY");
  EXPECT_EQ(feed.connects(), 2) << "at once";
  EXPECT_THAT(feed.take_calls(), ElementsAre("+INFY:LTP"));
}

}  // namespace
}  // namespace kavach::stream
