#include "guard/load_shedding.h"

#include <gtest/gtest.h>

namespace kavach::guard {
namespace {

using namespace std::chrono_literals;

struct Shedding : testing::Test {
  LoadShedder shedder{{.delay_target = 20ms, .interval = 100ms, .in_flight_max = 10, .essential_reserve = 2}};
  Monotonic now{1s};

  Shedding() { shedder.observe(0ms, now); }

  /// `intervals` of work that waited `delay` each.
  void load(int intervals, Monotonic delay) {
    for (int i = 0; i < intervals * 10; ++i) {
      now += 10ms;
      shedder.observe(delay, now);
    }
  }
  int passed(Priority priority, bool known) {
    int count = 0;
    for (int i = 0; i < 100; ++i) count += shedder.admit(priority, known) ? 1 : 0;
    return count;
  }
};

TEST_F(Shedding, ABurstThatDrainsIsNoOverload) {
  for (int i = 0; i < 50; ++i) {
    load(0, 0ms);
    now += 10ms;
    shedder.observe(i % 5 == 0 ? 1ms : 500ms, now);
  }
  EXPECT_EQ(shedder.level(), 0);
}

TEST_F(Shedding, TheLeastImportantGoesFirstAndEssentialNever) {
  load(2, 0ms);
  ASSERT_EQ(shedder.level(), 0);
  load(1, 50ms);
  EXPECT_EQ(shedder.level(), 1);
  EXPECT_EQ(passed(Priority::Deferrable, true), 0);
  EXPECT_EQ(passed(Priority::Normal, false), 100);
  load(1, 50ms);
  EXPECT_EQ(passed(Priority::Normal, false), 0) << "strangers before callers with a credential";
  EXPECT_EQ(passed(Priority::Normal, true), 100);
  load(3, 50ms);
  EXPECT_NEAR(passed(Priority::Normal, true), 100 - 36, 2);
  load(20, 50ms);
  EXPECT_GT(passed(Priority::Normal, true), 0) << "somebody must notice the recovery";
  EXPECT_EQ(passed(Priority::Essential, false), 100);
  load(12, 1ms);
  EXPECT_EQ(shedder.level(), 0);
  EXPECT_EQ(passed(Priority::Deferrable, false), 100);
}

TEST_F(Shedding, SilenceEndsAnOverload) {
  load(20, 50ms);
  now += 10s;
  shedder.observe(0ms, now);
  shedder.observe(0ms, now += 100ms);
  EXPECT_LE(shedder.level(), 1);
}

TEST_F(Shedding, PlacesAreKeptForEssentialTraffic) {
  std::vector<LoadShedder::Slot> held;
  for (int i = 0; i < 10; ++i) held.push_back(shedder.admit(Priority::Normal, true).value());
  EXPECT_FALSE(shedder.admit(Priority::Normal, true));
  auto cancel = shedder.admit(Priority::Essential, true);
  auto kill_switch = shedder.admit(Priority::Essential, true);
  EXPECT_TRUE(cancel && kill_switch);
  EXPECT_FALSE(shedder.admit(Priority::Essential, true));
  held.clear();
  EXPECT_TRUE(shedder.admit(Priority::Normal, true));
  EXPECT_EQ(shedder.in_flight(), 2);
}

}  // namespace
}  // namespace kavach::guard
