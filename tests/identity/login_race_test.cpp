// What is changed while a login is on its way: nobody gets in by what was right a moment ago.

#include <condition_variable>
#include <deque>

#include "crypto/totp.h"
#include "identity/house.h"
#include "identity/login.h"

namespace kavach::identity::test {
namespace {

/// Runs a task's steps on the calling thread, and something else before one of them.
class SteppedExecutor final : public Executor {
 public:
  void post(Job job) override {
    const std::lock_guard lock{mutex_};
    jobs_.push_back(std::move(job));
    came_.notify_one();
  }
  /// Steps count from 1: the first follows what the task waits for first.
  template <class T>
  T run(Task<T> task, int step, const std::function<void()>& meanwhile) {
    bool finished = false;
    task.start([&finished] { finished = true; });
    int steps = 0;
    while (!finished) {
      Job job = take();
      if (++steps == step) meanwhile();
      job();
    }
    EXPECT_GE(steps, step) << "nothing happened meanwhile";
    return task.take();
  }

 private:
  Job take() {
    std::unique_lock lock{mutex_};
    came_.wait(lock, [this] { return !jobs_.empty(); });
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Job> jobs_;
};

constexpr std::string_view kNext = "another long passphrase";

class LoginRaceTest : public HouseTest {
 protected:
  SteppedExecutor stepped;
  UserId ada = house.add("ada", Role::Owner);
  UserId eve = house.add("eve");
  LoginOrigin origin{kHome, "Mozilla/5.0 (X11; Linux) Firefox/130.0", "", "req"};

