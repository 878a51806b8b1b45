#include "crypto/totp.h"

#include <array>
#include <vector>

#include "core/text.h"
#include "crypto/hmac.h"

namespace kavach::crypto {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kSecretBytes = 20;
constexpr std::string_view kUriSafe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

void append_percent_encoded(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (kUriSafe.contains(c)) {
      out += c;
    } else {
      const char digits[] = {c};
      out += '%';
      out += to_upper(to_hex(as_bytes({digits, 1})));
    }
  }
}

}  // namespace

Secret new_totp_secret(const SecureRandom& random) {
  std::array<std::byte, kSecretBytes> raw{};
  random.fill(raw);
  Secret secret{raw};
  wipe(raw);
  return secret;
}

std::int64_t totp_step(TimePoint at) { return epoch_seconds(at) / kTotpStepSeconds; }

std::string totp_code(const Secret& secret, std::int64_t step) {
  std::array<std::byte, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<std::byte>(static_cast<std::uint64_t>(step) >> (56U - 8U * i));
  }
  const auto digest = hmac_sha1(secret.bytes(), counter);
  const auto at = std::to_integer<std::size_t>(digest.back() & std::byte{0x0F});
  std::uint32_t number = std::to_integer<std::uint32_t>(digest[at] & std::byte{0x7F});
  for (std::size_t i = 1; i < 4; ++i) number = (number << 8U) | std::to_integer<std::uint32_t>(digest[at + i]);
  std::string code(kTotpDigits, '0');
  for (auto digit = code.rbegin(); digit != code.rend(); ++digit, number /= 10) {
    *digit = static_cast<char>('0' + number % 10);
  }
  return code;
}

std::optional<std::int64_t> find_totp_step(const Secret& secret, std::string_view code, TimePoint now,
                                           std::int64_t last_used_step) {
  std::optional<std::int64_t> found;
  const std::int64_t middle = totp_step(now);
  for (std::int64_t step = middle - kTotpDriftSteps; step <= middle + kTotpDriftSteps; ++step) {
    const bool equal = equal_in_constant_time(totp_code(secret, step), code);
    if (equal && step > last_used_step) found = step;
  }
  return found;
}

Secret base32_encode(const Secret& bytes) {
  std::string out;
  out.reserve(bytes.size() * 8 / 5 + 1);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const std::byte byte : bytes.bytes()) {
    group = (group << 8U) | std::to_integer<std::uint32_t>(byte);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += kBase32[(group >> bits) & 31U];
    }
    group &= (1U << bits) - 1U;
  }
  if (bits > 0) out += kBase32[(group << (5U - bits)) & 31U];
  return Secret::take(std::move(out));
}

std::optional<Secret> base32_decode(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::vector<std::byte> out;
  out.reserve(text.size() * 5 / 8);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const auto at = kBase32.find(upper);
    if (at == std::string_view::npos) return std::nullopt;
    group = (group << 5U) | static_cast<std::uint32_t>(at);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::byte>((group >> bits) & 255U));
      group &= (1U << bits) - 1U;
    }
  }
  Secret decoded{out};
  wipe(out);
  return decoded;
}

Secret totp_uri(const Secret& secret, std::string_view issuer, std::string_view account) {
  std::string uri = "otpauth://totp/";
  append_percent_encoded(uri, issuer);
  uri += ':';
  append_percent_encoded(uri, account);
  uri += "?secret=";
  uri += base32_encode(secret).reveal();
  uri += "&issuer=";
  append_percent_encoded(uri, issuer);
  uri += "&algorithm=SHA1&digits=6&period=30";
  return Secret::take(std::move(uri));
}

}  // namespace kavach::crypto
