#include "guard/bans.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "guard/escalation.h"
#include "support/guard_fixture.h"

namespace kavach::guard {
namespace {

using namespace std::chrono_literals;
using BanTest = GuardFixture;

BanRequest manual(const std::string& network, BanTerm term) {
  return {net(network), BanKind::Manual, "test", term, "ada", "req"};
}
BanRequest automatic(const std::string& network, std::chrono::seconds base = 24h) {
  return {net(network), BanKind::Automatic, "not_found", Escalating{base, 3}, "system", {}};
}

TEST(Escalation, R16_EveryBanIsLongerThanTheLast) {
  EXPECT_EQ(next_ban_duration({0, 0s}, 24h, 3), 24h);
  EXPECT_EQ(next_ban_duration({1, 24h}, 24h, 3), 48h);
  EXPECT_EQ(next_ban_duration({2, 48h}, 24h, 3), std::chrono::hours{24 * 7});
  EXPECT_EQ(next_ban_duration({3, std::chrono::hours{24 * 7}}, 24h, 3), std::nullopt);
  EXPECT_EQ(next_ban_duration({0, 0s}, 48h, 3), 48h);
  EXPECT_EQ(next_ban_duration({1, 48h}, 24h, 3), std::chrono::hours{24 * 7}) << "a milder offence does not help";
  EXPECT_EQ(next_ban_duration({1, 24h}, 24h, 1), std::nullopt);
}

// Whatever order of offences, durations and limits: longer each time, permanent exactly at the limit.
TEST(Escalation, R16_AgreesWithTheReferenceLadder) {
  SeededRandom random{11};
  for (int trial = 0; trial < 2'000; ++trial) {
    const auto limit = static_cast<std::int64_t>(1 + random.below(8));
    PastBans past;
    for (std::int64_t ban = 0; ban <= limit; ++ban) {
      const std::chrono::seconds base = random.below(2) == 0 ? 24h : 48h;
      const auto next = next_ban_duration(past, base, limit);
      ASSERT_EQ(next.has_value(), ban < limit);
      if (!next) break;
      ASSERT_GT(*next, past.longest);
      ASSERT_GE(*next, ban == 0 ? base : std::chrono::seconds{24h});
      ASSERT_LE(*next, kBanMax);
      past = {past.count + 1, *next};
    }
  }
}

TEST_F(BanTest, R16_TheLadderClimbsThroughExpiryUnbanAndRestart) {
  const std::vector<std::optional<std::chrono::hours>> ladder{24h, 48h, std::chrono::hours{24 * 7}, std::nullopt};
  for (std::size_t rung = 0; rung < ladder.size(); ++rung) {
    const auto ban = defences->bans.ban(automatic("203.0.113.9"));
    ASSERT_OK(ban);
    EXPECT_EQ(ban->count, static_cast<std::int64_t>(rung + 1));
    if (!ladder[rung]) {
      EXPECT_FALSE(ban->expires_at);
      break;
    }
    EXPECT_EQ(*ban->expires_at - ban->created_at, *ladder[rung]);
    if (rung == 0) {
      ASSERT_OK(defences->bans.unban(net("203.0.113.9"), "ada", ""));
      EXPECT_FALSE(banned("203.0.113.9"));
    } else {
      clock.advance(*ladder[rung]);
      EXPECT_FALSE(banned("203.0.113.9"));
      ASSERT_OK(defences->bans.sweep());
    }
    restart();
  }
  clock.advance(std::chrono::hours{24 * 3'650});
  restart();
  EXPECT_TRUE(banned("203.0.113.9"));
}

TEST_F(BanTest, R16_ABanNeverGetsShorterAndDurationsAreBounded) {
  ASSERT_OK(defences->bans.ban(manual("203.0.113.9", std::chrono::seconds{48h})));
  const auto kept = defences->bans.ban(manual("203.0.113.9", std::chrono::seconds{24h}));
  ASSERT_OK(kept);
  EXPECT_EQ(kept->expires_at, kStart + 48h);
  const auto longer = defences->bans.ban(manual("203.0.113.9", Permanent{}));
  ASSERT_OK(longer);
  EXPECT_FALSE(longer->expires_at);
  EXPECT_FALSE(defences->bans.ban(manual("203.0.113.8", 59s)));
  EXPECT_FALSE(defences->bans.ban(manual("203.0.113.8", kBanMax + 1s)));
  EXPECT_FALSE(banned("203.0.113.8"));
}

TEST_F(BanTest, R18_BansSurviveARestartAndCountInTheAudit) {
  ASSERT_OK(defences->bans.ban(manual("203.0.113.9", std::chrono::seconds{24h})));
  ASSERT_OK(defences->bans.ban(manual("198.51.100.0/24", Permanent{})));
  EXPECT_EQ(audit.count("ban.created"), 2);
  restart();
  EXPECT_TRUE(banned("203.0.113.9"));
  EXPECT_TRUE(banned("198.51.100.77"));
  clock.advance(24h);
  EXPECT_FALSE(banned("203.0.113.9"));
  EXPECT_TRUE(banned("198.51.100.77"));
}

TEST_F(BanTest, AChangeOfAnotherProcessIsInForceAtTheNextRefresh) {
  Bans command_line{*database, audit, defences->protection, clock, 7, {}};
  ASSERT_OK(command_line.load());
  ASSERT_OK(command_line.ban(manual("203.0.113.9", std::chrono::seconds{24h})));
  EXPECT_FALSE(banned("203.0.113.9"));
  ASSERT_OK(defences->bans.refresh());
  EXPECT_TRUE(banned("203.0.113.9"));
  ASSERT_OK(command_line.unban(net("203.0.113.9"), "cli", ""));
  ASSERT_OK(defences->bans.refresh());
  EXPECT_FALSE(banned("203.0.113.9"));
}

TEST_F(BanTest, R18_TheLastKnownBansStayWhenTheStoreFails) {
  ASSERT_OK(defences->bans.ban(manual("203.0.113.9", std::chrono::seconds{24h})));
  database.run("ALTER TABLE guard_ban_history RENAME TO guard_ban_history_gone");
  EXPECT_FALSE(defences->bans.refresh());
  EXPECT_TRUE(banned("203.0.113.9"));
  database.run("ALTER TABLE guard_ban_history_gone RENAME TO guard_ban_history");
}

TEST_F(BanTest, UnbanFindsTheOffendersNetworkAndNamesAWiderBan) {
  ASSERT_OK(defences->bans.ban(manual("2001:db8:1:2::/64", Permanent{})));
  const auto lifted = defences->bans.unban(net("2001:db8:1:2::5"), "ada", "");
  ASSERT_OK(lifted);
  EXPECT_EQ(lifted->text(), "2001:db8:1:2::/64");
  ASSERT_OK(defences->bans.ban(manual("198.51.100.0/24", Permanent{})));
  const auto covered = defences->bans.unban(net("198.51.100.7"), "ada", "");
  ASSERT_FALSE(covered);
  EXPECT_NE(covered.error().message.find("198.51.100.0/24"), std::string::npos);
  EXPECT_FALSE(defences->bans.unban(net("203.0.113.1"), "ada", ""));
}

TEST_F(BanTest, R19_TheOwnerCannotBeLockedOut) {
  const auto judge = [&](const char* network, const char* caller) {
    return defences->protection.judge(net(network), caller == nullptr ? std::nullopt : std::optional{ip(caller)}, clock.now());
  };
  using enum BanJudgement::Outcome;
  for (const char* never : {"127.0.0.1", "127.0.0.0/8", "::1", "::/64", "10.1.2.3", "10.0.0.0/8", "172.17.0.1", "172.16.0.0/12",
                            "198.18.0.5", "198.18.0.0/16"}) {
    EXPECT_EQ(judge(never, "203.0.113.9").outcome, Refused) << never;
    EXPECT_EQ(judge(never, nullptr).outcome, Refused) << never;
    EXPECT_FALSE(judge(never, nullptr).consequence.empty());
  }
  const auto own = judge("203.0.113.0/24", "203.0.113.9");
  EXPECT_EQ(own.outcome, NeedsConfirmation);
  EXPECT_NE(own.consequence.find("kavach unban 203.0.113.0/24"), std::string::npos);
  EXPECT_EQ(judge("203.0.113.7", "203.0.113.9").outcome, Allowed);
  defences->note_unknown_proxy(ip("192.168.1.1"));
  EXPECT_EQ(judge("192.168.1.1", "203.0.113.9").outcome, NeedsConfirmation);
  EXPECT_EQ(judge("192.168.1.1", nullptr).outcome, Refused) << "never automatically";
  EXPECT_FALSE(defences->warnings().empty());
}

TEST_F(BanTest, R19_ExemptAddressesPassEvenAWiderBan) {
  ASSERT_OK(defences->bans.ban(manual("198.18.0.0/16", Permanent{})));  // the console would have refused
  EXPECT_TRUE(banned("198.18.1.1"));
  EXPECT_FALSE(banned("198.18.0.1")) << "on the allow list";
  ASSERT_OK(defences->bans.ban(manual("127.0.0.0/8", Permanent{})));
  EXPECT_FALSE(banned("127.0.0.1"));
}

TEST_F(BanTest, R16_BeforeAPermanentBanTheRecordsAreExported) {
  offend(OffenceKind::NotFound, ip("203.0.113.9"), "/wp-login.php");
  ASSERT_OK(defences->bans.ban(manual("203.0.113.9", Permanent{})));
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder.path() / "ban-exports"}) files.push_back(entry.path());
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(std::filesystem::status(files[0]).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::ifstream file{files[0]};
  std::stringstream content;
  content << file.rdbuf();
  EXPECT_NE(content.str().find("/wp-login.php"), std::string::npos);
  EXPECT_NE(content.str().find("203.0.113.9"), std::string::npos);
}

TEST(BanText, ReadsNetworksAndTerms) {
  EXPECT_EQ(parse_ban_network("203.0.113.9")->text(), "203.0.113.9");
  EXPECT_EQ(parse_ban_network("2001:db8::5")->text(), "2001:db8::/64");
  EXPECT_EQ(parse_ban_network("198.51.100.0/24")->text(), "198.51.100.0/24");
  for (const char* wrong : {"", "0.0.0.0/0", "::/0", "2000::/15", "128.0.0.0/1", "203.0.113.9/24", "example.org", "203.0.113.9; DROP", "1.2.3.4/33"}) {
    EXPECT_FALSE(parse_ban_network(wrong)) << wrong;
  }
  EXPECT_EQ(std::get<std::chrono::seconds>(parse_ban_term("48h").value()), 48h);
  EXPECT_TRUE(std::holds_alternative<Permanent>(parse_ban_term("permanent").value()));
  for (const char* wrong : {"", "0h", "30s", "-1d", "11y", "4000d", "24", "h", "1e9h"}) EXPECT_FALSE(parse_ban_term(wrong)) << wrong;
}

TEST_F(BanTest, R40c_AClockThatJumpsNeitherLiftsNorLosesABan) {
  ASSERT_OK(defences->bans.ban(automatic("203.0.113.9")));
  clock.jump(-std::chrono::hours{24 * 365});
  EXPECT_TRUE(defences->bans.is_banned(ip("203.0.113.9"))) << "set back a year";
  clock.jump(std::chrono::hours{24 * 365} + 23h);
  EXPECT_TRUE(defences->bans.is_banned(ip("203.0.113.9"))) << "an hour is left";
  clock.jump(2h);
  EXPECT_FALSE(defences->bans.is_banned(ip("203.0.113.9")));
  clock.jump(-25h);
  const auto again = defences->bans.ban(automatic("203.0.113.9"));
  ASSERT_OK(again);
  EXPECT_GE(again->count, 1);
  EXPECT_TRUE(defences->bans.is_banned(ip("203.0.113.9")));
}

}  // namespace
}  // namespace kavach::guard
