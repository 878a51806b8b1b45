#include "crypto/es256.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <memory>

namespace kavach::crypto {
namespace {

constexpr std::size_t kCoordinateBytes = 32;

struct Release {
  void operator()(EVP_PKEY* key) const noexcept { ::EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { ::EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const noexcept { ::EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Release>;

Key public_key(std::span<const std::byte> x, std::span<const std::byte> y) {
  std::array<unsigned char, 1 + 2 * kCoordinateBytes> point{0x04};
  std::ranges::transform(x, point.begin() + 1, [](std::byte b) { return std::to_integer<unsigned char>(b); });
  std::ranges::transform(y, point.begin() + 1 + kCoordinateBytes,
                         [](std::byte b) { return std::to_integer<unsigned char>(b); });
  char group[] = "prime256v1";
  OSSL_PARAM parameters[] = {
      ::OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      ::OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      ::OSSL_PARAM_construct_end()};
  const std::unique_ptr<EVP_PKEY_CTX, Release> context{::EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
  EVP_PKEY* key = nullptr;
  if (!context || ::EVP_PKEY_fromdata_init(context.get()) != 1 ||
      ::EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    return nullptr;
  }
  return Key{key};
}

}  // namespace

bool verify_es256(std::span<const std::byte> x, std::span<const std::byte> y, std::string_view message,
                  std::span<const std::byte> signature) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return false;
  const Key key = public_key(x, y);
  const std::unique_ptr<EVP_MD_CTX, Release> context{::EVP_MD_CTX_new()};
  return key && context &&
         ::EVP_DigestVerifyInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key.get()) == 1 &&
         ::EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                            reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
}

}  // namespace kavach::crypto
