#include "identity/request_signing.h"

#include "core/text.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"
#include "identity/house.h"

namespace kavach::identity::test {
namespace {

class RequestSigningTest : public HouseTest {
 protected:
  RequestSigning signing{*house.database, house.api_keys, clock};
  CreatedApiKey key = house.make_key(house.add("ada"));
  Secret secret = std::move(*block_on(house.api_keys.require_signing(key.id, Actor{}, house.executor)));
  int nonces = 0;

  SignedRequest request(std::string_view body = R"({"symbol":"SBIN"})") {
    SignedRequest made{"POST", "/api/v1/placeorder", crypto::sha256_hex(body), std::to_string(epoch_seconds(clock.now())),
                       "nonce-0000000000-" + std::to_string(nonces++), {}};
    sign(made);
    return made;
  }
  void sign(SignedRequest& made) { made.signature = crypto::HmacSha256{secret}.hex(signed_text(made)); }
  bool accepted(const SignedRequest& made) { return block_on(signing.check(key.id, made, house.executor)).has_value(); }
};

TEST_F(RequestSigningTest, R13ARightSignatureIsAcceptedOnce) {
  EXPECT_TRUE(house.api_keys.signing_required(key.id));
  const auto made = request();
  EXPECT_TRUE(accepted(made));
  EXPECT_FALSE(accepted(made)) << "replay";
  House restarted{folder, clock};
  RequestSigning again{*restarted.database, restarted.api_keys, clock};
  EXPECT_FALSE(block_on(again.check(key.id, made, restarted.executor))) << "replay after a restart";
}

TEST_F(RequestSigningTest, R13NothingOfTheRequestCanBeChanged) {
  for (int part = 0; part < 5; ++part) {
    auto made = request();
    std::string* const parts[] = {&made.method, &made.path, &made.body_digest, &made.timestamp, &made.nonce};
    parts[part]->back() = parts[part]->back() == '0' ? '1' : '0';
    EXPECT_FALSE(accepted(made)) << part;
  }
  auto unsigned_request = request();
  unsigned_request.signature.clear();
  EXPECT_FALSE(accepted(unsigned_request));
}

TEST_F(RequestSigningTest, R13FiveSecondsEitherWay) {
  for (const int off : {-6, -5, 0, 5, 6}) {
    auto made = request();
    made.timestamp = std::to_string(epoch_seconds(clock.now()) + off);
    sign(made);
    EXPECT_EQ(accepted(made), off >= -5 && off <= 5) << off;
  }
}

TEST_F(RequestSigningTest, R13NoncesAreForgottenOnlyWhenTheyCannotReturn) {
  const auto made = request();
  EXPECT_TRUE(accepted(made));
  clock.advance(seconds{5});
  EXPECT_OK(signing.sweep());
  EXPECT_FALSE(accepted(made));
  clock.advance(seconds{60});
  EXPECT_OK(signing.sweep());
  EXPECT_FALSE(accepted(made)) << "too old by then";
}

TEST_F(RequestSigningTest, R13UnusableNoncesAreRefused) {
  for (const char* nonce : {"", "short", "with blanks in it ok", "new\nline-0000000000"}) {
    auto made = request();
    made.nonce = nonce;
    sign(made);
    EXPECT_FALSE(accepted(made)) << nonce;
  }
}

TEST_F(RequestSigningTest, R13RegeneratingAKeyDoesNotTurnSigningOff) {
  const auto fresh = block_on(house.api_keys.regenerate(key.id, minutes{0}, Actor{}, house.executor));
  ASSERT_OK(fresh);
  EXPECT_TRUE(house.api_keys.signing_required(fresh->id));
  EXPECT_EQ(*house.api_keys.signing_secret(fresh->id), secret);
  House restarted{folder, clock};
  EXPECT_EQ(*restarted.api_keys.signing_secret(fresh->id), secret);
}

}  // namespace
}  // namespace kavach::identity::test
