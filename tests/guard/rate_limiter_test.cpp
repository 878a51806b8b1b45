#include "guard/rate_limiter.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace kavach::guard {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::year{2027} / 6 / 29}};

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }
IpAddress numbered(std::uint32_t n) { return IpAddress::v4(0x0b000000U + n); }

identity::Principal key_holder(const char* key_id, identity::UserId user = 1) {
  identity::Principal principal;
  principal.credential = identity::Credential::ApiKey;
  principal.user = user;
  principal.credential_id = key_id;
  return principal;
}

struct RateLimits : testing::Test {
  ManualClock clock{kStart};
  RateLimiter limiter{clock, 42};

  int allowed(int requests, const IpAddress& from, const Rates& rates) {
    int passed = 0;
    for (int i = 0; i < requests; ++i) passed += limiter.by_address(RateClass::Default, from, rates).allowed ? 1 : 0;
    return passed;
  }
};

TEST(Rate, ReadsAndWritesWhatSettingsSay) {
  const auto rates = Rates::parse("10 per second;40 per minute");
  ASSERT_TRUE(rates);
  EXPECT_EQ(rates->text(), "10 per second;40 per minute");
  EXPECT_EQ(rates->all()[0].contract_text(), "10 per 1 second");
  EXPECT_EQ(Rates::parse("100/hour")->text(), "100 per hour");
  EXPECT_EQ(Rates::parse(" 5 per 2 minutes ; 7 PER DAY")->text(), "5 per 2 minutes;7 per day");
  for (const char* wrong : {"", "10", "0 per second", "-1 per second", "10 per fortnight", "unlimited", "10 per second;",
                            "99999 per second", "1.5 per second", "10 per 0 seconds", "1 per 99999 days",
                            "1 per day;1 per day;1 per day;1 per day;1 per day"}) {
    EXPECT_FALSE(Rates::parse(wrong)) << wrong;
  }
}

