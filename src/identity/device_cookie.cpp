#include "identity/device_cookie.h"

#include <algorithm>

#include "core/text.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kDeviceBytes = 16;
constexpr std::size_t kDeviceCharacters = 2 * kDeviceBytes;
constexpr std::size_t kCookieCharacters = kDeviceCharacters + 1 + 64;

std::string digest(const crypto::HmacSha256& mac, const User& user, std::string_view device) {
  return to_hex(mac.sign({std::to_string(user.id), " ", std::to_string(epoch_micros(user.password_changed_at)), " ",
                          device}));
}

}  // namespace

std::string DeviceCookies::issue(const User& user, const SecureRandom& random) const {
  const std::string device = random.hex(kDeviceBytes);
  return device + '.' + digest(ring_.macs(crypto::Purpose::DeviceCookie)->front(), user, device);
}

std::optional<std::string> DeviceCookies::device_of(const User& user, std::string_view cookie) const {
  if (cookie.size() != kCookieCharacters || cookie[kDeviceCharacters] != '.') return std::nullopt;
  const auto device = cookie.substr(0, kDeviceCharacters);
  const auto macs = ring_.macs(crypto::Purpose::DeviceCookie);
  const bool ours = std::ranges::any_of(*macs, [&](const crypto::HmacSha256& mac) {
    return equal_in_constant_time(digest(mac, user, device), cookie.substr(kDeviceCharacters + 1));
  });
  return ours ? std::optional{std::string{device}} : std::nullopt;
}

}  // namespace kavach::identity
