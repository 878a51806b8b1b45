#include "stream/client.h"

#include "stream_fixture.h"

namespace kavach::stream {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kAda = R"({"action":"authenticate","api_key":"ada-key"})";

TEST_F(ClientTest, R38NothingIsSaidBeforeAuthentication) {
  auto peer = make();
  EXPECT_TRUE(peer.connection->sent.empty()) << "no greeting";
  for (const char* action : {"subscribe_orders", "unsubscribe_orders", "unsubscribe_all", "get_broker_info"}) {
    EXPECT_EQ(peer.ask(R"({"action":")" + std::string{action} + "\"}"),
              R"({"status":"error","code":"NOT_AUTHENTICATED","message":"You must authenticate first"})");
  }
  EXPECT_EQ(gist(peer.ask(subscribe("SBIN"))), "NOT_AUTHENTICATED");
  peer.connection->sent.clear();
  peer.client->send_order_update(http::text_frame(R"({"type":"order_update"})"));
  tick("SBIN", "820.5");
  EXPECT_TRUE(peer.connection->sent.empty());
  EXPECT_EQ(feed.instruments(), 0U);
  EXPECT_FALSE(host.orders_wanted);
}

TEST_F(ClientTest, R38ASilentClientIsClosedAfterTheGrace) {
  auto peer = make();
  clock.advance(14s);
  peer.client->check(false);
  EXPECT_EQ(peer.connection->close_code, 0);
  clock.advance(1s);
  peer.client->check(false);
  EXPECT_EQ(peer.connection->close_code, 4401);
  EXPECT_EQ(peer.connection->close_reason, "auth timeout");
  EXPECT_TRUE(peer.connection->sent.empty());
}

TEST_F(ClientTest, R38AWrongKeyIsAnsweredReportedAndMayBeCorrected) {
  auto peer = make();
  EXPECT_EQ(peer.ask(R"({"action":"authenticate","api_key":"guess"})"),
            R"({"status":"error","code":"AUTHENTICATION_ERROR","message":"Invalid API key"})");
  EXPECT_THAT(host.abuses, ElementsAre("invalid_api_key: digest of guess"));
  EXPECT_EQ(peer.connection->close_code, 0);
  EXPECT_EQ(peer.ask(R"({"action":"authenticate"})"),
            R"({"status":"error","code":"AUTHENTICATION_ERROR","message":"API key is required"})");
  EXPECT_EQ(peer.ask(kAda),
            R"({"type":"auth","status":"success","message":"Authentication successful","broker":"paper",)"
            R"("user_id":"ada","supported_features":{"ltp":true,"quote":true,"depth":true}})");
}

TEST_F(ClientTest, R14AStoreThatCannotAnswerIsNeverTheClientsOffence) {
  using Outcome = guard::KeyVerdict::Outcome;
  for (const Outcome outcome : {Outcome::Busy, Outcome::Unavailable}) {
    credentials.keys["ada-key"].outcome = outcome;
    auto peer = make();
    EXPECT_EQ(gist(peer.ask(kAda)), "SERVER_ERROR");
    EXPECT_TRUE(host.abuses.empty());
  }
}

TEST_F(ClientTest, R38AKeyFromTheWrongAddressIsRefusedAndReported) {
  credentials.keys["ada-key"].outcome = guard::KeyVerdict::Outcome::AddressRefused;
  auto peer = make();
  EXPECT_EQ(gist(peer.ask(kAda)), "AUTHENTICATION_ERROR");
  EXPECT_THAT(host.abuses, ElementsAre("api_key_address: k_ada"));
}

TEST_F(ClientTest, R38FramesSentBehindAKeyWaitForItInOrder) {
  auto peer = make();
  peer.say(R"({"action":"authenticate","api_key":"slow-key"})");
  peer.say(subscribe("SBIN"));
  peer.say(subscribe("INFY"));
  peer.say(R"({"action":"ping"})");
  EXPECT_TRUE(peer.connection->sent.empty());
  credentials.finish_verifying();
  executor.run();
  EXPECT_THAT(gists(peer.connection->take_sent()), ElementsAre("auth", "subscribe", "subscribe", "pong"));
  tick("SBIN", "820.5");
  EXPECT_THAT(gists(peer.connection->take_sent()), ElementsAre("SBIN 820.5"));
}

