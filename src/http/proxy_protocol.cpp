#include "http/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace kavach::http {
namespace {

constexpr std::string_view kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t kFixedBytes = 16;
constexpr unsigned kLocal = 0x20;
constexpr unsigned kProxy = 0x21;
constexpr unsigned kUnspecified = 0x00;
constexpr unsigned kTcpOverIpv4 = 0x11;
constexpr unsigned kTcpOverIpv6 = 0x21;
constexpr std::size_t kIpv4Bytes = 12;
constexpr std::size_t kIpv6Bytes = 36;

unsigned byte_at(std::string_view input, std::size_t at) {
  return static_cast<unsigned char>(input[at]);
}

ProxyHeader refused() { return {ProxyHeader::State::Refused, 0, std::nullopt}; }

IpAddress ipv4_at(std::string_view input, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8U) | byte_at(input, at + i);
  return IpAddress::v4(value);
}

IpAddress ipv6_at(std::string_view input, std::size_t at) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 16; ++i) bytes[i] = static_cast<std::uint8_t>(byte_at(input, at + i));
  return IpAddress::v6(bytes);
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view input) {
  const auto start = input.substr(0, kSignature.size());
  if (start != kSignature.substr(0, start.size())) return refused();
  if (input.size() < kFixedBytes) return {ProxyHeader::State::NeedsMore, kFixedBytes, std::nullopt};

  const unsigned version_and_command = byte_at(input, 12);
  const unsigned family = byte_at(input, 13);
  const std::size_t length = byte_at(input, 14) * 256U + byte_at(input, 15);
  const std::size_t total = kFixedBytes + length;
  if (version_and_command != kLocal && version_and_command != kProxy) return refused();
  if (total > kProxyHeaderBytesMax) return refused();
  const bool names_client = version_and_command == kProxy && family != kUnspecified;
  if (names_client && family != kTcpOverIpv4 && family != kTcpOverIpv6) return refused();
  if (names_client && length < (family == kTcpOverIpv4 ? kIpv4Bytes : kIpv6Bytes)) return refused();
  if (input.size() < total) return {ProxyHeader::State::NeedsMore, total, std::nullopt};

  ProxyHeader header{ProxyHeader::State::Done, total, std::nullopt};
  if (names_client) {
    header.source = family == kTcpOverIpv4 ? ipv4_at(input, kFixedBytes) : ipv6_at(input, kFixedBytes);
  }
  return header;
}

}  // namespace kavach::http
