#include "crypto/ed25519.h"

#include <openssl/evp.h>

#include "core/check.h"

namespace kavach::crypto {
namespace {

struct ReleaseContext {
  void operator()(EVP_MD_CTX* context) const noexcept { ::EVP_MD_CTX_free(context); }
};
struct ReleaseKey {
  void operator()(EVP_PKEY* key) const noexcept { ::EVP_PKEY_free(key); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ReleaseContext>;

const unsigned char* raw(const void* bytes) { return static_cast<const unsigned char*>(bytes); }

}  // namespace

void Ed25519Signer::Release::operator()(evp_pkey_st* key) const noexcept { ::EVP_PKEY_free(key); }

Ed25519Signer::Ed25519Signer(const Secret& seed)
    : key_{::EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed.bytes().data()), seed.size())} {
  std::size_t length = public_key_.size();
  require(key_ && ::EVP_PKEY_get_raw_public_key(
                      key_.get(), reinterpret_cast<unsigned char*>(public_key_.data()), &length) == 1,
          "an Ed25519 key needs a seed of 32 bytes");
}

Ed25519Signature Ed25519Signer::sign(std::string_view message) const {
  Ed25519Signature signature{};
  std::size_t length = signature.size();
  const Context context{::EVP_MD_CTX_new()};
  require(context && ::EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
              ::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                               raw(message.data()), message.size()) == 1,
          "Ed25519 signing failed");
  return signature;
}

bool verify_ed25519(std::span<const std::byte> public_key, std::string_view message,
                    std::span<const std::byte> signature) {
  if (public_key.size() != 32 || signature.size() != 64) return false;
  const std::unique_ptr<EVP_PKEY, ReleaseKey> key{::EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, raw(public_key.data()), public_key.size())};
  const Context context{::EVP_MD_CTX_new()};
  return key && context &&
         ::EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         ::EVP_DigestVerify(context.get(), raw(signature.data()), signature.size(), raw(message.data()),
                            message.size()) == 1;
}

}  // namespace kavach::crypto