TEST_F(ClientTest, R38ASecondKeyBehindTheFirstHoldsUpWhatFollowsIt) {
  credentials.slow_keys["slow-wrong"] = {guard::KeyVerdict::Outcome::Unknown, {}, {}};
  auto peer = make();
  peer.say(R"({"action":"authenticate","api_key":"slow-wrong"})");
  peer.say(R"({"action":"authenticate","api_key":"slow-key"})");
  peer.say(subscribe("SBIN"));
  credentials.finish_verifying();
  executor.run();
  EXPECT_THAT(gists(peer.connection->take_sent()), ElementsAre("AUTHENTICATION_ERROR"));
  EXPECT_EQ(credentials.verifying(), 1U);
  credentials.finish_verifying();
  executor.run();
  EXPECT_THAT(gists(peer.connection->take_sent()), ElementsAre("auth", "subscribe"));
}

TEST_F(ClientTest, R38WhatMayWaitForAKeyIsBounded) {
  limits.messages_per_second_max = 1000;
  auto peer = make();
  peer.say(R"({"action":"authenticate","api_key":"slow-key"})");
  for (std::size_t i = 0; i <= limits.waiting_messages_max; ++i) peer.say(subscribe("SBIN"));
  EXPECT_EQ(peer.connection->close_code, 4429);
  credentials.finish_verifying();
  executor.run();
  EXPECT_TRUE(peer.connection->sent.empty());
}

TEST_F(ClientTest, R38AVerificationThatOutlivesItsConnectionTouchesNothing) {
  auto own_thread = std::make_unique<QueueExecutor>();
  auto client = std::make_shared<Client>(
      ClientParts{host, credentials, instruments, *fan_out, clock, limits, "paper"}, IpAddress{}, std::nullopt);
  client->opened(std::make_shared<FakeConnection>(*own_thread));
  client->message(R"({"action":"authenticate","api_key":"slow-key"})", true);
  client->closed(1006);
  own_thread.reset();
  credentials.finish_verifying();
  EXPECT_TRUE(host.users.empty());
}

TEST_F(ClientTest, R38TooManyMessagesInASecondCloseTheConnection) {
  auto peer = make_admitted();
  clock.advance(1s);
  for (std::size_t i = 0; i < limits.messages_per_second_max; ++i) peer.say(R"({"action":"ping"})");
  EXPECT_EQ(peer.connection->close_code, 0);
  clock.advance(1s);
  for (std::size_t i = 0; i <= limits.messages_per_second_max; ++i) peer.say(R"({"action":"ping"})");
  EXPECT_EQ(peer.connection->close_code, 4429);
  EXPECT_THAT(host.abuses, ElementsAre("ws_message_rate"));
}

TEST_F(ClientTest, R38InvalidMessagesAreOffencesAndEndTheConnection) {
  limits.violations_max = 3;
  auto peer = make_admitted();
  EXPECT_EQ(peer.ask("{"), R"({"status":"error","code":"INVALID_JSON","message":"Invalid JSON message"})");
  EXPECT_EQ(peer.ask(R"({"action":"dance"})"),
            R"({"status":"error","code":"INVALID_ACTION","message":"Invalid action: dance"})")
      << "a newer client's action is no offence of somebody we know";
  peer.say("[]");
  peer.say("\xff");
  EXPECT_EQ(peer.connection->close_code, 1008);
  EXPECT_EQ(host.abuses.size(), 3U);
  auto stranger = make();
  EXPECT_EQ(gist(stranger.ask(R"({"action":"dance"})")), "INVALID_ACTION");
  EXPECT_EQ(gist(stranger.ask("{}")), "INVALID_ACTION");
  EXPECT_EQ(host.abuses.size(), 5U);
}

TEST_F(ClientTest, R38BrokenFramesAreOffencesToo) {
  auto peer = make();
  peer.client->violated(1002);
  EXPECT_THAT(host.abuses, ElementsAre("ws_protocol"));
}