  LoginOutcome log_in_while(std::string_view name, std::string_view password, int step, const std::function<void()>& meanwhile) {
    return stepped.run(house.login.login(std::string{name}, word(password), origin, stepped), step, meanwhile);
  }
  LoginOutcome log_in(std::string_view name, std::string_view password) {
    return block_on(house.login.login(std::string{name}, word(password), origin, house.executor));
  }
  std::string pending_of(std::string_view name) {
    const auto outcome = log_in(name, kGood);
    EXPECT_TRUE(std::holds_alternative<SecondFactorRequired>(outcome));
    return std::string{std::get<SecondFactorRequired>(outcome).pending_token.reveal()};
  }
  void reset(UserId user) { EXPECT_OK(block_on(house.accounts.reset_password(user, word(kNext), Actor{}, house.executor))); }
  Secret enrol(UserId user) {
    auto begun = block_on(house.factors.begin(user, "ada", "s", Actor{}, house.executor));
    EXPECT_OK(begun);
    Secret secret = *crypto::base32_decode(begun->base32.reveal());
    EXPECT_OK(block_on(house.factors.confirm(user, code_of(secret), "s", Actor{}, house.executor)));
    return secret;
  }
  std::string code_of(const Secret& secret) { return crypto::totp_code(secret, crypto::totp_step(clock.now())); }
  void plant_passkey(UserId user) {
    EXPECT_OK(house.database->write_and_wait([user](store::Transaction& transaction) -> Result<void> {
      auto planted = transaction.execute(
          "INSERT INTO passkeys (id, user_id, name, credential_id, public_key, sign_count, created_at) "
          "VALUES ('pk', ?, 'laptop', 'c', 'k', 0, 0)", {user});
      if (!planted) return pass_on(planted);
      return {};
    }));
  }
  /// Somebody who is told by the answer nothing but that it failed, and has no session.
  void expect_refused(const LoginOutcome& outcome, UserId user) {
    EXPECT_TRUE(std::holds_alternative<LoginRefused>(outcome));
    EXPECT_TRUE(house.sessions.list(user).empty());
    House restarted{folder, clock};
    EXPECT_TRUE(restarted.sessions.list(user).empty());
  }
};

TEST_F(LoginRaceTest, R1ALoginOnItsWayDoesNotBringBackTheOldPassword) {
  const crypto::PasswordHasher cheaper{house.ring, house.random, {.passes = 1, .memory_kib = 32, .lanes = 4}};
  EXPECT_OK(block_on(house.users.replace_hash(ada, house.users.find(ada)->password_hash, *cheaper.hash(word(kGood)), Actor{},
                                              house.executor)));
  const auto outcome = log_in_while("ada", kGood, 2, [&] { reset(ada); });  // while the old one is hashed anew
  expect_refused(outcome, ada);
  EXPECT_TRUE(std::holds_alternative<LoginRefused>(log_in("ada", kGood)));
  EXPECT_TRUE(std::holds_alternative<LoginSuccess>(log_in("ada", kNext)));
  EXPECT_EQ(house.audit.count("password.rehashed"), 1) << "the one that made it cheaper";
}

TEST_F(LoginRaceTest, R5APasswordThatIsResetWhileItIsCheckedBeginsNoSession) {
  expect_refused(log_in_while("ada", kGood, 1, [&] { reset(ada); }), ada);
  EXPECT_GE(house.audit.count("login.failed"), 1);
}

TEST_F(LoginRaceTest, R5AnAccountThatIsDisabledWhileItsPasswordIsCheckedBeginsNoSession) {
  expect_refused(log_in_while("eve", kGood, 1, [&] {
    EXPECT_OK(block_on(house.accounts.set_enabled(eve, false, Actor{}, house.executor)));
  }), eve);
}

TEST_F(LoginRaceTest, R6ASecondFactorThatIsEnrolledMeanwhileIsNotPassedBy) {
  for (const bool asked : {true, false}) {
    const UserId user = asked ? ada : eve;
    EXPECT_OK(block_on(house.users.set_required_for(user, {asked, true, true}, Actor{}, house.executor)));
    bool enrolled = false;
    LoginService login{{house.users, house.sessions, house.factors, house.hashing, house.throttle, house.devices,
                        house.audit, clock, house.random, [&](UserId id) {
                          // After it was looked up whether there is an authenticator.
                          if (!std::exchange(enrolled, true)) enrol(id);
                          return false;
                        }}};
    const auto outcome = block_on(login.login(asked ? "ada" : "eve", word(kGood), origin, house.executor));
    expect_refused(outcome, user);
  }
}

TEST_F(LoginRaceTest, R6WhatChangesAfterTheCodeWasRightStopsTheLogin) {
  auto secret = enrol(ada);
  const auto attempt = [&](const std::function<void()>& meanwhile) {
    clock.advance(seconds{60});
    const auto pending = pending_of("ada");
    return stepped.run(house.login.finish(pending, code_of(secret), origin, stepped), 1, meanwhile);
  };
  expect_refused(attempt([&] { secret = enrol(ada); }), ada);
  expect_refused(attempt([&] { EXPECT_OK(block_on(house.factors.disable(ada, false, Actor{}, house.executor))); }), ada);
  secret = enrol(ada);
  expect_refused(attempt([&] { reset(ada); }), ada);
}

TEST_F(LoginRaceTest, R6ACodeOfTheAuthenticatorThatWasReplacedElsewhereIsWrong) {
  const auto former = enrol(ada);
  House other{folder, clock};  // has not heard of what follows
  clock.advance(seconds{90});
  enrol(ada);
  clock.advance(seconds{90});
  const auto check = block_on(other.factors.verify(ada, code_of(former), "login", {kCodeRule}, Actor{}, other.executor));
  EXPECT_EQ(check.outcome, CodeCheck::Outcome::Wrong);
}

TEST_F(LoginRaceTest, R6APasskeyCompletesOnlyALoginWhosePasswordIsStillRight) {
  plant_passkey(ada);
  const auto stale = PendingLogin{ada, house.users.find(ada)->password_changed_at};
  reset(ada);
  expect_refused(block_on(house.login.admit({ada, "pk"}, stale, origin, house.executor)), ada);
  expect_refused(block_on(house.login.admit({ada, "removed"}, std::nullopt, origin, house.executor)), ada);
  const auto instead_of_a_password = block_on(house.login.admit({ada, "pk"}, std::nullopt, origin, house.executor));
  EXPECT_TRUE(std::holds_alternative<LoginSuccess>(instead_of_a_password));
}

TEST_F(LoginRaceTest, R6APendingLoginHasFiveTriesWhateverIsTried) {
  enrol(ada);
  const auto pending = pending_of("ada");
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(house.login.pending_user(pending));
    ASSERT_TRUE(house.login.take_try(pending));
  }
  EXPECT_FALSE(house.login.pending_user(pending));
  EXPECT_FALSE(house.login.take_try(pending));
}

}  // namespace
}  // namespace kavach::identity::test
