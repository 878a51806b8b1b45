#include "identity/second_factor_reset.h"

#include "crypto/totp.h"
#include "identity/house.h"
#include "identity/software_authenticator.h"

namespace kavach::identity::test {
namespace {

using Failure = kavach::test::FailingDatabase::Failure;

/// As `kavach user reset-second-factor` does it beside a running gateway: `house` is the gateway.
class SecondFactorResetTest : public HouseTest {
 protected:
  UserId ada = house.add("ada");
  Passkeys passkeys{parts_of(house)};
  House command{folder, clock};
  Passkeys commands_passkeys{parts_of(command)};
  SecondFactorReset reset{{*command.database, command.audit, command.factors, commands_passkeys, command.sessions}};

  static Passkeys::Parts parts_of(House& at) {
    return {*at.database, at.audit, at.users, at.ring, at.clock, at.random, RelyingParty::from("https://trade.example.org")};
  }
  void enrol() {
    const auto begun = block_on(house.factors.begin(ada, "ada", "s", Actor{}, house.executor));
    const Secret secret = *crypto::base32_decode(begun->base32.reveal());
    EXPECT_OK(block_on(house.factors.confirm(ada, crypto::totp_code(secret, crypto::totp_step(clock.now())), "s", Actor{},
                                             house.executor)));
    SoftwareAuthenticator authenticator;
    const auto options = passkeys.creation_options(*house.users.find(ada));
    const std::string challenge{parse_json(*options)->at("challenge").as_string()};
    EXPECT_OK(block_on(passkeys.add(ada, "laptop", authenticator.register_for(challenge), Actor{}, house.executor)));
    EXPECT_OK(command.factors.load());
    EXPECT_OK(commands_passkeys.load());
    EXPECT_OK(command.sessions.load());
  }
  Result<void> run() {
    return block_on(reset.run(command.users.find(ada), Actor{"cli", {}, {}}, command.executor));
  }
  void gateway_looks() {
    EXPECT_OK(house.sessions.reload_if_changed());
    EXPECT_OK(house.factors.reload_if_changed());
    EXPECT_OK(passkeys.reload_if_changed());
  }
};

TEST_F(SecondFactorResetTest, R6EverythingOfTheLostDeviceGoesAndEverySessionEnds) {
  const auto eve = house.add("eve");
  const auto hers = house.sign_in(eve);
  const auto session = house.sign_in(ada);
  EXPECT_OK(command.users.load());
  enrol();
  ASSERT_TRUE(house.factors.status(ada).totp_enabled);
  ASSERT_TRUE(passkeys.has_any(ada));
  EXPECT_OK(run());
  EXPECT_FALSE(command.factors.status(ada).totp_enabled);
  EXPECT_FALSE(commands_passkeys.has_any(ada));
  gateway_looks();
  EXPECT_FALSE(house.factors.status(ada).totp_enabled);
  EXPECT_EQ(house.factors.status(ada).recovery_codes_left, 0U);
  EXPECT_FALSE(passkeys.has_any(ada));
  EXPECT_FALSE(house.sessions.find(session.token.reveal()));
  EXPECT_TRUE(house.sessions.find(hers.token.reveal())) << "another user's session goes on";
  EXPECT_EQ(command.audit.count("second_factor.reset"), 1);
  EXPECT_EQ(command.audit.count("session.ended"), 1);
  const auto login = block_on(house.login.login("ada", word(kGood), {kHome, "Firefox", "", ""}, house.executor));
  EXPECT_TRUE(std::holds_alternative<LoginSuccess>(login)) << "the password alone opens the account";
}

TEST_F(SecondFactorResetTest, R6NoLostWriteLeavesAHalf) {
  const auto session = house.sign_in(ada);
  enrol();
  for (int passing = 0; passing < 5; ++passing) {
    for (const auto how : {Failure::BeforeUnit, Failure::AfterUnit, Failure::Busy}) {
      command.database->fail(how, passing, 1);
      const auto done = run();
      command.database->heal();
      if (done) {
        ASSERT_GT(passing, 0) << "its only write was lost";
        return;
      }
      gateway_looks();
      EXPECT_TRUE(house.factors.status(ada).totp_enabled);
      EXPECT_EQ(house.factors.status(ada).recovery_codes_left, SecondFactors::kRecoveryCodes);
      EXPECT_TRUE(passkeys.has_any(ada));
      EXPECT_TRUE(house.sessions.find(session.token.reveal()));
      EXPECT_TRUE(command.factors.status(ada).totp_enabled);
      EXPECT_TRUE(commands_passkeys.has_any(ada));
    }
  }
}

TEST_F(SecondFactorResetTest, R5AnAccountWithoutASecondFactorIsOnlySignedOut) {
  const auto session = house.sign_in(ada);
  EXPECT_OK(run());
  gateway_looks();
  EXPECT_FALSE(house.sessions.find(session.token.reveal()));
}

}  // namespace
}  // namespace kavach::identity::test
