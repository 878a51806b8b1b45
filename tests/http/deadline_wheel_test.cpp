#include "http/deadline_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "core/random.h"

namespace kavach::http {
namespace {

using std::chrono::milliseconds;

class Probe final : public Deadline {
 public:
  int passed{0};
  std::move_only_function<void()> then;

 private:
  void deadline_passed() override {
    ++passed;
    if (then) then();
  }
};

TEST(DeadlineWheel, PassesEachOnceAndNeverEarly) {
  DeadlineWheel wheel{milliseconds{10}, milliseconds{0}};
  SeededRandom random{7};
  std::vector<std::pair<std::unique_ptr<Probe>, Monotonic>> probes;
  for (int i = 0; i < 500; ++i) {
    const Monotonic at = milliseconds{random.below(20'000)};
    probes.emplace_back(std::make_unique<Probe>(), at);
    wheel.set(*probes.back().first, at);
  }
  for (Monotonic now{0}; now <= milliseconds{20'100}; now += milliseconds{7}) {
    wheel.advance(now);
    for (const auto& [probe, at] : probes) {
      if (now < at) ASSERT_EQ(probe->passed, 0);
      if (now >= at + milliseconds{20}) ASSERT_EQ(probe->passed, 1);
    }
  }
}

TEST(DeadlineWheel, CanBeMovedLaterEarlierAndCleared) {
  DeadlineWheel wheel{milliseconds{1}, milliseconds{0}};
  Probe later;
  Probe earlier;
  Probe cleared;
  wheel.set(later, milliseconds{10});
  wheel.set(later, milliseconds{100});
  wheel.set(earlier, milliseconds{100});
  wheel.set(earlier, milliseconds{10});
  wheel.set(cleared, milliseconds{10});
  wheel.clear(cleared);
  wheel.advance(milliseconds{50});
  EXPECT_EQ(later.passed, 0);
  EXPECT_EQ(earlier.passed, 1);
  wheel.advance(milliseconds{200});
  EXPECT_EQ(later.passed, 1);
  EXPECT_EQ(cleared.passed, 0);
}

TEST(DeadlineWheel, AJumpOfHoursPassesEverything) {
  DeadlineWheel wheel{milliseconds{1}, milliseconds{0}};
  Probe near;
  Probe far;
  wheel.set(near, milliseconds{5});
  wheel.set(far, std::chrono::hours{3});
  wheel.advance(std::chrono::hours{4});
  EXPECT_EQ(near.passed, 1);
  EXPECT_EQ(far.passed, 1);
}

TEST(DeadlineWheel, ACallbackMayDestroyItsNeighboursAndSetItselfAgain) {
  DeadlineWheel wheel{milliseconds{1}, milliseconds{0}};
  auto neighbour = std::make_unique<Probe>();
  Probe probe;
  probe.then = [&] {
    neighbour.reset();
    if (probe.passed == 1) wheel.set(probe, milliseconds{20});
  };
  wheel.set(probe, milliseconds{5});
  wheel.set(*neighbour, milliseconds{5});
  wheel.advance(milliseconds{10});
  EXPECT_EQ(probe.passed, 1);
  wheel.advance(milliseconds{30});
  EXPECT_EQ(probe.passed, 2);
}

}  // namespace
}  // namespace kavach::http
