#include "identity/cookies.h"

#include "identity/device.h"
#include "identity/house.h"
#include "identity/login_csrf.h"

namespace kavach::identity::test {
namespace {

TEST(Cookies, R3HostPrefixAndSecureOnHttps) {
  const CookieNames names{true};
  EXPECT_EQ(set_cookie(names.session, "v", names.secure),
            "__Host-kavach_session=v; Path=/; HttpOnly; SameSite=Lax; Secure");
  EXPECT_EQ(set_cookie(CookieNames{false}.session, "v", false, std::chrono::seconds{5}),
            "kavach_session=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=5");
  EXPECT_TRUE(clear_cookie(names.session, true).ends_with("Secure; Max-Age=0"));
}

TEST(LoginCsrf, R23AForeignTokenSignsNobodyIn) {
  const auto ring = test_ring();
  const LoginCsrf csrf{ring};
  const SecureRandom random;
  const auto mine = LoginCsrf::new_cookie(random);
  const auto theirs = LoginCsrf::new_cookie(random);
  EXPECT_TRUE(csrf.verify(mine, csrf.token(mine)));
  EXPECT_FALSE(csrf.verify(mine, csrf.token(theirs)));
  EXPECT_FALSE(csrf.verify(mine, ""));
  EXPECT_FALSE(csrf.verify("", csrf.token("")));
}

TEST(Device, HostileUserAgentsBecomeAFewWords) {
  EXPECT_EQ(device_name("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0"), "Edge on Windows");
  EXPECT_EQ(device_name("<script>alert(1)</script>"), "Unknown browser");
}

TEST(AttemptThrottle, R7WaitsDoubleAndAreBounded) {
  ManualClock clock{market_open()};
  AttemptThrottle throttle{clock, 100};
  const AttemptThrottle::Keys keys{{"a", {2, seconds{10}, seconds{60}}}};
  EXPECT_FALSE(throttle.admit(keys));
  EXPECT_FALSE(throttle.admit(keys));
  for (const int wait : {10, 20, 40, 60, 60}) {
    EXPECT_EQ(throttle.admit(keys), seconds{wait});
    clock.advance(seconds{wait});
    EXPECT_FALSE(throttle.admit(keys));
  }
  throttle.forget("a");
  EXPECT_FALSE(throttle.admit(keys));
}

TEST(AttemptThrottle, R7AFloodOfNamesDoesNotGrowIt) {
  ManualClock clock{market_open()};
  AttemptThrottle throttle{clock, 100};
  const AttemptThrottle::Keys victim{{"victim", {1, seconds{10}, seconds{60}}}};
  EXPECT_FALSE(throttle.admit(victim));
  for (int i = 0; i < 99; ++i) (void)throttle.admit({{std::to_string(i), {}}});
  EXPECT_TRUE(throttle.admit(victim));
}

}  // namespace
}  // namespace kavach::identity::test
