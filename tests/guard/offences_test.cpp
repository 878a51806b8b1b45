#include <gtest/gtest.h>

#include "guard/offence_sketch.h"
#include "guard/offence_tracker.h"
#include "guard/warden.h"
#include "support/guard_fixture.h"

namespace kavach::guard {
namespace {

using namespace std::chrono_literals;
using OffenceTest = GuardFixture;

TEST_F(OffenceTest, R17_TenInvalidKeysBanEvenTheSameKeyRepeated) {
  offend(OffenceKind::InvalidApiKey, ip("203.0.113.9"), "digest", 9);
  EXPECT_FALSE(banned("203.0.113.9"));
  offend(OffenceKind::InvalidApiKey, ip("203.0.113.9"), "digest");
  EXPECT_TRUE(banned("203.0.113.9")) << "at once, before the store has answered";
  settle();
  clock.advance(48h - 1us);
  EXPECT_TRUE(banned("203.0.113.9"));
  clock.advance(1us);
  EXPECT_FALSE(banned("203.0.113.9"));
}

TEST_F(OffenceTest, R17_TwentyDistinctUnknownPathsBan) {
  for (int i = 0; i < 100; ++i) offend(OffenceKind::NotFound, ip("203.0.113.9"), "/the-same");
  EXPECT_FALSE(banned("203.0.113.9"));
  for (int i = 0; i < 19; ++i) offend(OffenceKind::NotFound, ip("203.0.113.9"), "/x" + std::to_string(i));
  EXPECT_TRUE(banned("203.0.113.9"));
}

TEST_F(OffenceTest, KnownPathsDoNotCountAndScannersCountMore) {
  for (const char* path : {"/favicon.ico", "/robots.txt", "/assets/old-1f2e.js", "/app.js.map", "/apple-touch-icon.png"}) {
    EXPECT_EQ(not_found_weight(path), 0) << path;
  }
  for (const char* path : {"/.env", "/wp-login.php", "/x/.git/config", "/phpmyadmin/", "/admin.PHP", "/cgi-bin/x"}) {
    EXPECT_GT(not_found_weight(path), 1) << path;
  }
  EXPECT_EQ(not_found_weight("/api/v1/nope"), 1);
  for (const char* path : {"/.env", "/wp-login.php", "/.git/config"}) offend(OffenceKind::NotFound, ip("203.0.113.9"), path);
  EXPECT_FALSE(banned("203.0.113.9"));
  offend(OffenceKind::NotFound, ip("203.0.113.9"), "/phpmyadmin/");
  EXPECT_TRUE(banned("203.0.113.9"));
}

TEST_F(OffenceTest, R17_TheWindowRollsExactly) {
  offend(OffenceKind::FailedLogin, ip("203.0.113.9"), "", 5);
  clock.advance(12h);
  offend(OffenceKind::FailedLogin, ip("203.0.113.9"), "", 4);
  clock.advance(12h);  // the first five are exactly a day old and gone
  offend(OffenceKind::FailedLogin, ip("203.0.113.9"), "", 5);
  EXPECT_FALSE(banned("203.0.113.9"));
  offend(OffenceKind::FailedLogin, ip("203.0.113.9"));
  EXPECT_TRUE(banned("203.0.113.9"));
}

TEST_F(OffenceTest, R17_TheWindowSurvivesARestart) {
  offend(OffenceKind::InvalidApiKey, ip("203.0.113.9"), "digest", 9);
  offend(OffenceKind::NotFound, ip("203.0.113.9"), "/secret-admin");
  restart();
  EXPECT_EQ(defences->tally.last_day(clock.now()), 10);
  const auto paths = defences->attempts.latest(AttemptKind::Path, 10);
  ASSERT_EQ(paths.size(), 1U);
  EXPECT_EQ(paths[0].subject, "/secret-admin");
  EXPECT_FALSE(banned("203.0.113.9"));
  offend(OffenceKind::InvalidApiKey, ip("203.0.113.9"));
  EXPECT_TRUE(banned("203.0.113.9"));
}

TEST_F(OffenceTest, R19_ProtectedAddressesAreNeverBannedAutomatically) {
  defences->note_unknown_proxy(ip("192.168.1.1"));
  for (const char* address : {"127.0.0.1", "10.0.0.1", "172.17.0.1", "198.18.0.7", "192.168.1.1"}) {
    offend(OffenceKind::InvalidApiKey, ip(address), "digest", 50);
    EXPECT_FALSE(banned(address)) << address;
  }
}

TEST_F(OffenceTest, ThresholdsAreLiveAndAutoBanCanBeOff) {
  json::object change;
  change["invalid_api_key_threshold"] = 3;
  ASSERT_OK(database->write_and_wait([&](store::Transaction& transaction) {
    return defences->settings.change(transaction, audit, change, "ada", "203.0.113.1", "r");
  }));
  ASSERT_OK(database->read([&](store::Reader& reader) { return defences->settings.load(reader); }));
  offend(OffenceKind::InvalidApiKey, ip("203.0.113.9"), "digest", 3);
  EXPECT_TRUE(banned("203.0.113.9"));

  GuardValues off;
  off.auto_ban_enabled = false;
  restart(off);
  offend(OffenceKind::InvalidApiKey, ip("203.0.113.8"), "digest", 50);
  EXPECT_FALSE(banned("203.0.113.8"));
  EXPECT_GT(defences->counters.shadow(Refusal::Banned), 0U);
}

TEST_F(OffenceTest, R16_AnOffenderWhoComesBackIsBannedLonger) {
  const auto strike = [&] {
    offend(OffenceKind::FailedLogin, ip("203.0.113.9"), "", 10);
    settle();
    restart();
  };
  strike();
  clock.advance(24h);
  ASSERT_FALSE(banned("203.0.113.9"));
  strike();
  clock.advance(24h);
  EXPECT_TRUE(banned("203.0.113.9"));
  clock.advance(24h);
  EXPECT_FALSE(banned("203.0.113.9"));
  EXPECT_EQ(audit.count("ban.created"), 2);
}

TEST_F(OffenceTest, StragglersDoNotClimbTheLadderTwice) {
  offend(OffenceKind::FailedLogin, ip("203.0.113.9"), "", 40);
  settle();
  std::int64_t bans = 0;
  ASSERT_OK(database->read([&](store::Reader& reader) -> Result<void> {
    auto past = BanLedger::past(reader, net("203.0.113.9"));
    if (!past) return pass_on(std::move(past));
    bans = past->count;
    EXPECT_EQ(past->longest, 24h);
    return {};
  }));
  EXPECT_EQ(bans, 1);
}

TEST_F(OffenceTest, SuspectsShowHowCloseTheyAre) {
  offend(OffenceKind::InvalidApiKey, ip("203.0.113.9"), "digest", 4);
  offend(OffenceKind::FailedLogin, ip("203.0.113.8"), "", 9);
  const auto rules = OffenceRules::defaults();
  const auto suspects = defences->tracker.suspects(10, rules, clock.now());
  ASSERT_EQ(suspects.size(), 2U);
  EXPECT_EQ(suspects[0].network.text(), "203.0.113.8");
  EXPECT_EQ(suspects[0].nearest, OffenceKind::FailedLogin);
  EXPECT_EQ(suspects[1].counts[0], 4);
  defences->tracker.forget(net("203.0.113.8"));
  EXPECT_EQ(defences->tracker.suspect_count(clock.now()), 1U);
}

TEST(OffenceMemory, AFloodOfAddressesIsBoundedAndThePersistentAreStillCaught) {
  constexpr std::size_t kTracked = 4'096;
  OffenceTracker tracker{7, {.offenders_max = kTracked, .sketch_cells = 1U << 15U}};
  const auto rules = OffenceRules::defaults();
  const TimePoint now{std::chrono::sys_days{std::chrono::year{2027} / 6 / 29}};
  int caught = 0;
  for (std::uint32_t n = 0; n < 600'000; ++n) {
    std::ignore = tracker.record({OffenceKind::InvalidApiKey, IpAddress::v4(0x20000000U + n), "k", {}}, 1, rules,
                                 now + Micros{n});
    // Ten heavy ones offend once in 5,000 strangers, so each would be forgotten by a plain cache.
    if (n % 500 != 0) continue;
    const auto heavy = IpAddress::v4(0xcb007100U + n / 500 % 10);
    if (tracker.record({OffenceKind::InvalidApiKey, heavy, "k", {}}, 1, rules, now + Micros{n}).threshold_reached) {
      ++caught;
      tracker.forget(Cidr::offender(heavy));
    }
  }
  EXPECT_LE(tracker.size(), kTracked);
  EXPECT_GE(caught, 10);
}

TEST(OffenceSketchTest, NeverUnderestimatesAndForgetsAfterADay) {
  OffenceSketch sketch{1U << 12U, 3};
  TimePoint now{std::chrono::sys_days{std::chrono::year{2027} / 6 / 29}};
  for (std::uint64_t key = 0; key < 1'000; ++key) std::ignore = sketch.add(key * 77, 1, now);
  EXPECT_GE(sketch.add(5 * 77, 2, now), 3U);
  now += 25h;
  EXPECT_EQ(sketch.add(5 * 77, 1, now), 1U);
}

TEST(Presentable, AttackersTextIsHarmless) {
  EXPECT_EQ(presentable("/a\r\nSet-Cookie: x"), "/a??Set-Cookie:?x");
  EXPECT_EQ(presentable(std::string(5'000, '/')).size(), kSubjectBytesMax);
  EXPECT_EQ(presentable("/\xff\x00z"), "/?");
}

TEST(Presentable, R31_ASecretInAPathOrHostIsNotKept) {
  EXPECT_EQ(presentable("/wp-content/plugins/phpunit/eval-stdin.php"), "/wp-content/plugins/phpunit/eval-stdin.php");
  EXPECT_EQ(presentable("/api/v1/quotes/5f1d3c9b7a2e4f6081a3c5e7092b4d6f8193a5b7"), "/api/v1/quotes/*");
  EXPECT_EQ(presentable("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP.example.org"), "*.example.org");
  EXPECT_EQ(presentable(std::string(5'000, 'a')), "*");
}

}  // namespace
}  // namespace kavach::guard
