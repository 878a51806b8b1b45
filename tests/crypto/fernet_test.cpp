#include "crypto/fernet.h"

#include <gtest/gtest.h>

#include "core/text.h"
#include "support/matchers.h"

namespace kavach::crypto {
namespace {

using std::chrono::seconds;

constexpr std::string_view kSpecKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
constexpr std::string_view kSpecToken =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
constexpr TimePoint kSpecTime{seconds{499162800}};

Fernet spec_cipher() { return *Fernet::from_text(Secret{kSpecKey}); }

std::array<std::byte, 16> counting_iv() {
  std::array<std::byte, 16> iv{};
  for (std::size_t i = 0; i < iv.size(); ++i) iv[i] = static_cast<std::byte>(i);
  return iv;
}

TEST(Fernet, R25GeneratesTheSpecificationsToken) {
  EXPECT_EQ(spec_cipher().seal_with("hello", kSpecTime, counting_iv()), kSpecToken);
}

TEST(Fernet, R25OpensTheSpecificationsToken) {
  const auto opened = spec_cipher().open(kSpecToken, Fernet::Lifetime{kSpecTime + seconds{1}, seconds{60}});
  ASSERT_OK(opened);
  EXPECT_EQ(opened->reveal(), "hello");
}

TEST(Fernet, RefusesTheSpecificationsInvalidTokens) {
  const TimePoint now = kSpecTime + seconds{1};
  // Incorrect MAC, too short, invalid base64, payload size not a multiple of the block, payload
  // padding error, far-future timestamp, expired, incorrect IV.
  for (const char* token : {
           "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
           "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==",
           "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
           "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
           "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==",
           "gAAAAAAdwStRAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==",
           "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
           "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==",
           ""}) {
    EXPECT_FALSE(spec_cipher().open(token, Fernet::Lifetime{now + seconds{120}, seconds{60}})) << token;
  }
}

TEST(Fernet, R25ReadsWhatOpenAlgosCryptographyWrote) {
  const Secret pepper{std::string_view{"pepper-pepper-pepper-pepper-pepper-0001"}};
  const auto cipher = Fernet::from_password(pepper, "salt-of-the-install");
  const auto opened = cipher.open(
      "gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD2cW2HV18YsDAgN9ZjCRrJglMK5A-3kceH-vRp-g8y5EIOTGku83TZU_ry20H_6JUg==");
  ASSERT_OK(opened);
  EXPECT_EQ(opened->reveal(), "broker-token");
}

TEST(Fernet, AnyFlippedBitIsRefused) {
  const auto cipher = spec_cipher();
  const auto token = cipher.seal("a longer text of more than one block", kSpecTime, SecureRandom{});
  auto raw = *from_base64url(token);
  for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
    raw[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(cipher.open(to_base64url(raw, true))) << bit;
    raw[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
}

}  // namespace
}  // namespace kavach::crypto
