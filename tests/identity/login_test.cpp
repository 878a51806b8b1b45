#include "identity/login.h"

#include <map>

#include "core/text.h"
#include "crypto/totp.h"
#include "identity/house.h"

namespace kavach::identity::test {
namespace {

class LoginTest : public HouseTest {
 protected:
  LoginOutcome try_password(std::string_view name, std::string_view password, std::string device = {},
                            IpAddress from = kHome) {
    return block_on(house.login.login(std::string{name}, word(password),
                                      {from, "Mozilla/5.0 (X11; Linux) Firefox/130.0", std::move(device), "req"},
                                      house.executor));
  }
  LoginOutcome try_code(std::string_view pending, std::string code, std::string device = {}) {
    return block_on(house.login.finish(std::string{pending}, std::move(code), {kHome, "", std::move(device), ""}, house.executor));
  }
  /// Enrols and gives the secret and the recovery codes.
  std::pair<Secret, std::vector<Secret>> enrol(UserId user) {
    auto begun = block_on(house.factors.begin(user, "ada", "s", Actor{}, house.executor));
    EXPECT_OK(begun);
    Secret secret = *crypto::base32_decode(begun->base32.reveal());
    auto codes = block_on(house.factors.confirm(
        user, crypto::totp_code(secret, crypto::totp_step(clock.now())), "s", Actor{}, house.executor));
    EXPECT_OK(codes);
    clock.advance(seconds{90});
    return {std::move(secret), std::move(*codes)};
  }
  std::string code_now(const Secret& secret) { return crypto::totp_code(secret, crypto::totp_step(clock.now())); }
};

template <class T>
bool is(const LoginOutcome& outcome) {
  return std::holds_alternative<T>(outcome);
}

TEST_F(LoginTest, R2UnknownWrongAndDisabledAreAlike) {
  house.add("ada");
  const auto eve = house.add("eve");
  EXPECT_OK(block_on(house.accounts.set_enabled(eve, false, Actor{}, house.executor)));
  int reported = 0;
  house.login.on_failed([&](const IpAddress&) { ++reported; });
  EXPECT_TRUE(is<LoginRefused>(try_password("nobody", kGood)));
  EXPECT_TRUE(is<LoginRefused>(try_password("ada", "wrong password 12")));
  EXPECT_TRUE(is<LoginRefused>(try_password("eve", kGood)));
  EXPECT_EQ(reported, 3);
  EXPECT_EQ(house.audit.count("login.failed"), 3);
}

TEST_F(LoginTest, R3ASuccessStartsAFreshSessionAndKnowsTheDeviceNextTime) {
  house.add("ada");
  int new_devices = 0;
  house.login.on_new_device([&](const NewDeviceLogin&) { ++new_devices; });
  const auto first = try_password("ADA", kGood);
  ASSERT_TRUE(is<LoginSuccess>(first));
  const auto& success = std::get<LoginSuccess>(first);
  EXPECT_TRUE(house.sessions.find(success.session.token.reveal()));
  EXPECT_TRUE(house.sessions.is_fresh(success.session.id));
  const auto second = try_password("ada@example.org", kGood, success.device_cookie);
  ASSERT_TRUE(is<LoginSuccess>(second));
  EXPECT_NE(std::get<LoginSuccess>(second).session.token, success.session.token);
  EXPECT_TRUE(std::get<LoginSuccess>(second).device_cookie.empty());
  EXPECT_EQ(new_devices, 1);
}

TEST_F(LoginTest, R7GuessingIsSlowedMoreAndMoreButTheOwnersBrowserIsNot) {
  house.add("ada");
  const std::string device = std::get<LoginSuccess>(try_password("ada", kGood)).device_cookie;
  int judged = 0;
  seconds last_wait{0};
  for (int hour = 0; hour < 24 * 60; ++hour) {  // a guess a minute for a day
    const auto outcome = try_password("ada", "guess number 0001", {}, address("198.51.100.66"));
    if (is<LoginRefused>(outcome)) ++judged;
    if (is<LoginRateLimited>(outcome)) last_wait = std::max(last_wait, std::get<LoginRateLimited>(outcome).retry_after);
    clock.advance(minutes{1});
  }
  EXPECT_LT(judged, 110);
  EXPECT_GT(last_wait, minutes{10});
  EXPECT_TRUE(is<LoginRateLimited>(try_password("ada", kGood, {}, address("192.0.2.1"))));
  EXPECT_TRUE(is<LoginSuccess>(try_password("ada", kGood, device)));
}

TEST_F(LoginTest, R7AForgedDeviceCookieGivesNoPass) {
  const auto ada = house.add("ada");
  const auto eve = house.add("eve");
  const auto of_eve = house.devices.issue(*house.users.find(eve), house.random);
  EXPECT_TRUE(house.devices.device_of(*house.users.find(eve), of_eve));
  EXPECT_FALSE(house.devices.device_of(*house.users.find(ada), of_eve));
  EXPECT_FALSE(house.devices.device_of(*house.users.find(ada), std::string(97, '.')));
  EXPECT_OK(block_on(house.accounts.reset_password(eve, word("another long passphrase"), Actor{}, house.executor)));
  EXPECT_FALSE(house.devices.device_of(*house.users.find(eve), of_eve));
}

TEST(LoginRate, R2HoldsForAnAccountWhoeverAsksAndForNamesThatDoNotExistButNotForAKnownBrowser) {
  kavach::test::TemporaryFolder folder;
  ManualClock clock{market_open()};
  House house{folder, clock};
  house.add("ada");
  std::map<std::string, int> attempts;
  LoginService login{{house.users, house.sessions, house.factors, house.hashing, house.throttle, house.devices, house.audit,
                      clock, house.random, {}, [&](std::string_view account) -> std::optional<seconds> {
                        if (++attempts[std::string{account}] > 3) return seconds{40};
                        return std::nullopt;
                      }}};
  int host = 0;
  const auto attempt = [&](std::string_view name, std::string device = {}) {
    return block_on(login.login(std::string{name}, word(kGood), {address("198.51.100." + std::to_string(++host)), "Firefox", std::move(device), "r"},
                                house.executor));
  };
  const auto first = attempt("ada");
  ASSERT_TRUE(is<LoginSuccess>(first));
  for (const char* name : {"ADA", "ada@example.org"}) EXPECT_TRUE(is<LoginSuccess>(attempt(name)));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(is<LoginRefused>(attempt("nobody")));
  for (const char* name : {"ada", "nobody"}) {
    const auto over = attempt(name);
    ASSERT_TRUE(is<LoginRateLimited>(over));
    EXPECT_EQ(std::get<LoginRateLimited>(over).retry_after, seconds{40});
  }
  EXPECT_TRUE(is<LoginSuccess>(attempt("ada", std::get<LoginSuccess>(first).device_cookie)));
  EXPECT_EQ(attempts.size(), 2U) << "one account, whichever way its name is written";
}

TEST_F(LoginTest, R7NamesThatDoNotExistAreSlowedAlike) {
  house.add("ada");
  for (const char* name : {"ada", "nobody"}) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(is<LoginRefused>(try_password(name, "wrong password 12", {}, address("198.51.100." + std::to_string(i)))));
    }
    EXPECT_TRUE(is<LoginRateLimited>(try_password(name, "wrong password 12", {}, address("198.51.100.99"))));
  }
}

