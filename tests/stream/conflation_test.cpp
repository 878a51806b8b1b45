#include "stream_fixture.h"

namespace kavach::stream {
namespace {

using testing::ElementsAre;

struct ConflationTest : ClientTest {
  ConflationTest() { limits.queue_high_bytes = 1; }  // from the first frame that waits

  Peer make_stalled() {
    Peer peer = make_admitted();
    for (const char* symbol : {"SBIN", "INFY", "TCS"}) peer.say(subscribe(symbol));
    peer.connection->sent.clear();
    peer.connection->stalled = true;
    return peer;
  }
};

TEST_F(ConflationTest, R39ALateClientGetsTheLatestPriceOfEachInstrument) {
  auto peer = make_stalled();
  for (const char* last : {"1.0", "2.0", "3.0"}) {
    tick("SBIN", last);
    tick("INFY", last);
  }
  tick("TCS", "9.0");
  peer.connection->resume(*peer.client);
  // The first was on its way when the client stalled; the rest is one price for each, in the order in
  // which they began to wait.
  EXPECT_THAT(gists(peer.connection->take_sent()), ElementsAre("SBIN 1.0", "INFY 3.0", "SBIN 3.0", "TCS 9.0"));
  EXPECT_EQ(peer.client->snapshot().frames_conflated, 3U);
  tick("SBIN", "4.0");
  EXPECT_THAT(gists(peer.connection->take_sent()), ElementsAre("SBIN 4.0"));
}

TEST_F(ConflationTest, R39APriceIsNeverOlderThanOneAlreadySent) {
  auto peer = make_stalled();
  for (int last = 1; last <= 50; ++last) {
    tick("SBIN", std::to_string(last));
    if (last % 7 != 0) continue;
    peer.connection->resume(*peer.client);
    peer.connection->stalled = true;
  }
  peer.connection->resume(*peer.client);
  double before = 0;
  for (const std::string& text : peer.connection->take_sent()) {
    const double now = std::stod(gist(text).substr(5));
    EXPECT_GT(now, before);
    before = now;
  }
  EXPECT_EQ(before, 50.0);
}

TEST_F(ConflationTest, R39WhatWaitedForAnEndedSubscriptionIsNotDelivered) {
  auto peer = make_stalled();
  tick("SBIN", "1.0");
  tick("INFY", "1.0");
  peer.say(R"({"action":"unsubscribe","mode":1,"symbols":[{"symbol":"INFY","exchange":"NSE"}]})");
  tick("INFY", "2.0");
  peer.say(subscribe("INFY"));
  peer.connection->resume(*peer.client);
  EXPECT_THAT(gists(peer.connection->take_sent()), ElementsAre("SBIN 1.0", "unsubscribe", "subscribe"));
  tick("INFY", "3.0");
  EXPECT_THAT(gists(peer.connection->take_sent()), ElementsAre("INFY 3.0"));
}

TEST_F(ConflationTest, R39OrderUpdatesAreNeverDroppedMergedOrReordered) {
  auto peer = make_stalled();
  peer.say(R"({"action":"subscribe_orders"})");
  std::vector<std::string> wanted{"subscribe_orders"};
  for (int i = 0; i < 100; ++i) {
    tick("SBIN", std::to_string(i + 1));
    const std::string id = std::to_string(1000 + i / 2);
    peer.client->send_order_update(http::text_frame(R"({"type":"order_update","orderid":")" + id + "\"}"));
    wanted.push_back("order " + id);
  }
  wanted.emplace_back("SBIN 100.0");
  peer.connection->resume(*peer.client);
  EXPECT_EQ(gists(peer.connection->take_sent()), wanted);
}

TEST_F(ConflationTest, R38OnlyPricesAreCompressedAndOnlyForThoseWhoAgreed) {
  auto reads_deflated = make_admitted();
  reads_deflated.connection->is_deflating = true;
  auto plain = make_admitted("bob-key");
  reads_deflated.say(R"({"action":"subscribe_orders"})");
  for (auto* peer : {&reads_deflated, &plain}) peer->say(subscribe("SBIN", 3));
  const auto are_json = [](const std::vector<std::string>& texts) {
    return std::ranges::all_of(texts, [](const std::string& text) { return text.starts_with('{'); });
  };
  reads_deflated.client->send_order_update(http::text_frame(R"({"type":"order_update","orderid":"1"})" + std::string(1000, ' ')));
  EXPECT_TRUE(are_json(reads_deflated.connection->take_sent())) << "answers and order updates";
  plain.connection->sent.clear();
  tick("SBIN", "820.5");
  ASSERT_EQ(reads_deflated.connection->sent.size(), 1U);
  EXPECT_FALSE(are_json(reads_deflated.connection->sent));
  EXPECT_TRUE(are_json(plain.connection->sent));
  EXPECT_LT(reads_deflated.connection->sent[0].size(), plain.connection->sent[0].size());
}

TEST_F(ConflationTest, TheOperatorSeesHowLongAClientHasBeenBehind) {
  auto peer = make_stalled();
  tick("SBIN", "1.0");
  EXPECT_EQ(peer.client->snapshot().lag, 0s);
  tick("SBIN", "2.0");
  clock.advance(3s);
  tick("SBIN", "3.0");
  EXPECT_EQ(peer.client->snapshot().lag, 3s);
  peer.connection->resume(*peer.client);
  EXPECT_EQ(peer.client->snapshot().lag, 0s);
}

TEST_F(ConflationTest, R39AClientThatNeverReadsIsCut) {
  limits.queue_cut_bytes = 4096;
  auto peer = make_stalled();
  peer.say(R"({"action":"subscribe_orders"})");
  for (int i = 0; i < 1000; ++i) tick("SBIN", std::to_string(i + 1));
  EXPECT_EQ(peer.connection->close_code, 0) << "prices take no room";
  const auto update = http::text_frame(R"({"type":"order_update","orderid":"1"})" + std::string(1000, ' '));
  for (int i = 0; i < 10; ++i) peer.client->send_order_update(update);
  EXPECT_EQ(peer.connection->close_code, 4408);
  EXPECT_LE(peer.connection->queued_bytes(), 4096U + 2 * update->size());
}

TEST_F(ConflationTest, R39AStalledClientCostsNobodyElseAPrice) {
  auto stalled = make_stalled();
  auto live = make_admitted("bob-key");
  live.say(subscribe("SBIN"));
  live.connection->sent.clear();
  for (int i = 1; i <= 500; ++i) {
    tick("SBIN", std::to_string(i));
    EXPECT_EQ(live.connection->sent.size(), static_cast<std::size_t>(i));
  }
  EXPECT_EQ(fan_out->stats().frames_built, 500U) << "one for all";
}

}  // namespace
}  // namespace kavach::stream
