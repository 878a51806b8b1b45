#include "identity/api_keys.h"

#include <future>

#include "identity/house.h"

namespace kavach::identity::test {
namespace {

using Outcome = KeyCheck::Outcome;
using ApiKeysTest = HouseTest;

KeyCheck verify(House& house, const Secret& key, const IpAddress& client = kHome) {
  std::promise<KeyCheck> answer;
  house.api_keys.verify(key.duplicate(), client, [&](KeyCheck check) { answer.set_value(std::move(check)); });
  return answer.get_future().get();
}

TEST_F(ApiKeysTest, R10AKnownKeyIsHashedOncePerProcess) {
  const auto key = house.make_key(house.add("ada"));
  EXPECT_EQ(key.key.size(), 64U);
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), kHome).outcome, Outcome::Accepted);
  House restarted{folder, clock};
  EXPECT_EQ(restarted.api_keys.find(key.key.reveal(), kHome).outcome, Outcome::NeedsHash);
  const auto first = verify(restarted, key.key);
  EXPECT_EQ(first.outcome, Outcome::Accepted);
  EXPECT_EQ(first.principal.username, "ada");
  EXPECT_EQ(first.principal.credential_id, key.id);
  EXPECT_EQ(restarted.api_keys.find(key.key.reveal(), kHome).outcome, Outcome::Accepted);
}

TEST_F(ApiKeysTest, R10UnknownKeysNeverReachTheHasher) {
  house.make_key(house.add("ada"));
  std::string wrong(64, 'a');
  for (const auto& text : {wrong, std::string{}, std::string(256, 'b'), std::string(100'000, 'c')}) {
    EXPECT_EQ(house.api_keys.find(text, kHome).outcome, Outcome::Unknown);
    EXPECT_EQ(verify(house, word(text)).outcome, Outcome::Unknown);
  }
  EXPECT_EQ(house.hashing.queued(), 0U);
}

TEST_F(ApiKeysTest, R10NeitherKeyNorReversibleFormIsStored) {
  const auto key = house.make_key(house.add("ada"));
  std::string row_text;
  EXPECT_OK(house.database->read([&](store::Reader& reader) {
    return reader.query("SELECT digest || hash || hint || COALESCE(sealed_copy, '') FROM api_keys", {},
                        [&](const store::Row& row) { row_text = row.text(0); });
  }));
  EXPECT_TRUE(row_text.contains("$argon2id$"));
  EXPECT_FALSE(row_text.contains(key.key.reveal()));
}

TEST_F(ApiKeysTest, R5RevocationIsImmediateAndSurvivesARestart) {
  const auto key = house.make_key(house.add("ada"));
  std::vector<std::string> closed;
  house.api_keys.on_revoked([&](std::string_view id) { closed.emplace_back(id); });
  EXPECT_OK(block_on(house.api_keys.revoke(key.id, Actor{"ada", {}, {}}, house.executor)));
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), kHome).outcome, Outcome::Revoked);
  EXPECT_EQ(closed, std::vector{key.id});
  EXPECT_FALSE(house.api_keys.is_live(key.id));
  House restarted{folder, clock};
  EXPECT_EQ(verify(restarted, key.key).outcome, Outcome::Revoked);
}

TEST_F(ApiKeysTest, R11AnotherProcessCreatesAndRevokes) {
  const auto ada = house.add("ada");
  House command_line{folder, clock};
  const auto key = command_line.make_key(ada);
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), kHome).outcome, Outcome::Unknown);
  EXPECT_TRUE(*house.api_keys.reload_if_changed());
  EXPECT_FALSE(*house.api_keys.reload_if_changed());
  EXPECT_EQ(verify(house, key.key).outcome, Outcome::Accepted);
  std::vector<std::string> closed;
  house.api_keys.on_revoked([&](std::string_view id) { closed.emplace_back(id); });
  EXPECT_OK(block_on(command_line.api_keys.revoke(key.id, Actor{"cli", {}, {}}, command_line.executor)));
  EXPECT_TRUE(*house.api_keys.reload_if_changed());
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), kHome).outcome, Outcome::Revoked);
  EXPECT_EQ(closed, std::vector{key.id});
}