TEST_F(LoginTest, R6ASecondFactorIsNeededOnceEnrolled) {
  const auto ada = house.add("ada");
  const auto [secret, codes] = enrol(ada);
  const auto outcome = try_password("ada", kGood);
  ASSERT_TRUE(is<SecondFactorRequired>(outcome));
  const auto& required = std::get<SecondFactorRequired>(outcome);
  EXPECT_EQ(required.methods, (std::vector<std::string>{"totp", "recovery"}));
  EXPECT_FALSE(house.sessions.find(required.pending_token.reveal()));
  EXPECT_TRUE(is<LoginRefused>(try_code(required.pending_token.reveal(), "000000")));
  const auto finished = try_code(required.pending_token.reveal(), code_now(secret));
  ASSERT_TRUE(is<LoginSuccess>(finished));
  EXPECT_TRUE(std::get<LoginSuccess>(finished).session.fresh_until);
  EXPECT_TRUE(is<LoginRefused>(try_code(required.pending_token.reveal(), code_now(secret))));
}

TEST_F(LoginTest, R6AUsedCodeIsRefusedInASecondLogin) {
  const auto [secret, codes] = enrol(house.add("ada"));
  const auto first = try_password("ada", kGood);
  const auto second = try_password("ada", kGood);
  const auto code = code_now(secret);
  EXPECT_TRUE(is<LoginSuccess>(try_code(std::get<SecondFactorRequired>(first).pending_token.reveal(), code)));
  EXPECT_TRUE(is<LoginRefused>(try_code(std::get<SecondFactorRequired>(second).pending_token.reveal(), code)));
  House restarted{folder, clock};
  const auto replay = block_on(restarted.factors.verify(1, code, "login", {kCodeRule}, Actor{}, restarted.executor));
  EXPECT_EQ(replay.outcome, CodeCheck::Outcome::Wrong);
}