TEST_F(ClientTest, R39WhoDoesNotReadIsCutAndToldSo) {
  auto peer = make_admitted();
  peer.say(subscribe("SBIN"));
  peer.client->check(false);
  peer.connection->stalled = true;
  tick("SBIN", "820.5");
  const auto wait = [&](std::chrono::seconds time) {
    clock.advance(time);
    peer.client->pong();
    peer.client->check(false);
  };
  wait(19s);
  EXPECT_EQ(peer.connection->close_code, 0);
  peer.connection->resume(*peer.client);
  wait(19s);
  peer.connection->stalled = true;
  tick("SBIN", "821");
  wait(19s);
  EXPECT_EQ(peer.connection->close_code, 0) << "reading anything begins the count anew";
  wait(1s);
  EXPECT_EQ(peer.connection->close_code, 4408);
  EXPECT_EQ(peer.connection->close_reason, "client does not read");
}

TEST_F(ClientTest, R38SilenceIsPingedAndEnds) {
  auto peer = make_admitted();
  peer.say(subscribe("SBIN"));
  clock.advance(30s);
  peer.client->check(false);
  EXPECT_EQ(peer.connection->pings, 1);
  peer.client->check(false);
  EXPECT_EQ(peer.connection->pings, 1) << "once a heartbeat";
  peer.client->pong();
  clock.advance(89s);
  peer.client->check(false);
  EXPECT_EQ(peer.connection->close_code, 0);
  clock.advance(1s);
  peer.client->check(false);
  EXPECT_EQ(peer.connection->close_code, 4409);
}

TEST_F(ClientTest, R38WhoSubscribesToNothingIsClosedInTheEnd) {
  auto peer = make_admitted();
  peer.say(subscribe("SBIN"));
  const auto wait = [&](std::chrono::seconds time) {
    clock.advance(time);
    peer.client->pong();
    peer.client->check(false);
  };
  wait(700s);
  EXPECT_EQ(peer.connection->close_code, 0);
  peer.say(R"({"action":"unsubscribe_all"})");
  wait(599s);
  EXPECT_EQ(peer.connection->close_code, 0) << "counted from the last subscription's end";
  wait(1s);
  EXPECT_EQ(peer.connection->close_code, 4409);
}

TEST_F(ClientTest, R38RevocationEndsTheConnectionAtTheNextCheck) {
  auto peer = make_admitted();
  peer.client->check(false);
  EXPECT_EQ(peer.connection->close_code, 0);
  credentials.end("k_ada");
  peer.client->check(false);
  EXPECT_EQ(peer.connection->close_code, 4403);
  EXPECT_EQ(peer.connection->close_reason, "access ended");
}

TEST_F(ClientTest, R38ABanEndsTheConnectionAtTheNextCheck) {
  auto peer = make();
  peer.client->check(true);
  EXPECT_EQ(peer.connection->close_code, 4403);
}

TEST_F(ClientTest, R13AKeyThatSignsItsRequestsOpensNoSocket) {
  credentials.signing.insert("k_ada");
  auto peer = make();
  EXPECT_EQ(peer.ask(kAda),
            R"({"status":"error","code":"AUTHENTICATION_ERROR","message":"This API key works only with signed requests"})");
  EXPECT_TRUE(host.users.empty());
  credentials.signing.clear();
  EXPECT_EQ(gist(peer.ask(kAda)), "auth");
  credentials.signing.insert("k_ada");
  peer.client->check(false);
  EXPECT_EQ(peer.connection->close_code, 4403) << "signing was switched on meanwhile";
}

TEST_F(ClientTest, R38ASocketKeepsItsFirstUser) {
  auto peer = make_admitted();
  EXPECT_EQ(gist(peer.ask(kAda)), "auth");
  EXPECT_EQ(gist(peer.ask(R"({"action":"authenticate","api_key":"bob-key"})")), "AUTHENTICATION_ERROR");
  EXPECT_EQ(gist(peer.ask(R"({"action":"authenticate","api_key":"guess"})")), "AUTHENTICATION_ERROR");
  EXPECT_THAT(peer.ask(R"({"action":"get_broker_info"})"), HasSubstr(R"("user_id":"ada")"));
  EXPECT_THAT(host.users, ElementsAre("ada")) << "counted once";
}

