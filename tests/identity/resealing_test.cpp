#include "identity/resealing.h"

#include "crypto/totp.h"
#include "identity/house.h"

namespace kavach::identity::test {
namespace {

crypto::KeyRing ring_with(std::string_view field, std::string_view older = {}) {
  crypto::Generations fields{Secret{field}, {}};
  if (!older.empty()) fields.older.emplace_back(older);
  return *crypto::KeyRing::create({Secret{std::string_view{"app-key-app-key-app-key-app-key-0001"}}, {}},
                                  {Secret{std::string_view{"pepper-pepper-pepper-pepper-pepper-0001"}}, {}},
                                  std::move(fields));
}

constexpr std::string_view kOld = "field-field-field-field-field-field-1";
constexpr std::string_view kNew = "other-other-other-other-other-other-2";

TEST(Resealing, R26EverySealedColumnMovesToTheNewKeyAndRunningTwiceIsHarmless) {
  kavach::test::TemporaryFolder folder;
  ManualClock clock{market_open()};
  std::string key_id;
  Secret key;
  Secret signing;
  Secret totp;
  {
    House house{folder, clock, ring_with(kOld)};
    const auto ada = house.add("ada");
    auto created = house.make_key(ada, {.name = "kept", .retrievable = true});
    key_id = created.id;
    key = std::move(created.key);
    signing = std::move(*block_on(house.api_keys.require_signing(key_id, Actor{}, house.executor)));
    totp = *crypto::base32_decode(block_on(house.factors.begin(ada, "ada", "s", Actor{}, house.executor))->base32.reveal());
    EXPECT_OK(block_on(house.factors.confirm(ada, crypto::totp_code(totp, crypto::totp_step(clock.now())), "s", Actor{},
                                             house.executor)));
  }
  clock.advance(seconds{90});
  {
    House rotating{folder, clock, ring_with(kNew, kOld)};
    const auto first = reseal_fields(*rotating.database, rotating.cipher, 2);
    ASSERT_OK(first);
    EXPECT_EQ(first->resealed, 2U);
    EXPECT_EQ(first->remaining, 1U);
    const auto second = reseal_fields(*rotating.database, rotating.cipher);
    ASSERT_OK(second);
    EXPECT_EQ(second->resealed, 1U);
    EXPECT_EQ(reseal_fields(*rotating.database, rotating.cipher)->resealed, 0U);
  }
  House after{folder, clock, ring_with(kNew)};
  EXPECT_EQ(*block_on(after.api_keys.reveal(key_id, Actor{}, after.executor)), key);
  EXPECT_EQ(*after.api_keys.signing_secret(key_id), signing);
  const auto code = crypto::totp_code(totp, crypto::totp_step(clock.now()));
  EXPECT_EQ(block_on(after.factors.verify(1, code, "login", {kCodeRule}, Actor{}, after.executor)).outcome,
            CodeCheck::Outcome::Accepted);
}

}  // namespace
}  // namespace kavach::identity::test