TEST_F(LoginTest, R6ARecoveryCodeWorksOnce) {
  const auto ada = house.add("ada");
  const auto [secret, codes] = enrol(ada);
  ASSERT_EQ(codes.size(), 10U);
  for (int round = 0; round < 2; ++round) {
    const auto outcome = try_password("ada", kGood);
    std::string typed = to_upper(codes[3].reveal());
    std::ranges::replace(typed, '-', ' ');
    const auto finished = try_code(std::get<SecondFactorRequired>(outcome).pending_token.reveal(), typed);
    EXPECT_EQ(is<LoginSuccess>(finished), round == 0);
  }
  EXPECT_EQ(house.factors.status(ada).recovery_codes_left, 9U);
}

TEST_F(LoginTest, R6BruteForceOfCodesIsStopped) {
  const auto [secret, codes] = enrol(house.add("ada"));
  for (int login = 0; login < 200; ++login) {
    const auto outcome = try_password("ada", kGood);
    if (!is<SecondFactorRequired>(outcome)) continue;
    for (int guess = 0; guess < 20; ++guess) {
      const auto answer = try_code(std::get<SecondFactorRequired>(outcome).pending_token.reveal(),
                                   guess % 2 == 0 ? "000000" : "aaaa-bbbb-cccc");
      ASSERT_FALSE(is<LoginSuccess>(answer));
    }
    clock.advance(seconds{1});
  }
  EXPECT_EQ(house.audit.count("second_factor.refused"), 2 * (5 + 2)) << "of each kind, in 200 seconds";
}

TEST_F(LoginTest, R7GuessingCodesForADayGetsEighteenTriesAndTheOwnersBrowserIsNotHeldUp) {
  const auto ada = house.add("ada");
  const auto [secret, codes] = enrol(ada);
  const auto device = house.devices.issue(*house.users.find(ada), house.random);
  const auto pending_of = [](const LoginOutcome& outcome) { return std::get<SecondFactorRequired>(outcome).pending_token.reveal(); };
  int judged = 0;
  for (int minute = 0; minute < 24 * 60; minute += 4) {
    const auto begun = try_password("ada", kGood, {}, address("198.51.100." + std::to_string(minute % 250)));
    ASSERT_TRUE(is<SecondFactorRequired>(begun));
    if (is<LoginRefused>(try_code(pending_of(begun), "000000"))) ++judged;
    clock.advance(minutes{4});
  }
  EXPECT_LE(judged, 18);
  const auto stranger = try_password("ada", kGood);
  EXPECT_TRUE(is<LoginRateLimited>(try_code(pending_of(stranger), code_now(secret))));
  const auto known = try_password("ada", kGood, device);
  EXPECT_TRUE(is<LoginSuccess>(try_code(pending_of(known), code_now(secret), device)));
  const auto still = try_password("ada", kGood);
  EXPECT_TRUE(is<LoginRateLimited>(try_code(pending_of(still), "000000"))) << "his success does not give them new tries";
}

