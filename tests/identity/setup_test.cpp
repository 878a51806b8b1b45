#include "identity/setup.h"

#include "identity/house.h"

namespace kavach::identity::test {
namespace {

using SetupTest = HouseTest;

NewAccount owner(std::string_view name = "ada", std::string_view password = kGood) {
  return {std::string{name}, std::string{name} + "@example.org", word(password), Role::Viewer};
}

TEST_F(SetupTest, R6WhoeverReachesThePortFirstDoesNotOwnIt) {
  ASSERT_TRUE(house.setup.needed());
  const auto token = block_on(house.setup.prepare(house.executor));
  ASSERT_TRUE(token && token->has_value());
  const auto stranger = block_on(house.setup.create_owner("guess", owner("eve"), Actor{}, house.executor));
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().code, ErrorCode::Forbidden);
  const std::string printed{(*token)->reveal()};
  const auto weak = block_on(house.setup.create_owner(printed, owner("ada", "short"), Actor{}, house.executor));
  EXPECT_EQ(weak.error().code, ErrorCode::InvalidInput);
  const auto created = block_on(house.setup.create_owner(printed, owner(), Actor{}, house.executor));
  ASSERT_OK(created);
  EXPECT_EQ(house.users.find(*created)->role, Role::Owner);
  const auto again = block_on(house.setup.create_owner(printed, owner("eve"), Actor{}, house.executor));
  EXPECT_EQ(again.error().code, ErrorCode::Conflict);
  EXPECT_FALSE(block_on(house.setup.prepare(house.executor))->has_value());
}

TEST_F(SetupTest, R6ARestartVoidsTheFormerToken) {
  const auto first = block_on(house.setup.prepare(house.executor));
  House restarted{folder, clock};
  const auto second = block_on(restarted.setup.prepare(restarted.executor));
  EXPECT_FALSE(block_on(restarted.setup.create_owner(std::string{(*first)->reveal()}, owner(), Actor{}, restarted.executor)));
  EXPECT_OK(block_on(restarted.setup.create_owner(std::string{(*second)->reveal()}, owner(), Actor{}, restarted.executor)));
}

TEST_F(SetupTest, R6TwoOwnersCannotBothBeFirst) {
  House other{folder, clock};
  EXPECT_OK(block_on(house.accounts.add({"ada", "ada@example.org", word(kGood), Role::Owner}, true, Actor{}, house.executor)));
  const auto late = block_on(other.accounts.add({"eve", "eve@example.org", word(kGood), Role::Owner}, true, Actor{}, other.executor));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::Conflict);
}

TEST_F(SetupTest, TheLastOwnerCannotBeDisabled) {
  const auto ada = house.add("ada", Role::Owner);
  EXPECT_EQ(block_on(house.accounts.set_enabled(ada, false, Actor{}, house.executor)).error().code, ErrorCode::Conflict);
  house.add("bob", Role::Owner);
  EXPECT_OK(block_on(house.accounts.set_enabled(ada, false, Actor{}, house.executor)));
}

TEST_F(SetupTest, NamesAndAddressesAreCheckedAndUniqueWhateverTheirCase) {
  house.add("ada");
  for (const char* name : {"", "ab", "a b", "ada\n", "<script>", "ADA"}) {
    EXPECT_FALSE(block_on(house.accounts.add({name, "x@example.org", word(kGood), Role::Trader}, false, Actor{}, house.executor))) << name;
  }
  for (const char* email : {"", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: x", "ADA@example.org"}) {
    EXPECT_FALSE(block_on(house.accounts.add({"grace", email, word(kGood), Role::Trader}, false, Actor{}, house.executor))) << email;
  }
}

}  // namespace
}  // namespace kavach::identity::test
