#include "stream/stream_service.h"

#include <set>

#include "stream_fixture.h"

namespace kavach::stream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct StreamServiceTest : StreamTest {
  struct Peer {
    std::shared_ptr<http::WebSocketListener> listener;
    std::shared_ptr<FakeConnection> connection;
    void say(std::string_view text) { listener->message(text, true); }
  };

  StreamService& service() {
    if (service_) return *service_;
    service_.emplace(
        StreamServices{credentials, instruments, hub, clock, "paper",
                       {"https://kavach.example", "https://charts.example"},
                       [this](const IpAddress& address) { return banned.contains(address); },
                       [this](const IpAddress&, std::string_view token, std::string_view) { abuses.emplace_back(token); },
                       [](const trading::AccountId& account) -> std::optional<StreamServices::AccountOwner> {
                         if (account == "paper:7") return StreamServices::AccountOwner{7, false};
                         if (account == "analyze:7") return StreamServices::AccountOwner{7, true};
                         if (account == "paper:8") return StreamServices::AccountOwner{8, false};
                         return std::nullopt;
                       }},
        limits);
    return *service_;
  }
  guard::Call call(std::string_view from = "198.51.100.7") {
    guard::Call call;
    call.client = *IpAddress::parse(from);
    call.secure = true;
    call.request.method = http::Method::Get;
    call.request.path = "/ws";
    call.request.headers = {{"Host", "kavach.example"},
                            {"Upgrade", "websocket"},
                            {"Connection", "Upgrade"},
                            {"Sec-WebSocket-Version", "13"},
                            {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    return call;
  }
  guard::Call call_with_session(std::string origin) {
    guard::Call made = call();
    made.principal = test::principal_of(7, "ada", identity::Role::Owner, identity::Credential::Session);
    if (!origin.empty()) made.request.headers.push_back({"Origin", std::move(origin)});
    return made;
  }
  Peer open(const guard::Call& from) {
    auto reply = service().upgrade(from);
    EXPECT_EQ(reply.status, 101);
    Peer peer{reply.upgrade, std::make_shared<FakeConnection>(executor)};
    peer.listener->opened(peer.connection);
    return peer;
  }
  Peer admitted(std::string_view key, bool wants_orders = true) {
    Peer peer = open(call());
    peer.say(R"({"action":"authenticate","api_key":")" + std::string{key} + "\"}");
    if (wants_orders) peer.say(R"({"action":"subscribe_orders"})");
    peer.connection->sent.clear();
    return peer;
  }
  static trading::OrderUpdate update(trading::AccountId account, std::string id) {
    trading::OrderUpdate made{std::move(account), {}};
    made.order.id = std::move(id);
    return made;
  }
  void sweep() {
    service().sweep();
    executor.run();
  }

  std::set<IpAddress> banned;
  std::vector<std::string> abuses;
  std::optional<StreamService> service_;
};

TEST_F(StreamServiceTest, R38OnlyAllowedOriginsAndProgramsMayConnect) {
  const auto status = [&](std::vector<std::string> origins) {
    auto from = call();
    for (auto& origin : origins) from.request.headers.push_back({"Origin", std::move(origin)});
    return service().upgrade(from).status;
  };
  EXPECT_EQ(status({}), 101);
  EXPECT_EQ(status({"https://kavach.example"}), 101);
  EXPECT_EQ(status({"https://charts.example"}), 101);
  EXPECT_THAT(abuses, IsEmpty());
  for (const char* origin : {"https://evil.example", "null", "", "http://kavach.example", "https://kavach.example.evil.example",
                             "https://kavach.example:444"}) {
    EXPECT_EQ(status({origin}), 403) << origin;
  }
  EXPECT_EQ(status({"https://kavach.example", "https://evil.example"}), 403);
  EXPECT_EQ(abuses.size(), 7U);
}

TEST_F(StreamServiceTest, R38ASessionCountsOnlyOnOurOwnPage) {
  const auto greeting = [&](std::string origin) {
    return gists(open(call_with_session(std::move(origin))).connection->sent);
  };
  EXPECT_THAT(greeting("https://kavach.example"), ElementsAre("auth"));
  EXPECT_THAT(greeting({}), IsEmpty()) << "a cookie without an Origin";
  EXPECT_THAT(greeting("https://charts.example"), IsEmpty()) << "another site that may connect brings a key";
}

TEST_F(StreamServiceTest, R38ARequestThatIsNoHandshakeIsToldSo) {
  auto plain = call();
  plain.request.headers.resize(1);
  const auto reply = service().upgrade(plain);
  EXPECT_EQ(reply.status, 426);
  EXPECT_EQ(reply.upgrade, nullptr);
}

TEST_F(StreamServiceTest, R38ConnectionsOfAnAddressAreBounded) {
  limits.connections_per_address_max = 2;
  auto first = open(call("2001:db8::1"));
  auto second = open(call("2001:db8::2"));
  EXPECT_EQ(service().upgrade(call("2001:db8::3")).status, 429) << "one /64 is one client";
  EXPECT_THAT(abuses, ElementsAre("ws_connections"));
  EXPECT_EQ(service().upgrade(call("2001:db8:0:1::1")).status, 101);
  first.listener->closed(1000);
  EXPECT_EQ(service().upgrade(call("2001:db8::3")).status, 101);
}

TEST_F(StreamServiceTest, R38AHandshakeWhoseClientVanishedHoldsNoPlace) {
  limits.connections_per_address_max = 1;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(service().upgrade(call()).status, 101);
  EXPECT_EQ(service().stats().connections, 0U);
}

TEST_F(StreamServiceTest, R38ConnectionsOfAUserAreBounded) {
  limits.connections_per_user_max = 1;
  auto first = admitted("ada-key");
  auto second = admitted("ada-key", false);
  EXPECT_EQ(second.connection->close_code, 4429);
  auto other = admitted("bob-key", false);
  EXPECT_EQ(other.connection->close_code, 0);
  first.listener->closed(1000);
  auto third = admitted("ada-key", false);
  EXPECT_EQ(third.connection->close_code, 0);
}

TEST_F(StreamServiceTest, R38NobodySeesAnothersOrders) {
  auto ada = admitted("ada-key");
  auto bob = admitted("bob-key");
  auto silent = admitted("ada-key", false);
  auto stranger = open(call());
  service().order_updated(update("paper:7", "1"));
  service().order_updated(update("paper:8", "2"));
  service().order_updated(update("analyze:7", "3"));
  service().order_updated(update("unknown", "4"));
  executor.run();
  EXPECT_THAT(gists(ada.connection->sent), ElementsAre("order 1", "order 3"));
  EXPECT_NE(ada.connection->sent[0].find(R"("user_id":"ada","mode":"live","broker":"paper")"), std::string::npos);
  EXPECT_NE(ada.connection->sent[1].find(R"("user_id":"ada","mode":"analyze","broker":"sandbox")"), std::string::npos);
  EXPECT_THAT(gists(bob.connection->sent), ElementsAre("order 2"));
  EXPECT_THAT(silent.connection->sent, IsEmpty());
  EXPECT_THAT(stranger.connection->sent, IsEmpty());
}

TEST_F(StreamServiceTest, R38OrdersEndWithTheirSubscription) {
  auto ada = admitted("ada-key");
  service().order_updated(update("paper:7", "1"));
  ada.say(R"({"action":"unsubscribe_orders"})");
  executor.run();
  service().order_updated(update("paper:7", "2"));
  executor.run();
  EXPECT_THAT(gists(ada.connection->sent), ElementsAre("unsubscribe_orders"));
}

TEST_F(StreamServiceTest, R38TheSweepEndsWhatIsBannedOrRevoked) {
  auto ada = admitted("ada-key");
  auto bob = admitted("bob-key");
  sweep();
  EXPECT_EQ(ada.connection->close_code, 0);
  credentials.end("k_ada");
  sweep();
  EXPECT_EQ(ada.connection->close_code, 4403);
  EXPECT_EQ(bob.connection->close_code, 0);
  banned.insert(*IpAddress::parse("198.51.100.7"));
  sweep();
  EXPECT_EQ(bob.connection->close_code, 4403);
}

TEST_F(StreamServiceTest, TheOperatorSeesAndEndsConnections) {
  auto ada = admitted("ada-key");
  auto bob = admitted("bob-key");
  sweep();
  const auto rows = service().connections();
  ASSERT_EQ(rows.size(), 2U);
  for (const auto& row : rows) {
    EXPECT_EQ(row.address, "198.51.100.7");
    if (row.username == "ada") EXPECT_TRUE(service().close_connection(row.id));
  }
  executor.run();
  EXPECT_EQ(ada.connection->close_code, 4403);
  EXPECT_EQ(bob.connection->close_code, 0);
  EXPECT_FALSE(service().close_connection("ws_999"));
  EXPECT_EQ(service().stats().authenticated, 2U);
}

}  // namespace
}  // namespace kavach::stream
