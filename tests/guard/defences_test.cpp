#include "guard/defences.h"

#include <gtest/gtest.h>

#include "support/guard_fixture.h"

namespace kavach::guard {
namespace {

using namespace std::chrono_literals;
using DefencesTest = GuardFixture;

TEST(DefaultGateway, R19_IsReadFromTheRouteTable) {
  const char* table =
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
      "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
      "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
  ASSERT_TRUE(gateway_of_route_table(table));
  EXPECT_EQ(gateway_of_route_table(table)->text(), "172.17.0.1");
  EXPECT_FALSE(gateway_of_route_table(""));
  EXPECT_FALSE(gateway_of_route_table("eth0\t00000000\tnonsense\n"));
}

TEST_F(DefencesTest, AFloodRaisesAnEventThatNamesTheTopAddresses) {
  for (int second = 0; second < 6; ++second) {
    for (int i = 0; i < 1'000; ++i) {
      static_cast<void>(defences->shedder.admits(Priority::Normal, Standing::Stranger));
      if (i % 10 == 0) defences->observe_waiting(0, 50ms);
      defences->observe_arrival(i % 4 == 0 ? IpAddress::v4(0x20000000U + static_cast<std::uint32_t>(i)) : ip("203.0.113.9"));
      clock.advance(1ms);
    }
  }
  EXPECT_GE(audit.count("flood.detected"), 1);
  const auto events = defences->events.latest();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events[0].kind, "flood.detected");
  EXPECT_EQ(events[0].address, "203.0.113.9");
  EXPECT_GT(defences->shedder.level(), 0);
}

TEST_F(DefencesTest, AFloodIsReportedAlsoWhenSheddingHoldsItOff) {
  const auto second_of = [&](Monotonic delay) {
    for (int i = 0; i < 1'000; ++i) {
      static_cast<void>(defences->shedder.admits(Priority::Normal, Standing::Stranger));
      if (i % 10 == 0) defences->observe_waiting(0, delay);
      defences->observe_arrival(ip("203.0.113.9"));
      clock.advance(1ms);
    }
  };
  second_of(0ms);
  // Up a level, down a level: the delay alone would not tell.
  for (int i = 0; i < 6; ++i) {
    second_of(50ms);
    ASSERT_GT(defences->shedder.level(), 0);
    second_of(0ms);
  }
  EXPECT_EQ(audit.count("flood.detected"), 1) << "and once, not every second";
}

TEST_F(DefencesTest, MuchTrafficWithoutWaitingIsNoFlood) {
  for (int i = 0; i < 6'000; ++i) {
    if (i % 10 == 0) defences->observe_waiting(0, 1ms);
    defences->observe_arrival(ip("203.0.113.9"));
    clock.advance(1ms);
  }
  EXPECT_EQ(audit.count("flood.detected"), 0);
}

TEST_F(DefencesTest, WhoIsKnownBeforeHeHasProvedWhoHeIs) {
  for (const char* trusted : {"127.0.0.1", "::1", "10.0.0.9", "198.18.0.7"}) {
    EXPECT_EQ(defences->standing_of(ip(trusted)), Standing::Known) << trusted;
  }
  EXPECT_EQ(defences->standing_of(ip("203.0.113.9")), Standing::Stranger);
  defences->known_clients.note(ip("203.0.113.9"), defences->now());
  EXPECT_EQ(defences->standing_of(ip("203.0.113.9")), Standing::Known);
  EXPECT_EQ(defences->standing_of(ip("203.0.113.8")), Standing::Stranger);
  clock.advance(std::chrono::hours{25});
  EXPECT_EQ(defences->standing_of(ip("203.0.113.9")), Standing::Stranger) << "a day later";
}

TEST(KnownClientsTest, AnAddressOfVersionSixIsKnownByItsNetworkAndAnEmptyPlaceKnowsNobody) {
  KnownClients known{42};
  const Monotonic now{std::chrono::minutes{3}};
  for (std::uint32_t n = 0; n < 100'000; ++n) EXPECT_FALSE(known.contains(IpAddress::v4(n), Monotonic{0}));
  known.note(ip("2001:db8:1:2::1"), now);
  EXPECT_TRUE(known.contains(ip("2001:db8:1:2::ffff"), now));
  EXPECT_FALSE(known.contains(ip("2001:db8:1:3::1"), now));
}

TEST_F(DefencesTest, TicksTakeOverWhatTheCommandLineChanged) {
  const AllowedNetwork entry{net("203.0.113.0/24"), "office", "command", "cli", clock.now()};
  ASSERT_OK(database->write_and_wait([&](store::Transaction& transaction) {
    return defences->allow_list.add(transaction, audit, entry, {});
  }));
  EXPECT_FALSE(defences->allow_list.contains(ip("203.0.113.9")));
  defences->tick();
  workers->stop();
  EXPECT_TRUE(defences->allow_list.contains(ip("203.0.113.9")));
}

TEST_F(DefencesTest, R19_AllowListRulesHold) {
  const auto add = [&](const char* network) {
    return database->write_and_wait([&](store::Transaction& transaction) {
      return defences->allow_list.add(transaction, audit, {net(network), "", "console", "ada", clock.now()}, {});
    });
  };
  const auto remove = [&](const char* network) {
    return database->write_and_wait([&](store::Transaction& transaction) {
      return defences->allow_list.remove(transaction, audit, net(network), "ada", {});
    });
  };
  EXPECT_OK(add("203.0.113.9"));
  EXPECT_FALSE(add("203.0.113.9")) << "twice";
  EXPECT_OK(remove("203.0.113.9"));
  EXPECT_FALSE(remove("203.0.113.9"));
  const auto fixed = remove("198.18.0.0/24");
  ASSERT_FALSE(fixed);
  EXPECT_NE(fixed.error().message.find("ALLOW_LIST"), std::string::npos);
  EXPECT_EQ(audit.count("allow_list.added"), 1);
  EXPECT_EQ(audit.count("allow_list.removed"), 1);
}

}  // namespace
}  // namespace kavach::guard