TEST_F(ClientTest, R38OneMoreConnectionThanAllowedIsTurnedAway) {
  host.has_room = false;
  auto peer = make();
  EXPECT_EQ(gist(peer.ask(kAda)), "AUTHENTICATION_ERROR");
  EXPECT_EQ(peer.connection->close_code, 4429);
}

TEST_F(ClientTest, R38SubscriptionsAreBounded) {
  limits.subscriptions_max = 2;
  auto peer = make_admitted();
  peer.say(subscribe("SBIN"));
  peer.say(subscribe("SBIN"));
  peer.say(subscribe("INFY"));
  EXPECT_THAT(peer.ask(subscribe("TCS")), HasSubstr("Maximum of 2 subscriptions reached"));
  peer.say(R"({"action":"unsubscribe","symbols":[{"symbol":"SBIN","exchange":"NSE","mode":1}]})");
  EXPECT_THAT(peer.ask(subscribe("TCS")), HasSubstr(R"("status":"success")"));
}

TEST_F(ClientTest, R38ASessionNeedsNoKey) {
  auto peer = make(test::principal_of(7, "ada", identity::Role::Owner, identity::Credential::Session));
  EXPECT_THAT(gists(peer.connection->take_sent()), ElementsAre("auth"));
  credentials.end("s_ada");
  peer.client->check(false);
  EXPECT_EQ(peer.connection->close_code, 4403);
}

TEST_F(ClientTest, R38AClosedClientLeavesNothingBehind) {
  auto peer = make_admitted();
  peer.say(subscribe("SBIN"));
  EXPECT_EQ(feed.instruments(), 1U);
  peer.client->closed(1006);
  EXPECT_EQ(feed.instruments(), 0U);
  peer.client.reset();
  EXPECT_EQ(host.departures, 1);
  tick("SBIN", "1");
}

TEST_F(ClientTest, R38AHandshakeThatWasNeverAnsweredIsCountedOut) {
  std::make_shared<Client>(ClientParts{host, credentials, instruments, *fan_out, clock, limits, "paper"}, IpAddress{},
                           std::nullopt)
      .reset();
  EXPECT_EQ(host.departures, 1);
}

TEST_F(ClientTest, EachModeGetsAPriceOfItsOwn) {
  auto peer = make_admitted();
  for (const int mode : {1, 2, 3}) peer.say(subscribe("SBIN", mode));
  peer.connection->sent.clear();
  tick("SBIN", "820.5");
  ASSERT_EQ(peer.connection->sent.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto parsed = parse_json(peer.connection->sent[i]);
    const auto& data = parsed->as_object().at("data").as_object();
    EXPECT_EQ(data.at("mode").as_int64(), static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(data.contains("volume"), i >= 1);
    EXPECT_EQ(data.contains("depth"), i == 2);
  }
  peer.say(R"({"action":"unsubscribe","mode":"Quote","symbols":[{"symbol":"SBIN","exchange":"NSE"}]})");
  peer.connection->sent.clear();
  tick("SBIN", "821.0");
  EXPECT_EQ(peer.connection->sent.size(), 2U);
}

TEST_F(ClientTest, AnUnknownSymbolFailsAloneAndTheRestIsSubscribed) {
  auto peer = make_admitted();
  EXPECT_EQ(peer.ask(R"({"action":"subscribe","mode":"LTP","request_id":"r1","symbols":[{"symbol":"SBIN","exchange":"NSE"},)"
                     R"({"symbol":"NOPE","exchange":"NSE"}]})"),
            R"({"type":"subscribe","status":"partial","message":"Subscription processing complete","broker":"paper",)"
            R"("request_id":"r1","subscriptions":[{"symbol":"SBIN","exchange":"NSE","status":"success","broker":"paper",)"
            R"("mode":"LTP","depth":5},{"symbol":"NOPE","exchange":"NSE","status":"error",)"
            R"("message":"Symbol NOPE not found for exchange NSE","broker":"paper"}]})");
}

}  // namespace
}  // namespace kavach::stream