TEST_F(RateLimits, R20_NeverMoreThanTheRateInAnyWindow) {
  const Rates rates = Rates::parse("10 per second").value();
  SeededRandom random{7};
  std::vector<std::int64_t> passed;
  for (int i = 0; i < 20'000; ++i) {
    if (limiter.by_address(RateClass::Default, ip("203.0.113.9"), rates).allowed) {
      passed.push_back(clock.monotonic().count());
    }
    clock.advance(Micros{random.below(40'000)});
  }
  ASSERT_GT(passed.size(), 1'000U);
  for (std::size_t i = 10; i < passed.size(); ++i) {
    ASSERT_GE(passed[i] - passed[i - 10], 1'000'000'000) << "eleven within a second";
  }
}

TEST_F(RateLimits, RefusedRequestsAreNotCounted) {
  const Rates rates = Rates::parse("10 per second").value();
  EXPECT_EQ(allowed(100, ip("203.0.113.9"), rates), 10);
  clock.advance(1s);
  EXPECT_EQ(allowed(100, ip("203.0.113.9"), rates), 10);
}

TEST_F(RateLimits, CompoundRatesHoldTogether) {
  const Rates rates = Rates::parse("10 per second;25 per minute").value();
  int total = 0;
  for (int second = 0; second < 30; ++second) {
    total += allowed(20, ip("203.0.113.9"), rates);
    clock.advance(1s);
  }
  EXPECT_EQ(total, 25);
  const auto refused = limiter.by_address(RateClass::Default, ip("203.0.113.9"), rates);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.limit.contract_text(), "25 per 1 minute");
  clock.advance(refused.retry_after);
  EXPECT_TRUE(limiter.by_address(RateClass::Default, ip("203.0.113.9"), rates).allowed);
}

TEST_F(RateLimits, TheRefusalSaysExactlyWhenItPasses) {
  const Rates rates = Rates::parse("2 per second").value();
  std::ignore = limiter.by_address(RateClass::Default, ip("203.0.113.9"), rates);
  clock.advance(300ms);
  std::ignore = limiter.by_address(RateClass::Default, ip("203.0.113.9"), rates);
  const auto refused = limiter.by_address(RateClass::Default, ip("203.0.113.9"), rates);
  ASSERT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, 700ms);
  clock.advance(699ms);
  EXPECT_FALSE(limiter.by_address(RateClass::Default, ip("203.0.113.9"), rates).allowed);
  clock.advance(1ms);
  EXPECT_TRUE(limiter.by_address(RateClass::Default, ip("203.0.113.9"), rates).allowed);

  auto response = api_rate_refusal(refused);
  add_rate_headers(refused, response);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.body, R"({"message":"2 per 1 second"})");
  const auto header = [&](std::string_view name) {
    for (const auto& one : response.headers) {
      if (one.name == name) return one.value;
    }
    return std::string{};
  };
  EXPECT_EQ(header("Retry-After"), "1");
  EXPECT_EQ(header("RateLimit-Limit"), "2");
  EXPECT_EQ(header("RateLimit-Remaining"), "0");
}

TEST_F(RateLimits, ABasketPaysForItsLegs) {
  const Rates rates = Rates::parse("10 per second").value();
  const auto trader = key_holder("k_1");
  EXPECT_TRUE(limiter.by_principal(RateClass::Order, trader, rates, 6).allowed);
  EXPECT_FALSE(limiter.by_principal(RateClass::Order, trader, rates, 6).allowed);
  EXPECT_TRUE(limiter.by_principal(RateClass::Order, trader, rates, 4).allowed);
  EXPECT_FALSE(limiter.by_principal(RateClass::Order, trader, rates, 1).allowed);
  clock.advance(1s);
  // 25 legs: allowed once the window is empty, and then two and a half seconds are used up.
  EXPECT_TRUE(limiter.by_principal(RateClass::Order, trader, rates, 25).allowed);
  clock.advance(1'999ms);
  EXPECT_FALSE(limiter.by_principal(RateClass::Order, trader, rates, 1).allowed);
  clock.advance(2ms);
  EXPECT_TRUE(limiter.by_principal(RateClass::Order, trader, rates, 5).allowed);
  EXPECT_FALSE(limiter.by_principal(RateClass::Order, trader, rates, 1).allowed);
}

TEST_F(RateLimits, R20_StrangersNeverUseUpAUsersRate) {
  const Rates rates = Rates::parse("10 per second").value();
  EXPECT_EQ(allowed(10'000, ip("10.0.0.1"), rates), 10) << "a flood through the proxy's address";
  const auto owner = key_holder("k_1");
  EXPECT_TRUE(limiter.by_principal(RateClass::Default, owner, rates).allowed);
  EXPECT_EQ(limiter.by_principal(RateClass::Default, owner, rates).remaining, 8U);
  EXPECT_EQ(limiter.by_principal(RateClass::Default, key_holder("k_2"), rates).remaining, 9U) << "each key its own";
  EXPECT_EQ(limiter.by_principal(RateClass::Order, owner, rates).remaining, 9U) << "each class its own";
}

TEST_F(RateLimits, AnIpv6AttackerHasOneBucketForHisWholeNetwork) {
  const Rates rates = Rates::parse("10 per second").value();
  int passed = 0;
  for (int i = 1; i <= 100; ++i) {
    char text[40];
    std::snprintf(text, sizeof text, "2001:db8:1:2::%x", i);
    passed += limiter.by_address(RateClass::Default, ip(text), rates).allowed ? 1 : 0;
  }
  EXPECT_EQ(passed, 10);
}

TEST(RateLimiter, R20AnAccountsAttemptsAreCountedWhereverTheyComeFromAndSurviveARestart) {
  ManualClock clock{kStart};
  const Rates rates = *Rates::parse("5 per minute;25 per hour");
  const std::string ada(64, 'a');
  std::vector<SavedBucket> saved;
  {
    RateLimiter limiter{clock, 42};
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(limiter.by_account(RateClass::Login, ada, rates).allowed);
    EXPECT_FALSE(limiter.by_account(RateClass::Login, ada, rates).allowed);
    EXPECT_TRUE(limiter.by_account(RateClass::Login, std::string(64, 'b'), rates).allowed);
    saved = limiter.save_changed(100);
  }
  RateLimiter restarted{clock, 43};
  restarted.restore(saved);
  EXPECT_FALSE(restarted.by_account(RateClass::Login, ada, rates).allowed);
}

TEST(RateTableBounds, AFloodOfAddressesCannotResetABucketNorGrowMemory) {
  ManualClock clock{kStart};
  RateLimiter limiter{clock, 42, {.addresses_max = 1'024, .principals_max = 64}};
  const Rates rates = Rates::parse("10 per hour").value();
  const IpAddress attacker = ip("203.0.113.9");
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limiter.by_address(RateClass::Login, attacker, rates).allowed);
  for (std::uint32_t n = 0; n < 100'000; ++n) std::ignore = limiter.by_address(RateClass::Login, numbered(n), rates);
  EXPECT_FALSE(limiter.by_address(RateClass::Login, attacker, rates).allowed);
  EXPECT_LE(limiter.save_changed(1'000'000).size(), 1'024U + 64U);
}

TEST(RateRestart, R20_AFloodDoesNotKeepTheWriterBusyNorHideTheGuessers) {
  ManualClock clock{kStart};
  RateLimiter limiter{clock, 42};
  const Rates rates = Rates::parse("5 per minute").value();
  for (std::uint32_t n = 0; n < 10'000; ++n) std::ignore = limiter.by_address(RateClass::Default, numbered(n), rates);
  std::ignore = limiter.by_address(RateClass::Login, ip("203.0.113.9"), rates);
  auto saved = limiter.save_changed(200);
  ASSERT_EQ(saved.size(), 200U);
  RateLimiter after{clock, 1};
  after.restore(saved);
  EXPECT_EQ(after.by_address(RateClass::Login, ip("203.0.113.9"), rates).remaining, 3U) << "among the first saved";
  std::size_t in_all = saved.size();
  while (!(saved = limiter.save_changed(200)).empty()) {
    EXPECT_LE(saved.size(), 200U);
    in_all += saved.size();
  }
  EXPECT_EQ(in_all, 10'001U) << "nothing is forgotten, only later";
}

TEST(RateRestart, R20_LongWindowsSurviveARestart) {
  ManualClock clock{kStart};
  const Rates rates = Rates::parse("5 per minute;25 per hour").value();
  const IpAddress attacker = ip("203.0.113.9");
  RateLimiter before{clock, 42};
  for (int i = 0; i < 5; ++i) std::ignore = before.by_address(RateClass::Login, attacker, rates);
  const auto saved = before.save_changed(1'000);
  ASSERT_EQ(saved.size(), 1U);
  EXPECT_TRUE(before.save_changed(1'000).empty()) << "nothing changed since";

  clock.advance(30s);
  RateLimiter after{clock, 99};
  after.restore(saved);
  EXPECT_FALSE(after.by_address(RateClass::Login, attacker, rates).allowed);
  clock.advance(30s);
  EXPECT_TRUE(after.by_address(RateClass::Login, attacker, rates).allowed);

  ManualClock set_back{kStart - std::chrono::hours{24 * 365}};
  RateLimiter confused{set_back, 1};
  confused.restore(saved);
  set_back.advance(std::chrono::hours{1});
  EXPECT_TRUE(confused.by_address(RateClass::Login, attacker, rates).allowed) << "not locked out for a year";
}

}  // namespace
}  // namespace kavach::guard