TEST_F(LoginTest, R7StrangersWithThePasswordDoNotKeepTheOwnerFromARecoveryCode) {
  const auto [secret, codes] = enrol(house.add("ada"));
  const auto attempt = [&](std::string code, std::string_view from) {
    const auto begun = try_password("ada", kGood, {}, address(from));
    return block_on(house.login.finish(std::string{std::get<SecondFactorRequired>(begun).pending_token.reveal()},
                                       std::move(code), {address(from), "", "", ""}, house.executor));
  };
  for (const char* guess : {"000000", "aaaa-bbbb-cccc"}) {
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(is<LoginRefused>(attempt(guess, "198.51.100.66")));
    EXPECT_TRUE(is<LoginRateLimited>(attempt(guess, "198.51.100.66")));
  }
  EXPECT_TRUE(is<LoginRateLimited>(attempt(code_now(secret), "192.0.2.1")));
  EXPECT_TRUE(is<LoginSuccess>(attempt(std::string{codes[0].reveal()}, "192.0.2.1")));
}

TEST_F(LoginTest, R7AKnownBrowserWithAThiefAtItIsSlowedToo) {
  const auto ada = house.add("ada");
  const auto [secret, codes] = enrol(ada);
  const auto device = house.devices.issue(*house.users.find(ada), house.random);
  int judged = 0;
  for (int minute = 0; minute < 24 * 60; ++minute) {
    const auto check = block_on(house.login.prove(ada, "000000", {kHome, "", device, ""}, house.executor));
    if (check.outcome == CodeCheck::Outcome::Wrong) ++judged;
    clock.advance(minutes{1});
  }
  EXPECT_LE(judged, 104);
}

TEST_F(LoginTest, R6TheCodeOfAnEnrolmentCannotBeGuessed) {
  const auto ada = house.add("ada");
  EXPECT_OK(block_on(house.factors.begin(ada, "ada", "s", Actor{}, house.executor)));
  int judged = 0;
  for (int second = 0; second < 300; ++second) {
    const auto refused = block_on(house.factors.confirm(ada, "000000", "s", Actor{}, house.executor));
    ASSERT_FALSE(refused);
    if (refused.error().code == ErrorCode::InvalidInput) ++judged;
    clock.advance(seconds{1});
  }
  EXPECT_EQ(judged, 5 + 3) << "at 0 s, then after 30, 90 and 210";
}

TEST_F(LoginTest, R6AnUnfinishedEnrolmentIsOfItsSessionAndEndsAfterAQuarterOfAnHour) {
  const auto ada = house.add("ada");
  const auto begin = [&](const std::string& session) {
    return *crypto::base32_decode(block_on(house.factors.begin(ada, "ada", session, Actor{}, house.executor))->base32.reveal());
  };
  const auto confirm = [&](const Secret& secret, const std::string& session) {
    return block_on(house.factors.confirm(ada, code_now(secret), session, Actor{}, house.executor));
  };
  const auto thief = house.sign_in(ada);
  const auto secret = begin(thief.id);
  EXPECT_EQ(confirm(secret, house.sign_in(ada).id).error().code, ErrorCode::Conflict) << "another session";
  clock.advance(minutes{15});
  EXPECT_EQ(confirm(secret, thief.id).error().code, ErrorCode::Conflict) << "too late";
  const auto again = begin(thief.id);
  const auto renewed = block_on(house.sessions.rotate(thief.id, true, Actor{}, house.executor));
  ASSERT_OK(renewed);
  EXPECT_EQ(confirm(again, thief.id).error().code, ErrorCode::Conflict);
  EXPECT_FALSE(block_on(house.factors.confirm(ada, "000000", renewed->id, Actor{}, house.executor)));
  EXPECT_EQ(house.audit.count("second_factor.refused"), 1);
  EXPECT_OK(confirm(again, renewed->id)) << "a step-up does not undo what was begun";
}

