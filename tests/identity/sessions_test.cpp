#include "identity/sessions.h"

#include "identity/house.h"

namespace kavach::identity::test {
namespace {

using SessionsTest = HouseTest;

/// Does something after each commit, before whoever wrote hears of it.
class NoticingDatabase final : public store::Database {
 public:
  explicit NoticingDatabase(store::Database& inner) : inner_{inner} {}
  std::function<void()> meanwhile;

  void write(store::Unit unit, store::Done done) override {
    inner_.write(std::move(unit), [this, done = std::move(done)](Result<void> result) mutable {
      if (result && meanwhile) meanwhile();
      done(std::move(result));
    });
  }
  Result<void> read(const std::function<Result<void>(store::Reader&)>& use) override { return inner_.read(use); }
  Result<void> health() const override { return inner_.health(); }

 private:
  store::Database& inner_;
};

TEST_F(SessionsTest, R3OnlyTheTokenOpensAndOnlyADigestIsStored) {
  const auto ada = house.add("ada");
  const auto session = house.sign_in(ada);
  const auto found = house.sessions.find(session.token.reveal());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->principal.username, "ada");
  EXPECT_EQ(found->csrf_token.size(), 64U);
  EXPECT_FALSE(house.sessions.find(session.id));
  EXPECT_FALSE(house.sessions.find(""));
  EXPECT_FALSE(house.sessions.find(std::string(43, 'A')));
  EXPECT_FALSE(house.sessions.find(std::string(1'000'000, 'A')));
  bool stored_in_clear = false;
  EXPECT_OK(house.database->read([&](store::Reader& reader) {
    return reader.query("SELECT token_digest FROM sessions", {}, [&](const store::Row& row) {
      stored_in_clear = row.text(0).contains(session.token.reveal());
    });
  }));
  EXPECT_FALSE(stored_in_clear);
}

TEST_F(SessionsTest, R4EndsExactlyAtHalfPastThreeInIndia) {
  const auto ada = house.add("ada");
  const auto session = house.sign_in(ada);
  EXPECT_EQ(ist_text(session.ends_at), "2027-06-30 03:30:00");
  for (TimePoint at = clock.now(); at + minutes{20} < session.ends_at; at += minutes{20}) {
    clock.advance(minutes{20});
    ASSERT_TRUE(house.sessions.find(session.token.reveal()));
  }
  clock.advance(session.ends_at - clock.now() - Micros{1});
  EXPECT_TRUE(house.sessions.find(session.token.reveal()));
  clock.advance(Micros{1});
  EXPECT_FALSE(house.sessions.find(session.token.reveal()));
  EXPECT_FALSE(house.sessions.is_live(session.id));
}

TEST_F(SessionsTest, R4IdleSessionsEnd) {
  const auto session = house.sign_in(house.add("ada"));
  clock.advance(minutes{30} - Micros{1});
  EXPECT_TRUE(house.sessions.find(session.token.reveal()));
  clock.advance(minutes{30});
  EXPECT_FALSE(house.sessions.find(session.token.reveal()));
}

TEST_F(SessionsTest, R4SettingTheClockBackNeverRevives) {
  const auto session = house.sign_in(house.add("ada"));
  clock.jump(hours{20});
  EXPECT_FALSE(house.sessions.find(session.token.reveal()));
  clock.jump(-hours{20});
  EXPECT_FALSE(house.sessions.find(session.token.reveal()));
}

TEST_F(SessionsTest, R4SettingTheClockBackDoesNotLengthen) {
  SessionSettings settings;
  settings.idle_max = hours{100};
  House tolerant{folder, clock, test_ring(), settings};
  const auto session = tolerant.sign_in(tolerant.add("ada"));
  const auto lives = session.ends_at - clock.now();
  clock.jump(-hours{48});
  EXPECT_TRUE(tolerant.sessions.find(session.token.reveal()));
  clock.advance(lives);
  EXPECT_FALSE(tolerant.sessions.find(session.token.reveal()));
}

TEST_F(SessionsTest, R4AnExpiredSessionStaysDeadAfterARestartWithTheClockSetBack) {
  const auto ada = house.add("ada");
  const auto old = house.sign_in(ada);
  clock.advance(hours{19});
  const auto recent = house.sign_in(ada);
  EXPECT_OK(house.sessions.sweep());
  clock.jump(-hours{19});
  House restarted{folder, clock};
  EXPECT_FALSE(restarted.sessions.find(old.token.reveal()));
  EXPECT_TRUE(restarted.sessions.find(recent.token.reveal()));
}

/// Every login minute of a day against ten days of minutes: alive before its end, dead from then on,
/// whatever the clock of the host does meanwhile.
TEST_F(SessionsTest, R4PropertyOverTenDaysOfMinutes) {
  SessionSettings settings;
  const Sessions sessions{*house.database, house.audit, house.users, house.ring, clock, house.random, settings};
  SeededRandom random{20270629};
  for (int login = 0; login < 24 * 60; ++login) {
    const TimePoint start = market_open() + minutes{login};
    const TimePoint end = sessions.absolute_end(start);
    ASSERT_GT(end, start);
    ASSERT_LE(end - start, hours{24});
    ASSERT_EQ(ist(end).seconds_of_day, 3 * 3600 + 1800);
    ManualClock host{start};
    const ForwardClock forward{host};
    bool ended = false;
    for (int minute = 0; minute < 10 * 24 * 60; ++minute) {
      const bool alive = forward.now() < end;
      ASSERT_FALSE(ended && alive) << "login minute " << login << ", minute " << minute;
      if (!alive) ended = true;
      if (!ended) ASSERT_LT(minute, 24 * 60);
      if (random.below(400) == 0) host.jump(minutes{static_cast<int>(random.below(3000)) - 2000});
      host.advance(minutes{1});
    }
    ASSERT_TRUE(ended);
  }
}

TEST_F(SessionsTest, R4AnEndAtTheSameMinuteIsADayAway) {
  const TimePoint end = house.sessions.absolute_end(market_open());
  EXPECT_EQ(house.sessions.absolute_end(end), end + hours{24});
  EXPECT_EQ(house.sessions.absolute_end(end - Micros{1}), end);
}

TEST_F(SessionsTest, R5ALoggedOutCookieIsDeadAtOnceAndAfterARestart) {
  const auto ada = house.add("ada");
  const auto stolen = house.sign_in(ada);
  const auto other = house.sign_in(ada);
  std::vector<EndedSession> ended;
  house.sessions.on_ended([&](const EndedSession& session) { ended.push_back(session); });
  EXPECT_OK(block_on(house.sessions.end(stolen.id, ada, SessionEnd::Logout, Actor{}, house.executor)));
  EXPECT_FALSE(house.sessions.find(stolen.token.reveal()));
  EXPECT_TRUE(house.sessions.find(other.token.reveal()));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].id, stolen.id);
  House restarted{folder, clock};
  EXPECT_FALSE(restarted.sessions.find(stolen.token.reveal()));
  EXPECT_TRUE(restarted.sessions.find(other.token.reveal()));
}

