#include "core/text.h"

#include <gtest/gtest.h>

namespace kavach {
namespace {

TEST(Text, HexRoundTripsAndRefusesJunk) {
  EXPECT_EQ(to_hex(*from_hex("00ffA5")), "00ffa5");
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("zz"));
}

TEST(Text, Base64UrlMatchesRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(to_base64url(as_bytes(plain), true), encoded);
    EXPECT_EQ(as_text(*from_base64url(encoded)), plain);
    EXPECT_EQ(as_text(*from_base64url(to_base64url(as_bytes(plain)))), plain);
  }
  EXPECT_FALSE(from_base64url("Zm9+"));
  EXPECT_FALSE(from_base64url("Z"));
  EXPECT_FALSE(from_base64url("Zh"));  // non-canonical
}

TEST(Text, Utf8RefusesOverlongSurrogateAndTruncated) {
  EXPECT_TRUE(is_valid_utf8("\xe2\x82\xb9 \xf0\x9f\x92\xb9"));
  for (const char* bad : {"\xc0\x80", "\xed\xa0\x80", "\xe2\x82", "\xf5\x80\x80\x80", "\xff", "\x80"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
}

TEST(Text, IntegersAreWholeTexts) {
  EXPECT_EQ(parse_int("-12"), -12);
  for (const char* bad : {"", "1 ", "+1", "1.0", "99999999999999999999"}) EXPECT_FALSE(parse_int(bad));
}

}  // namespace
}  // namespace kavach
