#pragma once

// One canonical form for every client address: IPv4-mapped IPv6 is folded to IPv4, zone ids are
// dropped. Bans, limits and records compare these values and never texts.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kavach {

class IpAddress {
 public:
  constexpr IpAddress() = default;  ///< `::`
  /// Accepts `1.2.3.4`, `::1`, `[::1]`, `fe80::1%eth0`; no port, no octal or short IPv4 forms.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  [[nodiscard]] static IpAddress v4(std::uint32_t host_order);
  [[nodiscard]] static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);

  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] bool is_loopback() const;
  /// RFC 1918, RFC 4193, link-local or RFC 6598 shared space.
  [[nodiscard]] bool is_private() const;
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};  ///< IPv4 as ::ffff:a.b.c.d
};

/// A network. The prefix counts the address family's own bits (0..32 or 0..128).
class Cidr {
 public:
  constexpr Cidr() = default;
  /// `10.0.0.0/8`, `2001:db8::/32`, or a bare address (a single host). Host bits must be zero.
  [[nodiscard]] static std::optional<Cidr> parse(std::string_view text);
  [[nodiscard]] static Cidr host(const IpAddress& address);
  /// What one offender is punished as: the address for IPv4, its /64 for IPv6.
  [[nodiscard]] static Cidr offender(const IpAddress& address);

  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] bool is_single_host() const { return bits_ == 128; }
  [[nodiscard]] const IpAddress& base() const { return base_; }
  /// Prefix length in the 128-bit canonical form (IPv4 /24 is 120).
  [[nodiscard]] int canonical_bits() const { return bits_; }
  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const Cidr&, const Cidr&) = default;

 private:
  IpAddress base_{};
  int bits_{128};
};

}  // namespace kavach

template <>
struct std::hash<kavach::IpAddress> {
  std::size_t operator()(const kavach::IpAddress& address) const noexcept;
};
