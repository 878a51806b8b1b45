#include "crypto/fernet.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "core/check.h"
#include "core/text.h"

namespace kavach::crypto {
namespace {

constexpr std::byte kVersion{0x80};
constexpr std::size_t kTimeAt = 1;
constexpr std::size_t kIvAt = 9;
constexpr std::size_t kCipherAt = 25;
constexpr std::size_t kBlockBytes = 16;
constexpr std::size_t kMacBytes = 32;
constexpr std::chrono::seconds kClockSkew{60};

struct ReleaseCipher {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { ::EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, ReleaseCipher>;

const unsigned char* raw(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }
unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

/// Nothing when the padding is wrong; the caller has checked the MAC before.
std::optional<std::vector<std::byte>> aes_cbc(bool encrypt, const Secret& key,
                                              std::span<const std::byte> iv,
                                              std::span<const std::byte> input) {
  const CipherContext context{::EVP_CIPHER_CTX_new()};
  require(context && ::EVP_CipherInit_ex(context.get(), ::EVP_aes_128_cbc(), nullptr,
                                         raw(key.bytes().data()), raw(iv.data()), encrypt ? 1 : 0) == 1,
          "AES-128-CBC is not available");
  std::vector<std::byte> output(input.size() + kBlockBytes);
  int length = 0;
  int rest = 0;
  if (::EVP_CipherUpdate(context.get(), raw(output.data()), &length, raw(input.data()),
                         static_cast<int>(input.size())) != 1 ||
      ::EVP_CipherFinal_ex(context.get(), raw(output.data()) + length, &rest) != 1) {
    wipe(output);
    return std::nullopt;
  }
  output.resize(static_cast<std::size_t>(length + rest));
  return output;
}

std::unexpected<Error> refused() {
  return fail(ErrorCode::InvalidInput, "The encrypted value cannot be read.", "Fernet token refused");
}

std::int64_t read_seconds(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = (value << 8U) | std::to_integer<std::uint64_t>(byte);
  return static_cast<std::int64_t>(value);
}

bool within(const Fernet::Lifetime& lifetime, std::int64_t sealed_at) {
  const std::int64_t now = epoch_seconds(lifetime.now);
  return sealed_at >= now - lifetime.ttl.count() && sealed_at <= now + kClockSkew.count();
}

}  // namespace

Fernet::Fernet(const Secret& key)
    : signer_{(require(key.size() == kKeyBytes, "a Fernet key has 32 bytes"), key.bytes().first(16))},
      encryption_key_{key.bytes().subspan(16)} {}

Result<Fernet> Fernet::from_text(const Secret& text) {
  auto bytes = from_base64url(trim(text.reveal()));
  if (!bytes || bytes->size() != kKeyBytes) {
    return fail(ErrorCode::InvalidInput, "A Fernet key is 44 characters of base64url.");
  }
  const Secret key{*bytes};
  wipe(*bytes);
  return Fernet{key};
}

Fernet Fernet::from_password(const Secret& password, std::string_view salt, int iterations) {
  std::array<std::byte, kKeyBytes> derived{};
  const int done = ::PKCS5_PBKDF2_HMAC(
      password.reveal().data(), static_cast<int>(password.size()), raw(as_bytes(salt).data()),
      static_cast<int>(salt.size()), iterations, ::EVP_sha256(), kKeyBytes, raw(derived.data()));
  require(done == 1, "PBKDF2 is not available");
  const Secret key{derived};
  wipe(derived);
  return Fernet{key};
}

std::string Fernet::seal(std::string_view plaintext, TimePoint now, const SecureRandom& random) const {
  std::array<std::byte, kBlockBytes> iv{};
  random.fill(iv);
  return seal_with(plaintext, now, iv);
}

std::string Fernet::seal_with(std::string_view plaintext, TimePoint now,
                              std::span<const std::byte, 16> iv) const {
  require(plaintext.size() <= kTokenBytesMax / 2, "a value of this size is not sealed as a field");
  const auto encrypted = aes_cbc(true, encryption_key_, iv, as_bytes(plaintext));
  require(encrypted.has_value(), "AES-128-CBC failed");
  std::vector<std::byte> token;
  token.reserve(kCipherAt + encrypted->size() + kMacBytes);
  token.push_back(kVersion);
  const auto seconds = static_cast<std::uint64_t>(epoch_seconds(now));
  for (int shift = 56; shift >= 0; shift -= 8) token.push_back(static_cast<std::byte>(seconds >> shift));
  token.insert(token.end(), iv.begin(), iv.end());
  token.insert(token.end(), encrypted->begin(), encrypted->end());
  const Digest256 mac = signer_.sign(token);
  token.insert(token.end(), mac.begin(), mac.end());
  return to_base64url(token, true);
}

Result<Secret> Fernet::open(std::string_view text, std::optional<Lifetime> lifetime) const {
  if (text.size() > kTokenBytesMax) return refused();
  const auto decoded = from_base64url(text);
  if (!decoded || decoded->size() < kCipherAt + kBlockBytes + kMacBytes) return refused();
  const std::span<const std::byte> token{*decoded};
  const auto signed_part = token.first(token.size() - kMacBytes);
  if (!signer_.verify(as_text(signed_part), token.last(kMacBytes))) return refused();
  if (token[0] != kVersion) return refused();
  if (lifetime && !within(*lifetime, read_seconds(token.subspan(kTimeAt, 8)))) return refused();
  const auto encrypted = signed_part.subspan(kCipherAt);
  if (encrypted.size() % kBlockBytes != 0) return refused();
  auto plain = aes_cbc(false, encryption_key_, token.subspan(kIvAt, kBlockBytes), encrypted);
  if (!plain) return refused();
  Secret opened{*plain};
  wipe(*plain);
  return opened;
}

}  // namespace kavach::crypto
