#include "identity/passkeys.h"

#include "identity/cbor.h"
#include "identity/house.h"
#include "identity/software_authenticator.h"

namespace kavach::identity::test {
namespace {

class PasskeysTest : public HouseTest {
 protected:
  Passkeys passkeys{{*house.database, house.audit, house.users, house.ring, clock, house.random,
                     RelyingParty::from("https://trade.example.org")}};
  UserId ada = house.add("ada");
  SoftwareAuthenticator authenticator;

  static std::string challenge_of(const Result<std::string>& options) {
    return std::string{parse_json(*options)->at("challenge").as_string()};
  }
  Result<PasskeyView> enrol(SoftwareAuthenticator& with) {
    const auto challenge = challenge_of(passkeys.creation_options(*house.users.find(ada)));
    return block_on(passkeys.add(ada, "laptop", with.register_for(challenge), Actor{}, house.executor));
  }
  Result<PasskeyProof> sign_in(std::optional<UserId> expected = std::nullopt) {
    return use({PasskeyRequest::Purpose::Login, expected, {}});
  }
  Result<PasskeyProof> use(const PasskeyRequest& request) { return answer(request, request); }
  /// The answer to the one, shown for the other.
  Result<PasskeyProof> answer(const PasskeyRequest& asked, const PasskeyRequest& shown_for) {
    const auto challenge = challenge_of(passkeys.request_options(asked));
    ++authenticator.counter;
    return block_on(passkeys.authenticate(authenticator.sign_for(challenge), shown_for, Actor{}, house.executor));
  }
};

TEST_F(PasskeysTest, R6RegistersAndSignsIn) {
  const auto made = enrol(authenticator);
  ASSERT_OK(made);
  EXPECT_TRUE(passkeys.has_any(ada));
  const auto alone = sign_in();
  ASSERT_OK(alone);
  EXPECT_EQ(alone->user, ada);
  EXPECT_EQ(alone->passkey, made->id);
  EXPECT_OK(sign_in(ada));
  EXPECT_EQ(passkeys.list(ada).at(0).last_used_at, clock.now());
  Passkeys restarted{{*house.database, house.audit, house.users, house.ring, clock, house.random,
                      RelyingParty::from("https://trade.example.org")}};
  EXPECT_OK(restarted.load());
  EXPECT_TRUE(restarted.has_any(ada));
}

TEST_F(PasskeysTest, R6EveryWrongRegistrationIsRefused) {
  const auto attempt = [&](auto spoil, std::string_view type = "webauthn.create") {
    SoftwareAuthenticator wrong;
    spoil(wrong);
    const auto challenge = challenge_of(passkeys.creation_options(*house.users.find(ada)));
    return block_on(passkeys.add(ada, "laptop", wrong.register_for(challenge, type), Actor{}, house.executor)).has_value();
  };
  EXPECT_FALSE(attempt([](auto& a) { a.origin = "https://evil.example.org"; }));
  EXPECT_FALSE(attempt([](auto& a) { a.party_id = "example.org"; }));
  EXPECT_FALSE(attempt([](auto& a) { a.flags = 0x44; })) << "nobody was present";
  EXPECT_FALSE(attempt([](auto& a) { a.flags = 0x05; })) << "no attested data";
  EXPECT_FALSE(attempt([](auto& a) { a.format = "packed"; }));
  EXPECT_FALSE(attempt([](auto& a) { a.cross_origin = true; }));
  EXPECT_FALSE(attempt([](auto&) {}, "webauthn.get"));
  EXPECT_TRUE(attempt([](auto&) {}));
}

TEST_F(PasskeysTest, R6AChallengeWorksOnceForItsUserAndItsCeremony) {
  const auto eve = house.add("eve");
  const auto challenge = challenge_of(passkeys.creation_options(*house.users.find(ada)));
  EXPECT_FALSE(block_on(passkeys.add(eve, "x", authenticator.register_for(challenge), Actor{}, house.executor)));
  EXPECT_FALSE(block_on(passkeys.add(ada, "x", authenticator.register_for(challenge), Actor{}, house.executor)));
  EXPECT_FALSE(block_on(passkeys.add(ada, "x", authenticator.register_for("made-up"), Actor{}, house.executor)));
  EXPECT_OK(enrol(authenticator));
  const auto login = challenge_of(passkeys.request_options({}));
  authenticator.counter = 2;
  const auto answered = authenticator.sign_for(login);
  EXPECT_OK(block_on(passkeys.authenticate(answered, {}, Actor{}, house.executor)));
  EXPECT_FALSE(block_on(passkeys.authenticate(answered, {}, Actor{}, house.executor))) << "replay";
  const auto late = challenge_of(passkeys.request_options({}));
  clock.advance(minutes{5});
  authenticator.counter = 3;
  EXPECT_FALSE(block_on(passkeys.authenticate(authenticator.sign_for(late), {}, Actor{}, house.executor)));
}

TEST_F(PasskeysTest, R6AnAnswerCountsOnlyForWhatItWasAskedFor) {
  using enum PasskeyRequest::Purpose;
  EXPECT_OK(enrol(authenticator));
  const std::array<PasskeyRequest, 6> requests{{{Login, std::nullopt, {}}, {Login, ada, {}}, {StepUp, ada, {}},
                                                {Reset, ada, "one link"}, {Reset, ada, "another link"},
                                                {Login, house.add("eve"), {}}}};
  for (std::size_t asked = 0; asked < requests.size(); ++asked) {
    for (std::size_t shown = 0; shown < requests.size(); ++shown) {
      const bool eves = asked == requests.size() - 1;  // whose passkey this is not
      EXPECT_EQ(answer(requests.at(asked), requests.at(shown)).has_value(), asked == shown && !eves) << asked << " " << shown;
    }
  }
}

TEST_F(PasskeysTest, R6WrongAssertionsAreRefused) {
  EXPECT_OK(enrol(authenticator));
  SoftwareAuthenticator thief;  // another key under the same credential id
  thief.counter = 9;
  EXPECT_FALSE(block_on(passkeys.authenticate(thief.sign_for(challenge_of(passkeys.request_options({}))), {}, Actor{},
                                              house.executor)));
  authenticator.flags = 0x01;
  EXPECT_FALSE(sign_in()) << "instead of a password the user must have been verified";
  EXPECT_OK(sign_in(ada));
  authenticator.flags = 0x05;
  EXPECT_FALSE(sign_in(house.add("eve"))) << "another user's passkey";
  authenticator.counter = 0;
  EXPECT_FALSE(sign_in()) << "a copy's counter is behind";
  EXPECT_EQ(house.audit.count("passkey.copied"), 1);
}

TEST_F(PasskeysTest, R6ARemovedPasskeyOpensNothing) {
  const auto made = enrol(authenticator);
  ASSERT_OK(made);
  EXPECT_FALSE(block_on(passkeys.remove(house.add("eve"), made->id, Actor{}, house.executor)));
  EXPECT_OK(block_on(passkeys.remove(ada, made->id, Actor{}, house.executor)));
  EXPECT_FALSE(sign_in());
}

TEST(RelyingParty, ComesFromHostServerOnly) {
  EXPECT_EQ(RelyingParty::from("https://Trade.Example.org:8443/")->origin, "https://trade.example.org:8443");
  EXPECT_EQ(RelyingParty::from("http://127.0.0.1:5000")->id, "localhost");
  EXPECT_FALSE(RelyingParty::from("https://203.0.113.7"));
  EXPECT_FALSE(RelyingParty::from("http://trade.example.org")) << "no passkeys without https";
  EXPECT_FALSE(RelyingParty::from("trade.example.org"));
}

TEST(Cbor, RefusesWhatIsNotStrict) {
  const auto refused = [](std::string_view hex) { return !read_cbor(*from_hex(hex)); };
  EXPECT_FALSE(refused("a1010a"));
  for (const char* hex : {"", "5f4101ff", "9fff", "bf01ff", "fb3ff0000000000000", "c100", "a2010a010b", "1bffffffffffffffff",
                          "5affffffff00", "61ff", "9affffffff", "a14101f5", "1c"}) {
    EXPECT_TRUE(refused(hex)) << hex;
  }
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += "81";
  EXPECT_TRUE(refused(deep + "00"));
}

TEST(Cbor, AnyBytesAreReadOrRefused) {
  SeededRandom random{4711};
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::byte> bytes(random.below(64));
    for (auto& byte : bytes) byte = static_cast<std::byte>(random.below(256));
    const auto item = read_cbor(bytes);
    if (item) EXPECT_LE(item->bytes_read, bytes.size());
  }
}

}  // namespace
}  // namespace kavach::identity::test
