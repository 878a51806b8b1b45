// What a browser sends to register or to use a passkey, through the CBOR reader and both verifications.
// Nothing that was not signed under our challenge may ever be accepted.

#include <cstddef>
#include <cstdint>
#include <span>

#include "expect.h"
#include "identity/cbor.h"
#include "identity/webauthn.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kavach;
  using fuzz::expect;
  const std::span bytes{reinterpret_cast<const std::byte*>(data), size};
  if (const auto item = identity::read_cbor(bytes)) {
    expect(item->bytes_read > 0 && item->bytes_read <= size, "the reader stays within its input");
  }
  static const identity::RelyingParty party{"localhost", "http://localhost:5000"};
  static constexpr std::string_view kClient =
      R"({"type":"webauthn.create","challenge":"abc","origin":"http://localhost:5000","crossOrigin":false})";
  const auto registered = identity::verify_registration(party, "abc", kClient, bytes, identity::UserVerification::Required);
  if (registered) {
    expect(!registered->id.empty() && registered->public_key.x.size() == 32, "an accepted credential is complete");
    expect(identity::CredentialPublicKey::parse(registered->public_key.text()).has_value(), "its key can be stored");
  }
  const identity::CredentialPublicKey key{identity::kCoseEdDsa, std::vector<std::byte>(32), {}};
  const std::size_t half = size / 2;
  expect(!identity::verify_assertion(party, "abc", kClient, bytes.first(half), bytes.subspan(half), key,
                                     identity::UserVerification::NotRequired),
         "a registration's client data signs nobody in");
  return 0;
}
