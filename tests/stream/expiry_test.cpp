// What ends by the clock ends its sockets: real sessions and keys, and a client that listens when their day is over.

#include <future>

#include "guard/identity_credentials.h"
#include "identity/house.h"
#include "stream_fixture.h"

namespace kavach::stream {
namespace {

using namespace std::chrono_literals;

struct ExpiryTest : identity::test::HouseTest {
  ExpiryTest() {
    // Only what is tried here may end a client.
    limits.idle_timeout = limits.unsubscribed_max = 48h;
  }

  FakeConnection& listen(identity::Principal principal) {
    client = std::make_shared<Client>(ClientParts{host, credentials, instruments, *fan_out, clock, limits, "paper"},
                                      identity::test::kHome, std::move(principal));
    connection = std::make_shared<FakeConnection>(executor);
    client->opened(connection);
    return *connection;
  }
  identity::Principal behind_key(const Secret& key) {
    std::promise<guard::KeyVerdict> decided;
    credentials.verify_key(Secret{key.reveal()}, identity::test::kHome,
                           [&](guard::KeyVerdict verdict) { decided.set_value(std::move(verdict)); });
    return decided.get_future().get().principal;
  }
  /// The sweep just before an instant and the one at it.
  void expect_end_at(TimePoint end) {
    clock.advance(end - clock.now() - 1us);
    client->check(false);
    EXPECT_EQ(connection->close_code, 0) << "not a microsecond early";
    clock.advance(1us);
    client->check(false);
    EXPECT_EQ(connection->close_code, 4403);
    EXPECT_EQ(connection->close_reason, "access ended");
  }

  identity::RequestSigning signing{*house.database, house.api_keys, clock};
  guard::IdentityCredentials credentials{house.api_keys, house.sessions, house.users, signing, house.ring, "session"};
  market::Instruments instruments{market::InstrumentTable{{equity("SBIN")}}};
  QueueExecutor executor;
  ScriptedFeed feed;
  market::FeedHub hub{feed, instruments, clock, executor, 7};
  std::shared_ptr<FanOut> fan_out = std::make_shared<FanOut>(hub, "paper");
  FakeHost host;
  StreamLimits limits;
  std::shared_ptr<FakeConnection> connection;
  std::shared_ptr<Client> client;
};

TEST_F(ExpiryTest, R38ASocketEndsWithItsSessionsDay) {
  const auto session = house.sign_in(house.add("ada"));
  const auto token = session.token.reveal();
  EXPECT_EQ(ist_text(session.ends_at), "2027-06-30 03:30:00");
  listen(credentials.session(token, identity::test::kHome)->principal);
  while (clock.now() + 20min < session.ends_at) {
    clock.advance(20min);
    ASSERT_TRUE(credentials.session(token, identity::test::kHome)) << "the page is in use";
  }
  expect_end_at(session.ends_at);
}

TEST_F(ExpiryTest, R38ASocketEndsWithASessionNobodyUses) {
  const auto session = house.sign_in(house.add("ada"));
  listen(credentials.session(session.token.reveal(), identity::test::kHome)->principal);
  expect_end_at(clock.now() + 30min);
}

TEST_F(ExpiryTest, R38ASocketEndsWithItsKeysTime) {
  identity::NewApiKey request;
  request.lives = 24h;
  const TimePoint made = clock.now();
  const auto key = house.make_key(house.add("ada"), std::move(request));
  listen(behind_key(key.key));
  expect_end_at(made + 24h);
}

TEST_F(ExpiryTest, R38ASocketEndsWithTheGraceOfAReplacedKey) {
  const auto key = house.make_key(house.add("ada"));
  listen(behind_key(key.key));
  const TimePoint replaced = clock.now();
  ASSERT_OK(identity::block_on(house.api_keys.regenerate(key.id, 10min, identity::Actor{"ada", {}, {}}, house.executor)));
  expect_end_at(replaced + 10min);
}

}  // namespace
}  // namespace kavach::stream
