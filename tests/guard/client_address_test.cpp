#include "guard/client_address.h"

#include <gtest/gtest.h>

namespace kavach::guard {
namespace {

struct Case {
  const char* what;
  const char* peer;
  std::vector<http::Header> headers;
  const char* client;
  bool ambiguous{false};
};

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

http::RequestHead head_of(const char* peer, std::vector<http::Header> headers) {
  http::RequestHead head;
  head.peer = ip(peer);
  head.headers = std::move(headers);
  return head;
}

// Trusted: 10.0.0.0/8, 127.0.0.1 and 2001:db8:aaaa::/48.
const ClientAddressResolver& resolver() {
  static const ClientAddressResolver instance{
      {Cidr::parse("10.0.0.0/8").value(), Cidr::parse("127.0.0.1").value(), Cidr::parse("2001:db8:aaaa::/48").value()}};
  return instance;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"no header", "203.0.113.9", {}, "203.0.113.9"},
      {"a stranger's header is nothing", "203.0.113.9", {{"X-Forwarded-For", "198.51.100.1"}}, "203.0.113.9"},
      {"a stranger cannot be loopback", "203.0.113.9", {{"X-Forwarded-For", "127.0.0.1"}}, "203.0.113.9"},
      {"a stranger's X-Real-IP", "203.0.113.9", {{"X-Real-IP", "198.51.100.1"}}, "203.0.113.9"},
      {"a stranger's Forwarded", "203.0.113.9", {{"Forwarded", "for=198.51.100.1"}}, "203.0.113.9"},
      {"one hop", "10.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}}, "198.51.100.1"},
      {"header names ignore case", "10.0.0.1", {{"x-forwarded-FOR", "198.51.100.1"}}, "198.51.100.1"},
      {"what the client wrote first", "10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 198.51.100.1"}}, "198.51.100.1"},
      {"a claimed loopback on the left", "10.0.0.1", {{"X-Forwarded-For", "127.0.0.1, 198.51.100.1"}}, "198.51.100.1"},
      {"a claimed proxy on the left", "10.0.0.1", {{"X-Forwarded-For", "10.9.9.9, 198.51.100.1"}}, "198.51.100.1"},
      {"two proxies", "10.0.0.1", {{"X-Forwarded-For", "198.51.100.1, 10.0.0.2"}}, "198.51.100.1"},
      {"three proxies", "10.0.0.1", {{"X-Forwarded-For", "198.51.100.1, 10.0.0.3, 10.0.0.2"}}, "198.51.100.1"},
      {"an untrusted hop between", "10.0.0.1", {{"X-Forwarded-For", "8.8.8.8, 192.0.2.7, 10.0.0.2"}}, "192.0.2.7"},
      {"only proxies", "10.0.0.1", {{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}}, "10.0.0.3"},
      {"two header lines are one list", "10.0.0.1",
       {{"X-Forwarded-For", "8.8.8.8"}, {"X-Forwarded-For", "198.51.100.1"}}, "198.51.100.1"},
      {"no spaces", "10.0.0.1", {{"X-Forwarded-For", "8.8.8.8,198.51.100.1"}}, "198.51.100.1"},
      {"tabs and spaces", "10.0.0.1", {{"X-Forwarded-For", "8.8.8.8 ,\t 198.51.100.1 "}}, "198.51.100.1"},
      {"empty elements", "10.0.0.1", {{"X-Forwarded-For", "198.51.100.1, ,"}}, "198.51.100.1"},
      {"empty header", "10.0.0.1", {{"X-Forwarded-For", ""}}, "10.0.0.1"},
      {"a port", "10.0.0.1", {{"X-Forwarded-For", "198.51.100.1:4711"}}, "198.51.100.1"},
      {"a nonsense port", "10.0.0.1", {{"X-Forwarded-For", "198.51.100.1:http"}}, "10.0.0.1"},
      {"IPv6", "10.0.0.1", {{"X-Forwarded-For", "2001:db8::1"}}, "2001:db8::1"},
      {"IPv6 in brackets", "10.0.0.1", {{"X-Forwarded-For", "[2001:db8::1]"}}, "2001:db8::1"},
      {"IPv6 with a port", "10.0.0.1", {{"X-Forwarded-For", "[2001:db8::1]:4711"}}, "2001:db8::1"},
      {"IPv6 with a zone", "10.0.0.1", {{"X-Forwarded-For", "fe80::1%eth0"}}, "fe80::1"},
      {"IPv4-mapped IPv6 is IPv4", "10.0.0.1", {{"X-Forwarded-For", "::ffff:198.51.100.1"}}, "198.51.100.1"},
      {"an IPv4-mapped peer is a proxy too", "::ffff:10.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}}, "198.51.100.1"},
      {"an IPv6 proxy", "2001:db8:aaaa::5", {{"X-Forwarded-For", "198.51.100.1"}}, "198.51.100.1"},
      {"a bracket is not closed", "10.0.0.1", {{"X-Forwarded-For", "[2001:db8::1"}}, "10.0.0.1"},
      {"garbage from a proxy", "10.0.0.1", {{"X-Forwarded-For", "unknown"}}, "10.0.0.1"},
      {"garbage on the left is not reached", "10.0.0.1", {{"X-Forwarded-For", "<script>, 198.51.100.1"}}, "198.51.100.1"},
      {"garbage behind a proxy", "10.0.0.1", {{"X-Forwarded-For", "8.8.8.8, _hidden, 10.0.0.2"}}, "10.0.0.2"},
      {"octal is no address", "10.0.0.1", {{"X-Forwarded-For", "0177.0.0.1"}}, "10.0.0.1"},
      {"a short IPv4 is no address", "10.0.0.1", {{"X-Forwarded-For", "127.1"}}, "10.0.0.1"},
      {"X-Real-IP alone", "10.0.0.1", {{"X-Real-IP", "198.51.100.1"}}, "198.51.100.1"},
      {"Forwarded alone", "10.0.0.1", {{"Forwarded", "for=198.51.100.1;proto=https;by=10.0.0.1"}}, "198.51.100.1"},
      {"Forwarded, quoted IPv6 with port", "10.0.0.1", {{"Forwarded", "For=\"[2001:db8::1]:4711\""}}, "2001:db8::1"},
      {"Forwarded, several hops", "10.0.0.1", {{"Forwarded", "for=8.8.8.8, for=198.51.100.1, for=10.0.0.2"}},
       "198.51.100.1"},
      {"Forwarded, hidden", "10.0.0.1", {{"Forwarded", "for=_secret"}}, "10.0.0.1"},
      {"Forwarded without for", "10.0.0.1", {{"Forwarded", "proto=https"}}, "10.0.0.1"},
      {"two kinds that agree", "10.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}, {"X-Real-IP", "198.51.100.1"}},
       "198.51.100.1"},
      {"an outer proxy in the other header", "10.0.0.1",
       {{"X-Forwarded-For", "198.51.100.1, 10.0.0.2"}, {"X-Real-IP", "10.0.0.2"}}, "198.51.100.1"},
      {"the client adds X-Real-IP", "10.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}, {"X-Real-IP", "9.9.9.9"}},
       "198.51.100.1", true},
      {"the client adds Forwarded", "10.0.0.1", {{"X-Real-IP", "198.51.100.1"}, {"Forwarded", "for=9.9.9.9"}},
       "9.9.9.9", true},
  };
  return all;
}