TEST_F(ApiKeysTest, R11ScopeAddressAndExpiryAreEnforced) {
  const auto ada = house.add("ada");
  NewApiKey request;
  request.lives = hours{24};
  request.allow = {*Cidr::parse("10.1.0.0/16"), *Cidr::parse("203.0.113.7")};
  const auto key = house.make_key(ada, std::move(request));
  const auto check = house.api_keys.find(key.key.reveal(), kHome);
  EXPECT_EQ(check.outcome, Outcome::Accepted);
  EXPECT_TRUE(check.principal.scopes.read);
  EXPECT_FALSE(check.principal.scopes.trade);
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), address("10.1.200.3")).outcome, Outcome::Accepted);
  const auto elsewhere = house.api_keys.find(key.key.reveal(), address("10.2.0.1"));
  EXPECT_EQ(elsewhere.outcome, Outcome::AddressNotAllowed);
  EXPECT_EQ(elsewhere.principal.username, "ada");
  clock.advance(hours{24} - Micros{1});
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), kHome).outcome, Outcome::Accepted);
  clock.advance(Micros{1});
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), kHome).outcome, Outcome::Expired);
}

TEST_F(ApiKeysTest, R11ASquareOffKeyReadsAndGetsOutAlsoAfterARegeneration) {
  const Scopes gets_out{.read = true, .square_off = true, .trade = false};
  const auto key = house.make_key(house.add("ada"), {.name = "watchdog", .scope = KeyScope::SquareOff});
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), kHome).principal.scopes, gets_out);
  const auto next = block_on(house.api_keys.regenerate(key.id, minutes{10}, Actor{}, house.executor));
  ASSERT_OK(next);
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), kHome).principal.scopes, gets_out);
  EXPECT_EQ(house.api_keys.find(next->key.reveal(), kHome).principal.scopes, gets_out);
  House restarted{folder, clock};
  EXPECT_EQ(verify(restarted, next->key).principal.scopes, gets_out);
  EXPECT_EQ(restarted.api_keys.find_view(next->id, std::nullopt)->scope, KeyScope::SquareOff);
}

TEST_F(ApiKeysTest, R11AKeyWhoseStoredScopeIsNoneOfThemMatchesNothing) {
  const auto key = house.make_key(house.add("ada"));
  for (const char* scope : {"", "admin", "TRADE", "square_off", "trade,read"}) {
    EXPECT_OK(house.database->write_and_wait([scope](store::Transaction& transaction) -> Result<void> {
      auto changed = transaction.execute("UPDATE api_keys SET scope = ?", {std::string_view{scope}});
      if (!changed) return pass_on(changed);
      return {};
    }));
    House restarted{folder, clock};
    EXPECT_EQ(verify(restarted, key.key).outcome, Outcome::Unknown) << scope;
    EXPECT_EQ(verify(restarted, key.key).principal.scopes, Scopes{}) << scope;
  }
}

TEST_F(ApiKeysTest, R11AKeyMayNeverMoreThanItsScopeOrItsUsersRole) {
  for (const auto scope : {KeyScope::Read, KeyScope::SquareOff, KeyScope::Trade}) {
    EXPECT_EQ(parse_key_scope(name_of(scope)), scope);
    EXPECT_EQ(scopes_of(Role::Viewer) & scopes_of(scope), (Scopes{.read = true, .square_off = false, .trade = false}));
    EXPECT_EQ(scopes_of(Role::Trader) & scopes_of(scope), scopes_of(scope));
  }
  EXPECT_EQ(scopes_of(static_cast<KeyScope>(9)), Scopes{});
}

TEST_F(ApiKeysTest, R11AViewersKeysOnlyRead) {
  const auto vic = house.add("vic", Role::Viewer);
  for (const auto scope : {KeyScope::SquareOff, KeyScope::Trade}) {
    const auto refused =
        block_on(house.api_keys.create({.user = vic, .name = "bot", .scope = scope}, Actor{}, house.executor));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Forbidden);
  }
  EXPECT_OK(block_on(house.api_keys.create({.user = vic, .name = "bot"}, Actor{}, house.executor)));
}

TEST_F(ApiKeysTest, R5ADisabledAccountsKeysAreRefused) {
  const auto ada = house.add("ada");
  const auto key = house.make_key(ada);
  EXPECT_OK(block_on(house.accounts.set_enabled(ada, false, Actor{}, house.executor)));
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), kHome).outcome, Outcome::Revoked);
  EXPECT_OK(block_on(house.accounts.set_enabled(ada, true, Actor{}, house.executor)));
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), kHome).outcome, Outcome::Accepted);
}

