#include "identity/accounts.h"

#include "identity/house.h"

namespace kavach::identity::test {
namespace {

using Failure = kavach::test::FailingDatabase::Failure;

constexpr std::string_view kNext = "a fresh passphrase of words";
constexpr std::array kFailures{Failure::BeforeUnit, Failure::AfterUnit, Failure::Busy};

/// Every write of a change is lost once, in every way: a change that takes several shows a half there.
class AccountsTest : public HouseTest {
 protected:
  static constexpr int kWritesMax = 3;

  UserId ada = house.add("ada");
  StartedSession here = house.sign_in(ada);
  StartedSession elsewhere = house.sign_in(ada);

  template <class Change, class Expect>
  void lose_each_write_of(Change change, Expect unchanged) {
    for (int passing = 0; passing < kWritesMax; ++passing) {
      for (const auto how : kFailures) {
        house.database->fail(how, passing, 1);
        const auto done = change();
        house.database->heal();
        if (done) {
          ASSERT_GT(passing, 0) << "its only write was lost";
          return;
        }
        EXPECT_NE(done.error().code, ErrorCode::Internal);
        unchanged(house);
        House restarted{folder, clock};
        unchanged(restarted);
      }
    }
  }
  static bool opens(House& at, std::string_view password) {
    const auto user = at.users.find("ada");
    return user->enabled && block_on(at.accounts.confirm_password(user->id, word(password), at.executor)).has_value();
  }
  static bool live(House& at, const StartedSession& session) { return at.sessions.find(session.token.reveal()).has_value(); }
};

TEST_F(AccountsTest, R5ANewPasswordEndsTheOtherSessionsAndRenewsThisOne) {
  const auto renewed =
      block_on(house.accounts.change_password(ada, word(kGood), word(kNext), here.id, Actor{}, house.executor));
  ASSERT_OK(renewed);
  House restarted{folder, clock};
  for (House* at : {&house, &restarted}) {
    EXPECT_TRUE(opens(*at, kNext));
    EXPECT_TRUE(live(*at, *renewed));
    EXPECT_FALSE(live(*at, here));
    EXPECT_FALSE(live(*at, elsewhere));
  }
}

TEST_F(AccountsTest, R5NoLostWriteLeavesANewPasswordBesideOldSessions) {
  const auto unchanged = [&](House& at) {
    EXPECT_TRUE(opens(at, kGood));
    EXPECT_TRUE(live(at, here));
    EXPECT_TRUE(live(at, elsewhere));
  };
  lose_each_write_of(
      [&] { return block_on(house.accounts.change_password(ada, word(kGood), word(kNext), here.id, Actor{}, house.executor)); },
      unchanged);
  EXPECT_TRUE(opens(house, kNext));
  EXPECT_FALSE(live(house, elsewhere));
}

TEST_F(AccountsTest, R5NoLostWriteLeavesAResetPasswordBesideOldSessions) {
  const auto unchanged = [&](House& at) {
    EXPECT_TRUE(opens(at, kGood));
    EXPECT_TRUE(live(at, here));
  };
  lose_each_write_of([&] { return block_on(house.accounts.reset_password(ada, word(kNext), Actor{}, house.executor)); },
                     unchanged);
  House restarted{folder, clock};
  for (House* at : {&house, &restarted}) {
    EXPECT_TRUE(opens(*at, kNext));
    EXPECT_FALSE(live(*at, here));
    EXPECT_FALSE(live(*at, elsewhere));
  }
}

TEST_F(AccountsTest, R8NoLostWriteLeavesADisabledAccountWithSessions) {
  const auto unchanged = [&](House& at) {
    EXPECT_TRUE(opens(at, kGood));
    EXPECT_TRUE(live(at, here));
  };
  lose_each_write_of([&] { return block_on(house.accounts.set_enabled(ada, false, Actor{}, house.executor)); }, unchanged);
  EXPECT_FALSE(house.users.find(ada)->enabled);
  // An account that is enabled again finds none of its former sessions alive.
  EXPECT_OK(block_on(house.accounts.set_enabled(ada, true, Actor{}, house.executor)));
  House restarted{folder, clock};
  for (House* at : {&house, &restarted}) EXPECT_FALSE(live(*at, here));
}

TEST_F(AccountsTest, R3APasswordIsNotChangedFromASessionThatHasEnded) {
  EXPECT_OK(block_on(house.sessions.end(here.id, ada, SessionEnd::Revoked, Actor{}, house.executor)));
  const auto refused =
      block_on(house.accounts.change_password(ada, word(kGood), word(kNext), here.id, Actor{}, house.executor));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
  EXPECT_TRUE(opens(house, kGood));
}

}  // namespace
}  // namespace kavach::identity::test
