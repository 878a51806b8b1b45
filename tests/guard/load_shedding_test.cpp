#include "guard/load_shedding.h"

#include <gtest/gtest.h>

namespace kavach::guard {
namespace {

using namespace std::chrono_literals;
using enum Standing;

struct Shedding : testing::Test {
  LoadShedder shedder{{.delay_target = 20ms, .interval = 100ms, .requests_min = 0, .in_flight_max = 200, .essential_reserve = 2}};
  Monotonic now{1s};

  Shedding() { shedder.observe(0, 0ms, now); }

  /// `intervals` in which everything on thread `loop` waited `delay`.
  void load(int intervals, Monotonic delay, std::size_t loop = 0) {
    for (int i = 0; i < intervals * 10; ++i) {
      now += 10ms;
      shedder.observe(loop, delay, now);
    }
  }
  void climb_to(int level) {
    while (shedder.level() < level) load(1, 30ms);
  }
  int passed(Priority priority, Standing standing) {
    int count = 0;
    for (int i = 0; i < 100; ++i) count += shedder.admits(priority, standing) ? 1 : 0;
    return count;
  }
};

TEST_F(Shedding, ABurstThatDrainsIsNoOverload) {
  for (int i = 0; i < 50; ++i) {
    now += 10ms;
    shedder.observe(0, i % 5 == 0 ? 1ms : 500ms, now);
  }
  EXPECT_EQ(shedder.level(), 0);
}

TEST(SheddingOfFew, AMachineThatIsBusyWithSomethingElseRefusesNobody) {
  LoadShedder shedder{{.delay_target = 20ms, .interval = 100ms, .requests_min = 20}};
  Monotonic now{1s};
  shedder.observe(0, 0ms, now);
  const auto interval_of = [&](int requests) {
    for (int i = 0; i < requests; ++i) static_cast<void>(shedder.admits(Priority::Normal, Stranger));
    for (int i = 0; i < 10; ++i) shedder.observe(0, 500ms, now += 10ms);
  };
  for (int i = 0; i < 50; ++i) interval_of(19);
  EXPECT_EQ(shedder.level(), 0);
  interval_of(20);
  EXPECT_GT(shedder.level(), 0) << "those who ask for much are a load";
}

TEST_F(Shedding, TheLeastImportantGoesFirstAndTheOwnersCancelNever) {
  load(2, 0ms);
  ASSERT_EQ(shedder.level(), 0);
  load(1, 30ms);
  EXPECT_EQ(shedder.level(), 1);
  EXPECT_EQ(passed(Priority::Deferrable, Known), 0);
  EXPECT_EQ(passed(Priority::Normal, Stranger), 100);
  climb_to(2);
  EXPECT_EQ(passed(Priority::Normal, Stranger), 0) << "strangers before who shows a credential";
  EXPECT_EQ(passed(Priority::Normal, Claims), 100);
  climb_to(5);
  EXPECT_EQ(passed(Priority::Normal, Claims), 4) << "a credential can be made up";
  EXPECT_EQ(passed(Priority::Essential, Stranger), 100);
  EXPECT_EQ(passed(Priority::Normal, Known), 100);
  climb_to(8);
  EXPECT_EQ(passed(Priority::Essential, Claims), 4) << "else a flood would only have to ask for cancels";
  EXPECT_EQ(passed(Priority::Normal, Known), 100);
  climb_to(LoadShedder::kLevelMax);
  EXPECT_EQ(passed(Priority::Normal, Known), 4) << "somebody must notice the recovery";
  EXPECT_EQ(passed(Priority::Essential, Known), 100);
  load(5 * LoadShedder::kLevelMax, 1ms);
  EXPECT_EQ(shedder.level(), 0);
  EXPECT_EQ(passed(Priority::Deferrable, Stranger), 100);
}

TEST_F(Shedding, TheFurtherBehindTheFasterUp) {
  load(1, 50ms);
  EXPECT_EQ(shedder.level(), 1);
  load(1, 100ms);
  EXPECT_EQ(shedder.level(), 3);
  load(1, 10s);
  EXPECT_EQ(shedder.level(), 6);
  EXPECT_EQ(shedder.waiting(), Monotonic{10s});
}

TEST_F(Shedding, TheOwnersOrdersDoNotPayForAFloodOfStrangers) {
  for (int i = 0; i < 50; ++i) {
    for (int n = 0; n < 100; ++n) std::ignore = shedder.admits(Priority::Normal, n < 10 ? Known : Claims);
    load(1, 500ms);
  }
  EXPECT_EQ(shedder.level(), 8);
  EXPECT_EQ(passed(Priority::Normal, Known), 100);
  for (int i = 0; i < 50; ++i) {
    for (int n = 0; n < 100; ++n) std::ignore = shedder.admits(Priority::Normal, n < 50 ? Known : Claims);
    load(1, 500ms);
  }
  EXPECT_EQ(shedder.level(), LoadShedder::kLevelMax) << "now it is their own doing";
}

TEST_F(Shedding, ALullDoesNotOpenTheGates) {
  climb_to(8);
  load(4, 0ms);
  EXPECT_EQ(shedder.level(), 8) << "refused work leaves no queue behind";
  load(1, 0ms);
  EXPECT_EQ(shedder.level(), 7);
  load(1, 30ms);
  load(4, 0ms);
  EXPECT_EQ(shedder.level(), 8);
}

TEST_F(Shedding, AThreadThatIsIdleDoesNotHideOneThatIsFlooded) {
  for (int i = 0; i < 50; ++i) {
    load(0, 0ms);
    now += 10ms;
    shedder.observe(0, 0ms, now);
    shedder.observe(1, 60ms, now);
  }
  EXPECT_GT(shedder.level(), 2);
}

TEST_F(Shedding, ConnectionsAreRefusedOnceTheirRequestsWouldBeAnyway) {
  const auto taken = [&](Standing standing) {
    int count = 0;
    for (int i = 0; i < 100; ++i) count += shedder.admit_connection(standing) ? 1 : 0;
    return count;
  };
  climb_to(5);
  EXPECT_EQ(taken(Stranger), 100) << "it might be somebody who wants to cancel";
  climb_to(8);
  EXPECT_EQ(taken(Stranger), 4);
  climb_to(LoadShedder::kLevelMax);
  EXPECT_EQ(taken(Known), 100);
}

TEST_F(Shedding, SilenceEndsAnOverload) {
  climb_to(LoadShedder::kLevelMax);
  now += 10s;
  shedder.observe(0, 0ms, now);
  shedder.observe(0, 0ms, now += 100ms);
  EXPECT_LE(shedder.level(), 1);
}

TEST_F(Shedding, PlacesAreKeptForEssentialTrafficOfWhoIsKnown) {
  std::vector<LoadShedder::Slot> held;
  for (int i = 0; i < 200; ++i) held.push_back(shedder.enter(Priority::Normal, Known).value());
  EXPECT_FALSE(shedder.enter(Priority::Normal, Known));
  EXPECT_FALSE(shedder.enter(Priority::Essential, Claims));
  auto cancel = shedder.enter(Priority::Essential, Known);
  auto kill_switch = shedder.enter(Priority::Essential, Known);
  EXPECT_TRUE(cancel && kill_switch);
  EXPECT_FALSE(shedder.enter(Priority::Essential, Known));
  held.clear();
  EXPECT_TRUE(shedder.enter(Priority::Normal, Known));
  EXPECT_EQ(shedder.in_flight(), 2);
}

}  // namespace
}  // namespace kavach::guard