TEST_F(LoginTest, R6APendingLoginEndsAndDiesWithThePassword) {
  const auto ada = house.add("ada");
  const auto [secret, codes] = enrol(ada);
  const auto late = try_password("ada", kGood);
  clock.advance(minutes{5});
  EXPECT_TRUE(is<LoginRefused>(try_code(std::get<SecondFactorRequired>(late).pending_token.reveal(), code_now(secret))));
  const auto overtaken = try_password("ada", kGood);
  EXPECT_OK(block_on(house.accounts.reset_password(ada, word("another long passphrase"), Actor{}, house.executor)));
  EXPECT_TRUE(is<LoginRefused>(try_code(std::get<SecondFactorRequired>(overtaken).pending_token.reveal(), code_now(secret))));
}

TEST_F(LoginTest, R1AWeakerHashIsRaisedAtLogin) {
  const auto ada = house.add("ada");
  const crypto::PasswordHasher cheaper{house.ring, house.random, {.passes = 1, .memory_kib = 32, .lanes = 4}};
  EXPECT_OK(block_on(house.users.replace_hash(ada, house.users.find(ada)->password_hash, *cheaper.hash(word(kGood)), Actor{},
                                             house.executor)));
  EXPECT_TRUE(is<LoginSuccess>(try_password("ada", kGood)));
  EXPECT_TRUE(house.users.find(ada)->password_hash.contains("m=64,"));
  EXPECT_TRUE(is<LoginSuccess>(try_password("ada", kGood)));
}

TEST_F(LoginTest, R5ChangeOfPasswordEndsTheOtherSessions) {
  const auto ada = house.add("ada");
  const auto stolen = house.sign_in(ada);
  const auto mine = house.sign_in(ada);
  const auto wrong = block_on(house.accounts.change_password(ada, word("not the password"), word("another long passphrase"),
                                                             mine.id, Actor{}, house.executor));
  EXPECT_EQ(wrong.error().code, ErrorCode::Unauthenticated);
  const auto renewed = block_on(house.accounts.change_password(ada, word(kGood), word("another long passphrase"), mine.id,
                                                               Actor{}, house.executor));
  ASSERT_OK(renewed);
  EXPECT_FALSE(house.sessions.find(stolen.token.reveal()));
  EXPECT_FALSE(house.sessions.find(mine.token.reveal()));
  EXPECT_TRUE(house.sessions.find(renewed->token.reveal()));
  EXPECT_TRUE(is<LoginRefused>(try_password("ada", kGood)));
  EXPECT_TRUE(is<LoginSuccess>(try_password("ada", "another long passphrase")));
}

/// Random logins, wrong passwords, logouts and jumps of the clock: a token that was never handed out by
/// a right password never opens anything.
TEST_F(LoginTest, R3StateMachineNoWrongPasswordEverOpensASession) {
  house.add("ada");
  SeededRandom random{31337};
  const std::string planted(43, 'P');
  std::vector<Secret> live;
  for (int step = 0; step < 300; ++step) {
    switch (random.below(5)) {
      case 0: {
        auto outcome = try_password("ada", kGood);
        if (auto* success = std::get_if<LoginSuccess>(&outcome)) {
          ASSERT_NE(success->session.token.reveal(), planted);
          live.push_back(std::move(success->session.token));
        }
        break;
      }
      case 1:
        ASSERT_FALSE(is<LoginSuccess>(try_password("ada", "wrong password 12", planted)));
        break;
      case 2:
        for (const auto& token : live) {
          if (const auto found = house.sessions.find(token.reveal())) {
            EXPECT_OK(block_on(house.sessions.end(found->principal.credential_id, 1, SessionEnd::Logout, Actor{}, house.executor)));
            ASSERT_FALSE(house.sessions.find(token.reveal()));
          }
        }
        live.clear();
        break;
      case 3: clock.advance(minutes{static_cast<int>(random.below(90))}); break;
      default: clock.jump(minutes{static_cast<int>(random.below(600)) - 300}); break;
    }
    ASSERT_FALSE(house.sessions.find(planted));
    ASSERT_LE(house.sessions.list(1).size(), 5U);
  }
}

}  // namespace
}  // namespace kavach::identity::test
