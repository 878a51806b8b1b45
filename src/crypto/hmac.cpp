#include "crypto/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "core/check.h"
#include "core/text.h"

namespace kavach::crypto {
namespace {

constexpr std::size_t kBlockBytes = 64;

Sha256 padded(std::span<const std::byte> key, std::byte pad) {
  std::array<std::byte, kBlockBytes> block{};
  if (key.size() > kBlockBytes) {
    std::ranges::copy(sha256(key), block.begin());
  } else {
    std::ranges::copy(key, block.begin());
  }
  for (auto& byte : block) byte ^= pad;
  Sha256 state;
  state.update(block);
  wipe(block);
  return state;
}

}  // namespace

HmacSha256::HmacSha256(std::span<const std::byte> key)
    : inner_{padded(key, std::byte{0x36})}, outer_{padded(key, std::byte{0x5c})} {}

Digest256 HmacSha256::close(Sha256 inner) const {
  Sha256 outer = outer_;
  return outer.update(inner.finish()).finish();
}

Digest256 HmacSha256::sign(std::span<const std::byte> message) const {
  Sha256 inner = inner_;
  inner.update(message);
  return close(inner);
}

Digest256 HmacSha256::sign(std::string_view message) const { return sign(as_bytes(message)); }

Digest256 HmacSha256::sign(std::initializer_list<std::string_view> parts) const {
  Sha256 inner = inner_;
  for (const auto part : parts) inner.update(part);
  return close(inner);
}

std::string HmacSha256::hex(std::string_view message) const { return to_hex(sign(message)); }

bool HmacSha256::verify(std::string_view message, std::span<const std::byte> digest) const {
  return equal_in_constant_time(as_text(sign(message)), as_text(digest));
}

std::array<std::byte, 20> hmac_sha1(std::span<const std::byte> key, std::span<const std::byte> message) {
  std::array<std::byte, 20> digest{};
  unsigned length = 0;
  const auto* made = ::HMAC(::EVP_sha1(), key.data(), static_cast<int>(key.size()),
                            reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                            reinterpret_cast<unsigned char*>(digest.data()), &length);
  require(made != nullptr && length == digest.size(), "HMAC-SHA-1 is not available");
  return digest;
}

}  // namespace kavach::crypto
