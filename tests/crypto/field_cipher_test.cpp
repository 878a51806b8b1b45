#include "crypto/field_cipher.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace kavach::crypto {
namespace {

constexpr TimePoint kNow{std::chrono::seconds{1'800'000'000}};

KeyRing ring_with(std::string_view field, std::vector<std::string> older = {}) {
  Generations generations{Secret{field}, {}};
  for (const auto& old : older) generations.older.emplace_back(old);
  return *KeyRing::create({Secret{std::string_view{"app-key-app-key-app-key-app-key-1234"}}, {}},
                          {Secret{std::string_view{"pepper-pepper-pepper-pepper-pepper-1"}}, {}},
                          std::move(generations));
}

constexpr std::string_view kOld = "field-field-field-field-field-field-1";
constexpr std::string_view kNew = "other-other-other-other-other-other-2";
constexpr FieldPlace kPlace{"broker_tokens", "7", "zerodha", "access_token"};

TEST(FieldCipher, R25AMovedCiphertextDoesNotOpen) {
  const ManualClock clock{kNow};
  const SecureRandom random;
  const auto ring = ring_with(kOld);
  const FieldCipher cipher{ring, clock, random};
  const auto sealed = cipher.seal(kPlace, "the token");
  ASSERT_OK(cipher.open(kPlace, sealed));
  EXPECT_EQ(cipher.open(kPlace, sealed)->reveal(), "the token");
  for (const FieldPlace& other : {FieldPlace{"orders", "7", "zerodha", "access_token"},
                                  FieldPlace{"broker_tokens", "8", "zerodha", "access_token"},
                                  FieldPlace{"broker_tokens", "7", "upstox", "access_token"},
                                  FieldPlace{"broker_tokens", "7", "zerodha", "feed_token"},
                                  FieldPlace{"broker_tokens", "7zerodha", "", "access_token"}}) {
    EXPECT_FALSE(cipher.open(other, sealed)) << other.table << other.user << other.record << other.column;
  }
}

TEST(FieldCipher, R25NeitherPlaintextNorJunkOpens) {
  const ManualClock clock{kNow};
  const SecureRandom random;
  const auto ring = ring_with(kOld);
  const FieldCipher cipher{ring, clock, random};
  for (const char* text : {"", "the token", ".", "00000000.gAAAAA", "plain.text"}) {
    const auto opened = cipher.open(kPlace, text);
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().code, ErrorCode::StorageCorrupt);
  }
}

TEST(FieldCipher, R26OldCiphertextsOpenAndAskForResealing) {
  const ManualClock clock{kNow};
  const SecureRandom random;
  auto ring = ring_with(kOld);
  const FieldCipher cipher{ring, clock, random};
  const auto sealed = cipher.seal(kPlace, "the token");
  EXPECT_FALSE(cipher.needs_resealing(sealed));
  ring.adopt(ring_with(kNew, {std::string{kOld}}));
  const FieldCipher& rotated = cipher;
  EXPECT_TRUE(rotated.needs_resealing(sealed));
  const auto opened = rotated.open(kPlace, sealed);
  ASSERT_OK(opened);
  EXPECT_FALSE(rotated.needs_resealing(rotated.seal(kPlace, *opened)));
  const auto without = ring_with(kNew);
  const FieldCipher forgotten{without, clock, random};
  EXPECT_FALSE(forgotten.open(kPlace, sealed));
}

}  // namespace
}  // namespace kavach::crypto