TEST_F(SessionsTest, R5NobodyEndsAnothersSession) {
  const auto ada = house.add("ada");
  const auto eve = house.add("eve");
  const auto session = house.sign_in(ada);
  EXPECT_FALSE(block_on(house.sessions.end(session.id, eve, SessionEnd::Revoked, Actor{}, house.executor)));
  EXPECT_TRUE(house.sessions.find(session.token.reveal()));
}

TEST_F(SessionsTest, R5TheOldestGoesAboveTheCap) {
  const auto ada = house.add("ada");
  const auto first = house.sign_in(ada);
  std::vector<StartedSession> rest;
  for (int i = 0; i < 5; ++i) {
    clock.advance(seconds{1});
    rest.push_back(house.sign_in(ada));
  }
  EXPECT_FALSE(house.sessions.find(first.token.reveal()));
  for (const auto& session : rest) EXPECT_TRUE(house.sessions.find(session.token.reveal()));
  EXPECT_EQ(house.sessions.list(ada).size(), 5U);
}

TEST_F(SessionsTest, R3RotationKillsTheFormerTokenAndDoesNotLengthen) {
  const auto before = house.sign_in(house.add("ada"));
  clock.advance(minutes{1});
  const auto after = block_on(house.sessions.rotate(before.id, true, Actor{}, house.executor));
  ASSERT_OK(after);
  EXPECT_FALSE(house.sessions.find(before.token.reveal()));
  const auto found = house.sessions.find(after->token.reveal());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->principal.credential_id, after->id);
  EXPECT_FALSE(house.sessions.is_live(before.id)) << "a socket that was opened with the former token is cut";
  EXPECT_EQ(house.sessions.list(1).size(), 1U);
  EXPECT_EQ(found->ends_at, before.ends_at);
  EXPECT_NE(found->csrf_token, before.csrf_token);
  ASSERT_TRUE(found->fresh_until);
  clock.advance(minutes{5});
  EXPECT_FALSE(house.sessions.find(after->token.reveal())->fresh_until);
  House restarted{folder, clock};
  EXPECT_FALSE(restarted.sessions.find(before.token.reveal()));
  EXPECT_TRUE(restarted.sessions.find(after->token.reveal()));
}

