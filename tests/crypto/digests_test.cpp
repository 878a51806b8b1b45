#include <gtest/gtest.h>

#include "core/text.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"

namespace kavach::crypto {
namespace {

std::vector<std::byte> bytes(std::string_view hex) { return *from_hex(hex); }

TEST(Sha256, MatchesFips180) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256{}.update("a").update("bc").finish(), sha256("abc"));
}

TEST(HmacSha256, MatchesRfc4231) {
  EXPECT_EQ(HmacSha256{as_bytes("Jefe")}.hex("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::vector<std::byte> long_key(131, std::byte{0xaa});
  EXPECT_EQ(HmacSha256{long_key}.hex("Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, PartsAreOneMessageAndAForgedDigestFails) {
  const HmacSha256 mac{as_bytes("key")};
  EXPECT_EQ(mac.sign({"ab", "c"}), mac.sign("abc"));
  auto digest = mac.sign("abc");
  EXPECT_TRUE(mac.verify("abc", digest));
  digest[31] ^= std::byte{1};
  EXPECT_FALSE(mac.verify("abc", digest));
  EXPECT_FALSE(mac.verify("abc", std::span{digest}.first(16)));
}

TEST(Hkdf, MatchesRfc5869) {
  const Secret material{bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b")};
  const auto salt = bytes("000102030405060708090a0b0c");
  const auto info = bytes("f0f1f2f3f4f5f6f7f8f9");
  EXPECT_EQ(to_hex(hkdf(material, as_text(salt), as_text(info), 42).bytes()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(to_hex(hkdf(material, "", "", 42).bytes()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

}  // namespace
}  // namespace kavach::crypto
