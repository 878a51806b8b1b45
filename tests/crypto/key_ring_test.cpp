#include "crypto/key_ring.h"

#include <gtest/gtest.h>

#include <set>

#include "core/text.h"
#include "support/matchers.h"

namespace kavach::crypto {
namespace {

Generations master(std::string_view text, std::vector<std::string> older = {}) {
  Generations generations{Secret{text}, {}};
  for (const auto& old : older) generations.older.emplace_back(old);
  return generations;
}

constexpr std::string_view kApp = "app-key-app-key-app-key-app-key-1234";
constexpr std::string_view kPepper = "pepper-pepper-pepper-pepper-pepper-0001";
constexpr std::string_view kField = "field-field-field-field-field-field-1";

TEST(KeyRing, R26NoKeyServesTwoPurposes) {
  const auto ring = KeyRing::create(master(kApp), master(kPepper), master(kField));
  ASSERT_OK(ring);
  std::set<std::string> seen;
  for (int purpose = 0; purpose <= static_cast<int>(Purpose::FieldEncryption); ++purpose) {
    const auto key = ring->derive(static_cast<Purpose>(purpose));
    EXPECT_EQ(key.size(), 32U);
    EXPECT_TRUE(seen.insert(to_hex(key.bytes())).second) << purpose;
  }
}

TEST(KeyRing, RefusesShortAndRepeatedMasters) {
  EXPECT_FALSE(KeyRing::create(master("short"), master(kPepper), master(kField)));
  EXPECT_FALSE(KeyRing::create(master(kApp, {"short"}), master(kPepper), master(kField)));
  EXPECT_FALSE(KeyRing::create(master(kApp), master(kApp), master(kField)));
}

TEST(KeyRing, R26OlderGenerationsStayReadable) {
  const std::string old_pepper{kPepper};
  const auto before = KeyRing::create(master(kApp), master(kPepper), master(kField));
  const auto after = KeyRing::create(master(kApp), master("new-pepper-new-pepper-new-pepper-0002", {old_pepper}),
                                     master(kField));
  ASSERT_OK(before);
  ASSERT_OK(after);
  EXPECT_NE(before->current_id(Master::Pepper), after->current_id(Master::Pepper));
  ASSERT_NE(after->pepper(before->current_id(Master::Pepper)), nullptr);
  EXPECT_EQ(after->find(Purpose::ApiKeyDigest, before->current_id(Master::Pepper))->key,
            before->derive(Purpose::ApiKeyDigest));
  EXPECT_EQ(after->pepper(before->current_id(Master::Pepper))->reveal(), kPepper);
  EXPECT_EQ(after->pepper("00000000"), nullptr);
  EXPECT_EQ(after->derive_all(Purpose::ApiKeyDigest).at(1), before->derive(Purpose::ApiKeyDigest));
  EXPECT_EQ(after->derive(Purpose::SessionDigest), before->derive(Purpose::SessionDigest));
}

TEST(KeyRing, R26WhoKeepsTheRingFollowsARotation) {
  auto ring = KeyRing::create(master(kApp), master(kPepper), master(kField));
  ASSERT_OK(ring);
  const auto held = ring->macs(Purpose::SessionDigest);
  const auto pepper = ring->pepper();
  auto fresh = KeyRing::create(master("app-key-app-key-app-key-app-key-5678", {std::string{kApp}}),
                               master("new-pepper-new-pepper-new-pepper-0002"), master(kField));
  ASSERT_OK(fresh);
  ring->adopt(std::move(*fresh));
  ASSERT_EQ(ring->macs(Purpose::SessionDigest)->size(), 2U);
  EXPECT_NE(ring->macs(Purpose::SessionDigest)->front().hex("token"), held->front().hex("token"));
  EXPECT_EQ(ring->macs(Purpose::SessionDigest)->back().hex("token"), held->front().hex("token"));
  EXPECT_EQ(ring->pepper(pepper.id), nullptr);
  EXPECT_EQ(pepper.secret->reveal(), kPepper);  // a hash that is under way keeps what it began with
}

TEST(KeyRing, IdsRevealNothingOfTheSecret) {
  const auto id = key_id(Secret{kApp});
  EXPECT_EQ(id.size(), 8U);
  EXPECT_FALSE(std::string{kApp}.starts_with(id));
}

}  // namespace
}  // namespace kavach::crypto
