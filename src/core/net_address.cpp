#include "core/net_address.h"

#include <arpa/inet.h>

#include <cstring>

#include "core/text.h"

namespace kavach {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

IpAddress masked(const IpAddress& address, int bits) {
  auto bytes = address.bytes();
  for (int i = 0; i < 16; ++i) {
    const int keep = bits - i * 8;
    if (keep >= 8) continue;
    const auto mask = keep <= 0 ? 0U : 0xffU << (8U - static_cast<unsigned>(keep));
    bytes[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(mask);
  }
  return IpAddress::v6(bytes);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 80) return std::nullopt;
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return std::nullopt;
    text = text.substr(1, text.size() - 2);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  }
  if (const auto zone = text.find('%'); zone != std::string_view::npos) {
    if (zone + 1 == text.size() || text.find(':') == std::string_view::npos) return std::nullopt;
    text = text.substr(0, zone);
  }
  const std::string copy{text};
  if (copy.find('\0') != std::string::npos) return std::nullopt;
  in_addr four{};
  if (::inet_pton(AF_INET, copy.c_str(), &four) == 1) return v4(ntohl(four.s_addr));
  std::array<std::uint8_t, 16> six{};
  if (::inet_pton(AF_INET6, copy.c_str(), six.data()) == 1) return v6(six);
  return std::nullopt;
}

IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress address;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes_.begin());
  for (unsigned i = 0; i < 4; ++i) {
    address.bytes_[12 + i] = static_cast<std::uint8_t>(host_order >> (24U - 8U * i));
  }
  return address;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress address;
  address.bytes_ = bytes;
  return address;
}

bool IpAddress::is_v4() const {
  return std::memcmp(bytes_.data(), kMappedPrefix.data(), kMappedPrefix.size()) == 0;
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[12] == 127;  // 127.0.0.0/8
  return *this == v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

bool IpAddress::is_private() const {
  if (!is_v4()) return (bytes_[0] & 0xfeU) == 0xfc || (bytes_[0] == 0xfe && (bytes_[1] & 0xc0U) == 0x80);
  const std::uint8_t first = bytes_[12];
  const std::uint8_t second = bytes_[13];
  return first == 10 || (first == 172 && (second & 0xf0U) == 16) || (first == 192 && second == 168) ||
         (first == 169 && second == 254) || (first == 100 && (second & 0xc0U) == 64);
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN]{};
  if (is_v4()) {
    ::inet_ntop(AF_INET, bytes_.data() + 12, buffer, sizeof buffer);
  } else {
    ::inet_ntop(AF_INET6, bytes_.data(), buffer, sizeof buffer);
  }
  return buffer;
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  Cidr cidr = host(*address);
  if (slash != std::string_view::npos) {
    const auto bits = parse_int(text.substr(slash + 1));
    const int family_bits = address->is_v4() ? 32 : 128;
    if (!bits || *bits < 0 || *bits > family_bits || text[slash + 1] == '-') return std::nullopt;
    cidr.bits_ = static_cast<int>(*bits) + (128 - family_bits);
  }
  if (masked(*address, cidr.bits_) != *address) return std::nullopt;
  return cidr;
}

Cidr Cidr::host(const IpAddress& address) {
  Cidr cidr;
  cidr.base_ = address;
  cidr.bits_ = 128;
  return cidr;
}

Cidr Cidr::offender(const IpAddress& address) {
  Cidr cidr = host(address);
  if (!address.is_v4()) {
    cidr.bits_ = 64;
    cidr.base_ = masked(address, 64);
  }
  return cidr;
}

bool Cidr::contains(const IpAddress& address) const {
  // IPv4 lives at ::ffff:0:0/96, which is our notation only: ::/64 is not all of IPv4.
  if (bits_ < 96 && address.is_v4()) return false;
  return masked(address, bits_) == base_;
}

std::string Cidr::text() const {
  if (is_single_host()) return base_.text();
  return base_.text() + "/" + std::to_string(base_.is_v4() ? bits_ - 96 : bits_);
}

}  // namespace kavach

std::size_t std::hash<kavach::IpAddress>::operator()(
    const kavach::IpAddress& address) const noexcept {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, address.bytes().data(), 8);
  std::memcpy(&low, address.bytes().data() + 8, 8);
  std::uint64_t mixed = (high * 0x9e3779b97f4a7c15ULL) ^ low;
  mixed ^= mixed >> 32U;
  mixed *= 0xd6e8feb86659fd93ULL;
  return mixed ^ (mixed >> 32U);
}
