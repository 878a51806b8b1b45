#include "identity/password_reset.h"

#include "core/text.h"
#include "crypto/totp.h"
#include "identity/house.h"
#include "identity/scripted_smtp.h"
#include "identity/software_authenticator.h"

namespace kavach::identity::test {
namespace {

class PasswordResetTest : public HouseTest {
 protected:
  ~PasswordResetTest() override { mailer.stop(); }

  ScriptedSmtp server;
  Mailer mailer{{*house.database, house.audit, house.cipher, clock, house.random, Logger::silent()}};
  Passkeys passkeys{{*house.database, house.audit, house.users, house.ring, clock, house.random,
                     RelyingParty::from("https://trade.example.org")}};
  PasswordReset reset{{house.users, house.accounts, house.tokens, house.factors, passkeys, house.throttle, mailer,
                       house.audit, Logger::silent(), "https://trade.example.org"}};
  SoftwareAuthenticator authenticator;

  void set_up_mail() {
    EXPECT_OK(block_on(mailer.configure({"127.0.0.1", server.port(), "", "kavach@example.org", MailSecurity::None, false},
                                        std::nullopt, Actor{}, house.executor)));
  }
  std::string mailed_token() {
    mailer.stop();
    const auto text = server.received();
    const auto at = text.find("#token=");
    return at == std::string::npos ? std::string{} : text.substr(at + 7, 43);
  }
  Result<void> with_link(std::string token, std::string_view next, std::string code = {}) {
    return with_link(std::move(token), next, ResetProof{std::move(code), {}});
  }
  Result<void> with_link(std::string token, std::string_view next, ResetProof proof) {
    return block_on(reset.confirm_with_link(std::move(token), std::move(proof), word(next), Actor{}, house.executor));
  }
  std::string link_for(UserId user) {
    const auto token = block_on(house.tokens.issue(TokenPurpose::PasswordReset, user, PasswordReset::kLinkLives, house.executor));
    return std::string{token->reveal()};
  }
  static std::string challenge_of(const Result<std::string>& options) {
    EXPECT_OK(options);
    return options ? std::string{parse_json(*options)->at("challenge").as_string()} : std::string{};
  }
  /// What the account's passkey answers to the challenge for this link.
  ResetProof passkey_for(const std::string& token) {
    const auto challenge = challenge_of(block_on(reset.passkey_options(token, house.executor)));
    ++authenticator.counter;
    return {{}, authenticator.sign_for(challenge)};
  }
  void add_passkey(UserId user) {
    const auto challenge = challenge_of(passkeys.creation_options(*house.users.find(user)));
    EXPECT_OK(block_on(passkeys.add(user, "laptop", authenticator.register_for(challenge), Actor{}, house.executor)));
  }
  using Methods = std::vector<std::string>;
  Methods methods_for(const std::string& token) {
    const auto methods = block_on(reset.proofs_for(token, house.executor));
    EXPECT_OK(methods);
    return methods.value_or(Methods{});
  }
  Result<void> with_code(std::string name, std::string code, std::string_view next) {
    return block_on(reset.confirm_with_code(std::move(name), std::move(code), word(next), Actor{}, house.executor));
  }
  Secret enrol(UserId user) {
    auto begun = block_on(house.factors.begin(user, "ada", "s", Actor{}, house.executor));
    Secret secret = *crypto::base32_decode(begun->base32.reveal());
    EXPECT_OK(block_on(house.factors.confirm(user, crypto::totp_code(secret, crypto::totp_step(clock.now())), "s", Actor{},
                                             house.executor)));
    clock.advance(seconds{90});
    return secret;
  }
};

constexpr std::string_view kNext = "a fresh passphrase of words";

TEST_F(PasswordResetTest, R6ALinkWorksOnceAndEndsAllSessions) {
  const auto ada = house.add("ada");
  const auto session = house.sign_in(ada);
  set_up_mail();
  reset.request("ADA", Actor{});
  const auto token = mailed_token();
  ASSERT_EQ(token.size(), 43U);
  EXPECT_TRUE(server.received().contains("https://trade.example.org/reset-password#token="));
  EXPECT_TRUE(server.received().contains("RCPT TO:<ada@example.org>"));
  EXPECT_EQ(with_link(token, "short").error().code, ErrorCode::InvalidInput);
  EXPECT_OK(with_link(token, kNext));
  EXPECT_EQ(with_link(token, kNext).error().code, ErrorCode::NotFound);
  EXPECT_FALSE(house.sessions.find(session.token.reveal()));
}

TEST_F(PasswordResetTest, R6LinksExpireAndAreNotGuessed) {
  house.add("ada");
  set_up_mail();
  reset.request("ada", Actor{});
  const auto token = mailed_token();
  ASSERT_EQ(token.size(), 43U);
  EXPECT_FALSE(with_link(std::string(43, 'A'), kNext));
  EXPECT_FALSE(with_link("", kNext));
  clock.advance(minutes{15});
  EXPECT_FALSE(with_link(token, kNext));
}

TEST_F(PasswordResetTest, R2UnknownAndDisabledAccountsGetNoMailAndTheSameAnswer) {
  const auto eve = house.add("eve");
  EXPECT_OK(block_on(house.accounts.set_enabled(eve, false, Actor{}, house.executor)));
  set_up_mail();
  reset.request("nobody", Actor{});
  reset.request("eve", Actor{});
  EXPECT_TRUE(mailed_token().empty());
}

TEST_F(PasswordResetTest, R6AMailboxIsNotFilled) {
  house.add("ada");
  set_up_mail();
  for (int i = 0; i < 50; ++i) reset.request("ada", Actor{});
  mailer.stop();
  const auto text = server.received();
  int mails = 0;
  for (auto at = text.find("#token="); at != std::string::npos; at = text.find("#token=", at + 1)) ++mails;
  EXPECT_EQ(mails, 3);
}

TEST_F(PasswordResetTest, R6ACodeIsNeededWithTheLinkWhereTheAccountAsksForIt) {
  const auto ada = house.add("ada");
  const auto secret = enrol(ada);
  set_up_mail();
  reset.request("ada", Actor{});
  const auto token = mailed_token();
  EXPECT_FALSE(with_link(token, kNext));
  EXPECT_FALSE(with_link(token, kNext, "000000"));
  EXPECT_OK(with_link(token, kNext, crypto::totp_code(secret, crypto::totp_step(clock.now()))));
}

TEST_F(PasswordResetTest, R6ALinkAloneDoesNotResetAnAccountWhoseOnlySecondFactorIsAPasskey) {
  const auto ada = house.add("ada");
  add_passkey(ada);
  const auto token = link_for(ada);
  EXPECT_EQ(methods_for(token), Methods{"passkey"});
  EXPECT_EQ(with_link(token, kNext).error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(with_link(token, kNext, "123456").error().code, ErrorCode::Unauthenticated);
  EXPECT_EQ(with_link(token, "short", passkey_for(token)).error().code, ErrorCode::InvalidInput);
  EXPECT_OK(with_link(token, kNext, passkey_for(token)));
  EXPECT_EQ(with_link(token, kNext, "123456").error().code, ErrorCode::NotFound) << "used up";
}

TEST_F(PasswordResetTest, R6APasskeyCompletesOnlyTheLinkItWasAskedFor) {
  const auto ada = house.add("ada");
  const auto eve = house.add("eve");
  add_passkey(ada);
  const auto hers = link_for(eve);
  EXPECT_EQ(block_on(reset.passkey_options(hers, house.executor)).error().code, ErrorCode::Conflict);
  auto before = passkey_for(link_for(ada));
  const auto token = link_for(ada);
  EXPECT_EQ(with_link(token, kNext, std::move(before)).error().code, ErrorCode::Unauthenticated) << "of the link before";
  const auto step_up = challenge_of(passkeys.request_options({PasskeyRequest::Purpose::StepUp, ada, {}}));
  ++authenticator.counter;
  EXPECT_EQ(with_link(token, kNext, ResetProof{{}, authenticator.sign_for(step_up)}).error().code, ErrorCode::Unauthenticated);
  const auto proof = passkey_for(token);
  const auto mine = authenticator.sign_for("made up");
  EXPECT_EQ(with_link(token, kNext, ResetProof{{}, mine}).error().code, ErrorCode::Unauthenticated);
  EXPECT_OK(with_link(token, kNext, proof));
}

TEST_F(PasswordResetTest, R6ARecoveryCodeStandsInForALostPasskey) {
  const auto ada = house.add("ada");
  EXPECT_FALSE(block_on(house.factors.renew_recovery_codes(ada, passkeys.has_any(ada), Actor{}, house.executor)));
  add_passkey(ada);
  const auto codes = block_on(house.factors.renew_recovery_codes(ada, passkeys.has_any(ada), Actor{}, house.executor));
  ASSERT_OK(codes);
  const std::string code{codes->front().reveal()};
  const auto token = link_for(ada);
  EXPECT_EQ(methods_for(token), (Methods{"recovery", "passkey"}));
  EXPECT_OK(with_link(token, kNext, code));
  EXPECT_EQ(with_link(link_for(ada), kNext, code).error().code, ErrorCode::Unauthenticated) << "it works once";
  EXPECT_FALSE(with_code("ada", std::string{codes->back().reveal()}, kNext)) << "without the link it resets nothing";
}

TEST_F(PasswordResetTest, R6AnAccountThatAsksForNothingAtResetsNeedsTheLinkOnly) {
  const auto ada = house.add("ada");
  add_passkey(ada);
  EXPECT_OK(block_on(house.users.set_required_for(ada, {true, false, true}, Actor{}, house.executor)));
  const auto token = link_for(ada);
  EXPECT_EQ(methods_for(token), Methods{});
  EXPECT_OK(with_link(token, kNext));
}

TEST_F(PasswordResetTest, R2ALinkThatIsOverIsAnsweredInTheSameWordsWhateverBecameOfIt) {
  const auto ada = house.add("ada");
  add_passkey(ada);
  const auto used = link_for(ada);
  EXPECT_OK(with_link(used, kNext, passkey_for(used)));
  const auto eve = house.add("eve");
  const auto disabled = link_for(eve);
  EXPECT_OK(block_on(house.accounts.set_enabled(eve, false, Actor{}, house.executor)));
  const auto bob = house.add("bob");
  const auto expired = link_for(bob);
  clock.advance(minutes{15});
  for (const auto& token : {used, disabled, expired, std::string(43, 'A'), std::string{}}) {
    const auto methods = block_on(reset.proofs_for(token, house.executor));
    const auto options = block_on(reset.passkey_options(token, house.executor));
    const auto confirmed = with_link(token, kNext);
    ASSERT_FALSE(methods || options || confirmed) << token;
    for (const auto& error : {methods.error(), options.error(), confirmed.error()}) {
      EXPECT_EQ(error.code, ErrorCode::NotFound);
      EXPECT_EQ(error.message, link_over().message);
    }
  }
}

TEST_F(PasswordResetTest, R6AStoreThatFailsLeavesTheLinkGood) {
  const auto ada = house.add("ada");
  const auto session = house.sign_in(ada);
  const auto token = link_for(ada);
  using Failure = kavach::test::FailingDatabase::Failure;
  int writes = 0;
  for (bool changed = false; !changed; ++writes) {
    ASSERT_LT(writes, 5);
    for (const auto how : {Failure::BeforeUnit, Failure::AfterUnit, Failure::Busy}) {
      if (changed) break;
      house.database->fail(how, writes, 1);
      changed = with_link(token, kNext).has_value();
      house.database->heal();
      EXPECT_EQ(house.sessions.find(session.token.reveal()).has_value(), !changed);
    }
  }
  EXPECT_EQ(with_link(token, kNext).error().code, ErrorCode::NotFound);
}

TEST_F(PasswordResetTest, R7StrangersWhoAskForLinksUseUpNeitherTheOwnersMailsNorHisLink) {
  house.add("ada");
  set_up_mail();
  reset.request("ada", {"", "192.0.2.1", ""});
  for (int i = 0; i < 50; ++i) reset.request("ada", {"", "198.51.100.66", ""});
  reset.request("ada", {"", "192.0.2.1", ""});
  mailer.stop();
  const auto text = server.received();
  std::vector<std::string> tokens;
  for (auto at = text.find("#token="); at != std::string::npos; at = text.find("#token=", at + 1)) {
    tokens.push_back(text.substr(at + 7, 43));
  }
  ASSERT_EQ(tokens.size(), 1U + 3U + 1U);
  EXPECT_OK(with_link(tokens.front(), kNext));
  for (const auto& token : tokens) {
    EXPECT_EQ(with_link(token, "yet another fresh passphrase").error().code, ErrorCode::NotFound) << "void with the new password";
  }
}

TEST_F(PasswordResetTest, R7LinksAreBoundedInNumberAndEndWithAnyNewPassword) {
  const auto ada = house.add("ada");
  std::vector<std::string> links;
  for (int i = 0; i < 11; ++i) {
    clock.advance(seconds{1});
    links.push_back(link_for(ada));
  }
  EXPECT_FALSE(block_on(reset.proofs_for(links[0], house.executor)));
  for (int i = 1; i < 11; ++i) EXPECT_OK(block_on(reset.proofs_for(links[i], house.executor)));
  EXPECT_OK(block_on(house.accounts.reset_password(ada, word(kNext), Actor{"cli", "", ""}, house.executor)));
  for (const auto& link : links) EXPECT_FALSE(block_on(reset.proofs_for(link, house.executor)));
}

TEST_F(PasswordResetTest, R7StrangersWhoGuessCodesHoldUpThemselvesAndTheLinkStays) {
  const auto ada = house.add("ada");
  const auto secret = enrol(ada);
  const auto attempt = [&](std::string code, const std::string& from) {
    return block_on(reset.confirm_with_code("ada", std::move(code), word(kNext), Actor{"", from, ""}, house.executor));
  };
  const auto code_now = [&] { return crypto::totp_code(secret, crypto::totp_step(clock.now())); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(attempt("000000", "198.51.100.66").error().code, ErrorCode::Unauthenticated);
  EXPECT_EQ(attempt(code_now(), "198.51.100.66").error().code, ErrorCode::RateLimited);
  EXPECT_OK(attempt(code_now(), "192.0.2.1"));
  clock.advance(seconds{60});
  int judged = 0;
  for (int host = 0; host < 200; ++host) {
    if (attempt("000000", "203.0.113." + std::to_string(host)).error().code == ErrorCode::Unauthenticated) ++judged;
  }
  EXPECT_LE(judged, 9) << "all addresses together";
  EXPECT_EQ(attempt(code_now(), "192.0.2.1").error().code, ErrorCode::RateLimited);
  EXPECT_OK(with_link(link_for(ada), kNext, code_now())) << "strangers have no link";
}

TEST_F(PasswordResetTest, R6CodesCannotBeGuessedAndAccountsNotProbed) {
  house.add("bob");
  const auto secret = enrol(house.add("ada"));
  for (const char* name : {"ada", "bob", "nobody"}) {
    int judged = 0;
    Error last;
    for (int i = 0; i < 20; ++i) {
      const auto refused = with_code(name, "000000", kNext);
      ASSERT_FALSE(refused);
      if (refused.error().code == ErrorCode::Unauthenticated) ++judged;
      last = refused.error();
    }
    EXPECT_EQ(judged, 3) << name;
    EXPECT_EQ(last.code, ErrorCode::RateLimited) << name;
  }
  clock.advance(hours{24});
  EXPECT_OK(with_code("ada", crypto::totp_code(secret, crypto::totp_step(clock.now())), kNext));
}

TEST_F(PasswordResetTest, TheMailPasswordIsSealedAndStaysWithItsServer) {
  const MailSettings settings{"smtp.example.org", 587, "ada", "kavach@example.org", MailSecurity::StartTls, false};
  EXPECT_OK(block_on(mailer.configure(settings, word("smtp secret"), Actor{}, house.executor)));
  EXPECT_TRUE(mailer.settings()->password_set);
  std::string stored;
  EXPECT_OK(house.database->read([&](store::Reader& reader) {
    return reader.query("SELECT sealed_password FROM mail_settings", {}, [&](const store::Row& row) { stored = row.text(0); });
  }));
  EXPECT_FALSE(stored.empty());
  EXPECT_FALSE(stored.contains("smtp secret"));
  EXPECT_OK(block_on(mailer.configure(settings, std::nullopt, Actor{}, house.executor)));
  EXPECT_TRUE(mailer.settings()->password_set);
  auto thief = settings;
  thief.host = "evil.example.org";
  EXPECT_OK(block_on(mailer.configure(thief, std::nullopt, Actor{}, house.executor)));
  EXPECT_FALSE(mailer.settings()->password_set);
}

TEST_F(PasswordResetTest, ARefusingServerIsReportedToTheTestButton) {
  set_up_mail();
  EXPECT_OK(block_on(mailer.send_and_wait({"ada@example.org", "Hello", "Text\n"}, house.executor)));
  const auto refused = block_on(mailer.send_and_wait({"nobody@example.org", "Hello", "Text\n"}, house.executor));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
}

TEST(FormatMail, NoHeaderCanBeSmuggledIn) {
  const auto at = market_open();
  EXPECT_FALSE(format_mail({"a@b.c\r\nBcc: x@y.z", "s", "t"}, "k@e.org", at, "1"));
  EXPECT_FALSE(format_mail({"a@b.c", "s\r\nBcc: x@y.z", "t"}, "k@e.org", at, "1"));
  EXPECT_FALSE(format_mail({"a@b.c", "s", "t\rBcc: x"}, "k@e.org", at, "1"));
  const auto mail = format_mail({"a@b.c", "Subject", "one\ntwo"}, "k@e.org", at, "id@kavach");
  ASSERT_OK(mail);
  EXPECT_TRUE(mail->starts_with("Date: Tue, 29 Jun 2027 03:45:00 +0000\r\n")) << *mail;
}

}  // namespace
}  // namespace kavach::identity::test