TEST(ClientAddress, R15_TableOfForwardedHeaders) {
  ASSERT_GE(cases().size(), 40U);
  for (const Case& one : cases()) {
    const ClientAddress client = resolver().resolve(head_of(one.peer, one.headers));
    EXPECT_EQ(client.address.text(), one.client) << one.what;
    EXPECT_EQ(client.ambiguous, one.ambiguous) << one.what;
  }
}

TEST(ClientAddress, R15_OnlyATrustedProxyMakesAConnectionSecure) {
  EXPECT_FALSE(resolver().resolve(head_of("203.0.113.9", {{"X-Forwarded-Proto", "https"}})).secure);
  EXPECT_TRUE(resolver().resolve(head_of("10.0.0.1", {{"X-Forwarded-Proto", "https"}})).secure);
  EXPECT_TRUE(resolver().resolve(head_of("10.0.0.1", {{"Forwarded", "for=1.2.3.4;proto=https"}})).secure);
  EXPECT_FALSE(resolver().resolve(head_of("10.0.0.1", {{"X-Forwarded-Proto", "http"}})).secure);
  EXPECT_FALSE(resolver().resolve(head_of("10.0.0.1", {{"X-Forwarded-Proto", "https, http"}})).secure)
      << "the client's own https in front of the proxy's http";
}

TEST(ClientAddress, NoticesAProxyThatNobodyTrusts) {
  const ClientAddressResolver trusting_nobody{{}};
  EXPECT_TRUE(trusting_nobody.resolve(head_of("172.17.0.1", {{"X-Forwarded-For", "8.8.8.8"}})).unknown_proxy);
  EXPECT_TRUE(trusting_nobody.resolve(head_of("127.0.0.1", {{"X-Real-IP", "8.8.8.8"}})).unknown_proxy);
  EXPECT_FALSE(trusting_nobody.resolve(head_of("172.17.0.1", {})).unknown_proxy);
  EXPECT_FALSE(trusting_nobody.resolve(head_of("203.0.113.9", {{"X-Forwarded-For", "8.8.8.8"}})).unknown_proxy)
      << "a public client may write what it likes";
  EXPECT_EQ(trusting_nobody.resolve(head_of("172.17.0.1", {{"X-Forwarded-For", "8.8.8.8"}})).address.text(), "172.17.0.1");
}

}  // namespace
}  // namespace kavach::guard
