#include "identity/users.h"

#include <atomic>
#include <thread>

#include "identity/house.h"

namespace kavach::identity::test {
namespace {

using UsersTest = HouseTest;

/// A sign-in that ends while the accounts are read anew must not put back what it saw before.
TEST_F(UsersTest, R5AnAccountThatAnotherProcessDisabledStaysDisabledWhileSomebodySignsIn) {
  house.add("ada", Role::Owner);
  const auto eve = house.add("eve");
  House command_line{folder, clock};
  std::atomic<bool> over{false};
  std::atomic<int> logins{0};
  std::thread signing_in{[&] {
    for (; !over; ++logins) house.users.note_login(eve, clock.now());
  }};
  int revived = 0;
  for (int round = 0; round < 50; ++round) {
    const bool enabled = round % 2 == 1;
    EXPECT_OK(block_on(command_line.users.set_enabled(eve, enabled, Actor{"cli", {}, {}}, command_line.executor)));
    EXPECT_OK(house.users.reload_if_changed());
    for (const int before = logins; logins < before + 2;) std::this_thread::yield();
    if (house.users.find(eve)->enabled != enabled) ++revived;
  }
  over = true;
  signing_in.join();
  EXPECT_EQ(revived, 0);
}

}  // namespace
}  // namespace kavach::identity::test