TEST_F(ApiKeysTest, R11RegenerationKeepsTheOldKeyForItsGraceOnly) {
  const auto old = house.make_key(house.add("ada"));
  const auto fresh = block_on(house.api_keys.regenerate(old.id, minutes{10}, Actor{}, house.executor));
  ASSERT_OK(fresh);
  EXPECT_EQ(fresh->name, old.name);
  EXPECT_EQ(house.api_keys.find(old.key.reveal(), kHome).outcome, Outcome::Accepted);
  EXPECT_EQ(house.api_keys.find(fresh->key.reveal(), kHome).outcome, Outcome::Accepted);
  EXPECT_EQ(house.api_keys.find_view("strategy", std::nullopt)->id, fresh->id);
  clock.advance(minutes{10});
  EXPECT_EQ(house.api_keys.find(old.key.reveal(), kHome).outcome, Outcome::Expired);
  EXPECT_EQ(house.api_keys.find(fresh->key.reveal(), kHome).outcome, Outcome::Accepted);
  const auto at_once = block_on(house.api_keys.regenerate(fresh->id, minutes{0}, Actor{}, house.executor));
  ASSERT_OK(at_once);
  EXPECT_EQ(house.api_keys.find(fresh->key.reveal(), kHome).outcome, Outcome::Revoked);
}

TEST_F(ApiKeysTest, R11LastUseIsWrittenInBatches) {
  const auto ada = house.add("ada");
  const auto key = house.make_key(ada);
  clock.advance(seconds{5});
  for (int i = 0; i < 100; ++i) (void)house.api_keys.find(key.key.reveal(), address("198.51.100.4"));
  EXPECT_OK(house.api_keys.flush_usage());
  House restarted{folder, clock};
  const auto view = restarted.api_keys.list(ada).at(0);
  EXPECT_EQ(view.last_used_at, clock.now());
  EXPECT_EQ(view.last_used_address, "198.51.100.4");
}

TEST_F(ApiKeysTest, R12AnExposedKeyIsMarked) {
  const auto ada = house.add("ada");
  const auto key = house.make_key(ada);
  house.api_keys.note_exposed("nonsense", kHome);
  EXPECT_FALSE(house.api_keys.list(ada).at(0).exposed);
  house.api_keys.note_exposed(key.key.reveal(), kHome);
  EXPECT_TRUE(house.api_keys.list(ada).at(0).exposed);
}

TEST_F(ApiKeysTest, R8OnlyARetrievableKeyCanBeShownAgain) {
  const auto ada = house.add("ada");
  const auto plain = house.make_key(ada, {.name = "plain"});
  const auto kept = house.make_key(ada, {.name = "kept", .retrievable = true});
  EXPECT_FALSE(block_on(house.api_keys.reveal(plain.id, Actor{}, house.executor)));
  const auto shown = block_on(house.api_keys.reveal(kept.id, Actor{}, house.executor));
  ASSERT_OK(shown);
  EXPECT_EQ(*shown, kept.key);
  EXPECT_EQ(house.audit.count("apikey.revealed"), 1);
}

TEST_F(ApiKeysTest, R26AKeyOutlivesARotationOfThePepper) {
  constexpr std::string_view kNew = "another-pepper-another-pepper-another-2";
  constexpr std::string_view kOld = "pepper-pepper-pepper-pepper-pepper-0001";
  const auto ada = house.add("ada");
  const auto key = house.make_key(ada, {.name = "kept", .retrievable = true});
  {
    House rotated{folder, clock, test_ring(kNew, kOld)};
    EXPECT_EQ(verify(rotated, key.key).outcome, Outcome::Accepted);
  }  // the renewal is written before the pool and the store have stopped
  House only_new{folder, clock, test_ring(kNew)};
  EXPECT_EQ(verify(only_new, key.key).outcome, Outcome::Accepted);
  EXPECT_EQ(block_on(only_new.api_keys.reveal(key.id, Actor{}, only_new.executor))->reveal(), key.key.reveal());
}

TEST_F(ApiKeysTest, R14ATamperedHashIsRefusedAndRecorded) {
  const auto key = house.make_key(house.add("ada"));
  EXPECT_OK(house.database->write_and_wait([&](store::Transaction& transaction) -> Result<void> {
    auto changed = transaction.execute("UPDATE api_keys SET hash = ?", {house.hasher.decoy()});
    if (!changed) return pass_on(std::move(changed));
    return {};
  }));
  House restarted{folder, clock};
  EXPECT_EQ(verify(restarted, key.key).outcome, Outcome::Unavailable);
  EXPECT_EQ(restarted.audit.count("apikey.tampered"), 1);
}

TEST_F(ApiKeysTest, R11NamesAreUniqueAmongAUsersLiveKeys) {
  const auto ada = house.add("ada");
  house.make_key(ada);
  const auto twice = block_on(house.api_keys.create({.user = ada, .name = "strategy"}, Actor{}, house.executor));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::Conflict);
  const auto nameless = block_on(house.api_keys.create({.user = ada, .name = ""}, Actor{}, house.executor));
  EXPECT_EQ(nameless.error().code, ErrorCode::InvalidInput);
}

}  // namespace
}  // namespace kavach::identity::test
