#include "identity/device_cookie.h"

#include "core/text.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kDeviceBytes = 16;
constexpr std::size_t kDeviceCharacters = 2 * kDeviceBytes;
constexpr std::size_t kCookieCharacters = kDeviceCharacters + 1 + 64;

}  // namespace

DeviceCookies::DeviceCookies(const crypto::KeyRing& ring) : mac_{ring.derive(crypto::Purpose::DeviceCookie)} {}

std::string DeviceCookies::digest(const User& user, std::string_view device) const {
  return to_hex(mac_.sign({std::to_string(user.id), " ", std::to_string(epoch_micros(user.password_changed_at)),
                           " ", device}));
}

std::string DeviceCookies::issue(const User& user, const SecureRandom& random) const {
  const std::string device = random.hex(kDeviceBytes);
  return device + '.' + digest(user, device);
}

std::optional<std::string> DeviceCookies::device_of(const User& user, std::string_view cookie) const {
  if (cookie.size() != kCookieCharacters || cookie[kDeviceCharacters] != '.') return std::nullopt;
  const auto device = cookie.substr(0, kDeviceCharacters);
  if (!equal_in_constant_time(digest(user, device), cookie.substr(kDeviceCharacters + 1))) return std::nullopt;
  return std::string{device};
}

}  // namespace kavach::identity
