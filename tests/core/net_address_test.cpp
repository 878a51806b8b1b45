#include "core/net_address.h"

#include <gtest/gtest.h>

namespace kavach {
namespace {

TEST(NetAddress, R15_OneCanonicalForm) {
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.7"), IpAddress::parse("192.0.2.7"));
  EXPECT_EQ(IpAddress::parse("fe80::1%eth0"), IpAddress::parse("[fe80::1]"));
  EXPECT_EQ(IpAddress::parse("2001:DB8:0::1")->text(), "2001:db8::1");
  for (const char* bad : {"", "1.2.3", "01.2.3.4", "1.2.3.4:80", "[1.2.3.4]", "::1%", "1.2.3.4%e",
                          "[::1", "localhost", "1.2.3.4 "}) {
    EXPECT_FALSE(IpAddress::parse(bad)) << bad;
  }
}

TEST(NetAddress, CidrContainsItsHostsOnly) {
  const auto net = *Cidr::parse("10.20.0.0/16");
  EXPECT_TRUE(net.contains(*IpAddress::parse("10.20.255.1")));
  EXPECT_FALSE(net.contains(*IpAddress::parse("10.21.0.1")));
  EXPECT_FALSE(net.contains(*IpAddress::parse("::1")));
  EXPECT_EQ(net.text(), "10.20.0.0/16");
  for (const char* bad : {"10.0.0.1/8", "1.2.3.4/33", "1.2.3.4/", "::1/129", "x/8", "1.2.3.4/-1"}) {
    EXPECT_FALSE(Cidr::parse(bad)) << bad;
  }
}

TEST(NetAddress, R15_TheFamiliesDoNotMeet) {
  EXPECT_FALSE(Cidr::parse("::/0")->contains(*IpAddress::parse("203.0.113.9")));
  EXPECT_FALSE(Cidr::parse("::/64")->contains(*IpAddress::parse("127.0.0.1")));
  EXPECT_FALSE(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("2001:db8::1")));
  EXPECT_TRUE(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("::ffff:203.0.113.9")));
  EXPECT_TRUE(Cidr::parse("::/0")->contains(*IpAddress::parse("::1")));
}

TEST(NetAddress, AnIpv6OffenderIsItsSlash64) {
  EXPECT_EQ(Cidr::offender(*IpAddress::parse("2001:db8:1:2:3:4:5:6")).text(), "2001:db8:1:2::/64");
  EXPECT_EQ(Cidr::offender(*IpAddress::parse("192.0.2.7")).text(), "192.0.2.7");
}

TEST(IpAddress, KnowsLoopbackAndPrivateNetworksToTheirEdges) {
  const auto address = [](const char* text) { return IpAddress::parse(text).value(); };
  for (const char* text : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"}) EXPECT_TRUE(address(text).is_loopback()) << text;
  for (const char* text : {"126.255.255.255", "128.0.0.0", "::", "::2", "10.0.0.1"}) EXPECT_FALSE(address(text).is_loopback()) << text;
  for (const char* text : {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.1", "169.254.1.1", "100.64.0.0",
                           "100.127.255.255", "fc00::", "fdff::1", "fe80::1", "febf::1"}) {
    EXPECT_TRUE(address(text).is_private()) << text;
  }
  for (const char* text : {"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "169.253.0.1",
                           "100.63.255.255", "100.128.0.0", "fbff::1", "fe00::1", "fec0::1", "2001:db8::1", "127.0.0.1"}) {
    EXPECT_FALSE(address(text).is_private()) << text;
  }
}

}  // namespace
}  // namespace kavach
