#include "crypto/ed25519.h"

#include <gtest/gtest.h>

#include "core/text.h"

namespace kavach::crypto {
namespace {

TEST(Ed25519, MatchesRfc8032) {
  const Ed25519Signer signer{
      Secret{*from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")}};
  EXPECT_EQ(to_hex(signer.public_key()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(to_hex(signer.sign("r")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Ed25519, RefusesAForgery) {
  const Ed25519Signer signer{Secret{std::string_view{"0123456789abcdef0123456789abcdef"}}};
  auto signature = signer.sign("head 17");
  EXPECT_TRUE(verify_ed25519(signer.public_key(), "head 17", signature));
  EXPECT_FALSE(verify_ed25519(signer.public_key(), "head 18", signature));
  signature[0] ^= std::byte{1};
  EXPECT_FALSE(verify_ed25519(signer.public_key(), "head 17", signature));
  EXPECT_FALSE(verify_ed25519({}, "head 17", signature));
}

}  // namespace
}  // namespace kavach::crypto
