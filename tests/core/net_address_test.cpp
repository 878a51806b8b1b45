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

TEST(NetAddress, AnIpv6OffenderIsItsSlash64) {
  EXPECT_EQ(Cidr::offender(*IpAddress::parse("2001:db8:1:2:3:4:5:6")).text(), "2001:db8:1:2::/64");
  EXPECT_EQ(Cidr::offender(*IpAddress::parse("192.0.2.7")).text(), "192.0.2.7");
}

}  // namespace
}  // namespace kavach
