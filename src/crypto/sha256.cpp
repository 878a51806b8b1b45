// The plain SHA-256 functions are marked deprecated in favour of EVP, see the header for why they stay.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/sha256.h"

#include "core/secret.h"
#include "core/text.h"

namespace kavach::crypto {

Sha256::Sha256() { ::SHA256_Init(&state_); }

Sha256::~Sha256() { wipe(std::as_writable_bytes(std::span{&state_, 1})); }

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  ::SHA256_Update(&state_, bytes.data(), bytes.size());
  return *this;
}

Sha256& Sha256::update(std::string_view text) { return update(as_bytes(text)); }

Digest256 Sha256::finish() {
  Digest256 digest;
  ::SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), &state_);
  return digest;
}

Digest256 sha256(std::span<const std::byte> bytes) { return Sha256{}.update(bytes).finish(); }
Digest256 sha256(std::string_view text) { return sha256(as_bytes(text)); }
std::string sha256_hex(std::string_view text) { return to_hex(sha256(text)); }

}  // namespace kavach::crypto
