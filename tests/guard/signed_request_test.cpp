// A key that must sign, at the pipeline's authentication step: the defence and not only its arithmetic.

#include "core/text.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"
#include "guard/authentication.h"
#include "guard/identity_credentials.h"
#include "identity/house.h"
#include "identity/request_signing.h"

namespace kavach::guard {
namespace {

using identity::test::House;

Task<http::Response> answer(Call&) { co_return http::Response::text(200, "ok"); }
http::Response refusal(const Call&) { return http::Response::text(403, "no"); }

class SignedRequestTest : public identity::test::HouseTest {
 protected:
  identity::RequestSigning signing{*house.database, house.api_keys, clock};
  IdentityCredentials credentials{house.api_keys, house.sessions, house.users, signing, house.ring, "kavach_session"};
  identity::CreatedApiKey key = house.make_key(house.add("ada"));
  Secret secret = std::move(*identity::block_on(house.api_keys.require_signing(key.id, identity::Actor{}, house.executor)));
  Route route{http::Method::Post, "/api/v1/funds",
              {.access = Access::ReadKey, .rate = RateClass::Api, .body = BodyKind::Json, .body_bytes_max = 4096,
               .changes_state = false, .csrf = Csrf::NotApplicable, .priority = Priority::Normal},
              answer, {refusal, refusal}};

  /// The status of the refusal, or 0. `signed_body` is what the signature covers.
  int send(const std::string& signed_body, const std::string& nonce, bool sign = true, std::string sent_body = {}) {
    Call call;
    call.request.method = http::Method::Post;
    call.request.method_text = "POST";
    call.request.path = "/api/v1/funds";
    call.request.body = sent_body.empty() ? signed_body : std::move(sent_body);
    call.client = identity::test::kHome;
    call.executor = &house.executor;
    call.body = *parse_json(call.request.body);
    if (sign) {
      identity::SignedRequest made{"POST", "/api/v1/funds", crypto::sha256_hex(signed_body),
                                   std::to_string(epoch_seconds(clock.now())), nonce, {}};
      call.request.headers = {{"X-Timestamp", made.timestamp}, {"X-Nonce", nonce},
                              {"X-Signature", crypto::HmacSha256{secret}.hex(identity::signed_text(made))}};
    }
    const auto refused = identity::block_on(authenticate(call, route, credentials));
    EXPECT_EQ(call.principal.is_anonymous(), refused.has_value());
    return refused ? refused->response.status : 0;
  }
  std::string body(std::string_view extra = {}) {
    return R"({"apikey":")" + std::string{key.key.reveal()} + "\"" + std::string{extra} + "}";
  }
};

TEST_F(SignedRequestTest, R13AStolenKeyAloneOpensNothing) {
  EXPECT_EQ(send(body(), "nonce-0000000000-1", false), 401);
  EXPECT_EQ(send(body(), "nonce-0000000000-1"), 0);
}

TEST_F(SignedRequestTest, R13AnInterceptedRequestCanBeNeitherRepeatedNorChanged) {
  EXPECT_EQ(send(body(), "nonce-0000000000-1"), 0);
  EXPECT_EQ(send(body(), "nonce-0000000000-1"), 401);
  EXPECT_EQ(send(body(R"(,"quantity":1)"), "nonce-0000000000-2", true, body(R"(,"quantity":9)")), 401);
}

}  // namespace
}  // namespace kavach::guard
