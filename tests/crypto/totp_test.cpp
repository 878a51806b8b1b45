#include "crypto/totp.h"

#include <gtest/gtest.h>

namespace kavach::crypto {
namespace {

using std::chrono::seconds;

const Secret& rfc_secret() {
  static const Secret secret{std::string_view{"12345678901234567890"}};
  return secret;
}

TimePoint at(std::int64_t second) { return TimePoint{seconds{second}}; }

TEST(Totp, R6MatchesRfc6238) {
  // RFC 6238, appendix B, the last six of its eight digits.
  for (const auto& [second, code] : {std::pair{59LL, "287082"}, {1111111109LL, "081804"},
                                     {1111111111LL, "050471"}, {1234567890LL, "005924"},
                                     {2000000000LL, "279037"}, {20000000000LL, "353130"}}) {
    EXPECT_EQ(totp_code(rfc_secret(), totp_step(at(second))), code) << second;
  }
}

TEST(Totp, R6OneStepOfDriftAndNoMore) {
  const TimePoint now = at(1'800'000'000);
  for (std::int64_t off = -3; off <= 3; ++off) {
    const auto code = totp_code(rfc_secret(), totp_step(now) + off);
    EXPECT_EQ(find_totp_step(rfc_secret(), code, now, 0).has_value(), off >= -1 && off <= 1) << off;
  }
}

TEST(Totp, R6AUsedStepAndThoseBeforeItAreDead) {
  const TimePoint now = at(1'800'000'000);
  const auto step = totp_step(now);
  const auto code = totp_code(rfc_secret(), step);
  const auto used = find_totp_step(rfc_secret(), code, now, 0);
  ASSERT_EQ(used, step);
  EXPECT_FALSE(find_totp_step(rfc_secret(), code, now, *used));
  EXPECT_FALSE(find_totp_step(rfc_secret(), totp_code(rfc_secret(), step - 1), now, *used));
  EXPECT_TRUE(find_totp_step(rfc_secret(), totp_code(rfc_secret(), step + 1), now, *used));
}

TEST(Base32, MatchesRfc4648AndIgnoresHowPeopleTypeIt) {
  EXPECT_EQ(base32_encode(Secret{std::string_view{"foobar"}}).reveal(), "MZXW6YTBOI");
  EXPECT_EQ(base32_decode("mzxw 6ytb-oi======")->reveal(), "foobar");
  EXPECT_FALSE(base32_decode("MZXW1"));
}

TEST(TotpUri, CarriesWhatAnAuthenticatorNeeds) {
  const auto uri = totp_uri(rfc_secret(), "Kavach", "ada@home");
  EXPECT_EQ(uri.reveal(),
            "otpauth://totp/Kavach:ada%40home?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Kavach"
            "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace kavach::crypto
