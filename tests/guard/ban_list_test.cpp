#include "guard/ban_list.h"

#include <gtest/gtest.h>

#include <map>

#include "core/random.h"

namespace kavach::guard {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::year{2027} / 6 / 29}};

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }
Cidr net(const char* text) { return Cidr::parse(text).value(); }

TEST(BanList, R18_NetworksOfBothFamilies) {
  BanList list{1};
  list.set({net("203.0.113.9"), {}}, kStart);
  list.set({net("198.51.100.0/24"), {}}, kStart);
  list.set({net("2001:db8:1:2::/64"), {}}, kStart);
  EXPECT_TRUE(list.is_banned(ip("203.0.113.9"), kStart));
  EXPECT_TRUE(list.is_banned(ip("::ffff:203.0.113.9"), kStart)) << "the same address in other clothes";
  EXPECT_FALSE(list.is_banned(ip("203.0.113.8"), kStart));
  EXPECT_TRUE(list.is_banned(ip("198.51.100.0"), kStart));
  EXPECT_TRUE(list.is_banned(ip("198.51.100.255"), kStart));
  EXPECT_FALSE(list.is_banned(ip("198.51.101.0"), kStart));
  EXPECT_TRUE(list.is_banned(ip("2001:db8:1:2:ffff::1"), kStart));
  EXPECT_FALSE(list.is_banned(ip("2001:db8:1:3::1"), kStart));
  EXPECT_FALSE(list.is_banned(ip("::"), kStart));
}

TEST(BanList, R15_ANetworkOfIpv6HoldsNoAddressOfIpv4) {
  BanList list{1};
  list.set({net("::/64"), {}}, kStart);
  EXPECT_TRUE(list.is_banned(ip("::6"), kStart));
  EXPECT_FALSE(list.is_banned(ip("203.0.113.9"), kStart)) << "though it is written ::ffff:203.0.113.9";
  list.set({net("::/0"), {}}, kStart);
  EXPECT_TRUE(list.is_banned(ip("2001:db8::1"), kStart));
  EXPECT_FALSE(list.is_banned(ip("203.0.113.9"), kStart));
}

TEST(BanList, R18_ExpiresOnTimeWithoutHelp) {
  BanList list{1};
  list.set({net("203.0.113.9"), kStart + 24h}, kStart);
  EXPECT_TRUE(list.is_banned(ip("203.0.113.9"), kStart + 24h - 1us));
  EXPECT_FALSE(list.is_banned(ip("203.0.113.9"), kStart + 24h));
}

TEST(BanList, R16_ExtendNeverShortens) {
  BanList list{1};
  list.set({net("203.0.113.9"), kStart + 48h}, kStart);
  list.extend({net("203.0.113.9"), kStart + 24h}, kStart);
  EXPECT_TRUE(list.is_banned(ip("203.0.113.9"), kStart + 47h));
  list.extend({net("203.0.113.9"), {}}, kStart);
  list.extend({net("203.0.113.9"), kStart + 24h}, kStart);
  EXPECT_TRUE(list.is_banned(ip("203.0.113.9"), kStart + 24h * 3'650));
}

// Against a plain map, through every fold of the difference into the base.
TEST(BanList, R18_AgreesWithAModel) {
  BanList list{99};
  std::map<Cidr, std::optional<TimePoint>> model;
  SeededRandom random{3};
  TimePoint now = kStart;
  const auto random_address = [&] { return IpAddress::v4(0x0a000000U + static_cast<std::uint32_t>(random.below(5'000))); };
  const auto random_network = [&] {
    const IpAddress address = random_address();
    if (random.below(20) > 0) return Cidr::host(address);
    const std::string text = address.text();
    return Cidr::parse(text.substr(0, text.rfind('.')) + ".0/24").value();
  };
  for (int step = 0; step < 20'000; ++step) {
    const Cidr network = random_network();
    if (random.below(4) == 0) {
      list.remove(network, now);
      model.erase(network);
    } else {
      std::optional<TimePoint> until = now + Micros{random.below(5'000'000)};
      if (random.below(10) == 0) until.reset();
      list.set({network, until}, now);
      model[network] = until;
    }
    now += Micros{random.below(1'000)};
    const IpAddress asked = random_address();
    bool expected = false;
    for (const Cidr& candidate : {Cidr::host(asked), Cidr::parse(asked.text().substr(0, asked.text().rfind('.')) + ".0/24").value()}) {
      const auto known = model.find(candidate);
      expected = expected || (known != model.end() && (!known->second || *known->second > now));
    }
    ASSERT_EQ(list.is_banned(asked, now), expected) << "step " << step << " " << asked.text();
  }
}

TEST(BanList, AMillionBansLoadAndChange) {
  std::vector<BanInForce> bans;
  for (std::uint32_t n = 0; n < 1'000'000; ++n) bans.push_back({Cidr::host(IpAddress::v4(0x50000000U + n * 7)), {}});
  BanList list{5};
  list.load(bans);
  EXPECT_TRUE(list.is_banned(IpAddress::v4(0x50000000U + 7 * 999'999), kStart));
  EXPECT_FALSE(list.is_banned(IpAddress::v4(0x50000001U), kStart));
  list.set({net("203.0.113.9"), {}}, kStart);
  list.remove(Cidr::host(IpAddress::v4(0x50000000U)), kStart);
  EXPECT_TRUE(list.is_banned(ip("203.0.113.9"), kStart));
  EXPECT_FALSE(list.is_banned(IpAddress::v4(0x50000000U), kStart));
}

}  // namespace
}  // namespace kavach::guard
