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
      defences->observe_delay(i % 4 == 0 ? IpAddress::v4(0x20000000U + static_cast<std::uint32_t>(i)) : ip("203.0.113.9"), 50ms);
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