TEST_F(SessionsTest, R3AReloadBetweenTheCommitOfARotationAndItsEffectSignsNobodyOut) {
  const auto ada = house.add("ada");
  NoticingDatabase noticing{*house.database};
  Sessions sessions{noticing, house.audit, house.users, house.ring, clock, house.random, {}};
  const LoginProof proof{.password = house.users.find(ada)->password_changed_at};
  noticing.meanwhile = [&] { EXPECT_OK(sessions.reload_if_changed()); };
  const auto before = block_on(sessions.start({ada, kHome, "Firefox", false, proof}, Actor{}, house.executor));
  ASSERT_OK(before);
  EXPECT_TRUE(sessions.find(before->token.reveal()));
  const auto after = block_on(sessions.rotate(before->id, true, Actor{}, house.executor));
  ASSERT_OK(after);
  EXPECT_TRUE(sessions.find(after->token.reveal()));
  EXPECT_TRUE(sessions.is_fresh(after->id));
  EXPECT_FALSE(sessions.find(before->token.reveal()));
  EXPECT_OK(block_on(sessions.end(after->id, ada, SessionEnd::Logout, Actor{}, house.executor)));
  EXPECT_FALSE(sessions.find(after->token.reveal()));
}

TEST_F(SessionsTest, R5AnotherProcessEndsASession) {
  const auto ada = house.add("ada");
  const auto session = house.sign_in(ada);
  std::vector<std::string> ended;
  house.sessions.on_ended([&](const EndedSession& gone) { ended.push_back(gone.id); });
  House command_line{folder, clock};
  EXPECT_OK(block_on(command_line.accounts.set_enabled(ada, false, Actor{"cli", {}, {}}, command_line.executor)));
  EXPECT_TRUE(house.sessions.find(session.token.reveal()));
  EXPECT_OK(house.users.reload_if_changed());
  EXPECT_FALSE(house.sessions.find(session.token.reveal()));
  EXPECT_OK(house.sessions.reload_if_changed());
  EXPECT_EQ(ended, std::vector{session.id});
}

TEST_F(SessionsTest, SweepEndsWhatIsOverAndSaysWhy) {
  const auto session = house.sign_in(house.add("ada"));
  std::vector<SessionEnd> reasons;
  house.sessions.on_ended([&](const EndedSession& ended) { reasons.push_back(ended.reason); });
  clock.advance(minutes{31});
  EXPECT_OK(house.sessions.sweep());
  ASSERT_EQ(reasons, std::vector{SessionEnd::Idle});
  EXPECT_EQ(house.audit.count("session.ended"), 1);
  EXPECT_TRUE(house.sessions.list(1).empty());
}

}  // namespace
}  // namespace kavach::identity::test
