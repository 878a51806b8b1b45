#include "http/proxy_protocol.h"

#include <gmock/gmock.h>

#include "server_fixture.h"

namespace kavach::http {
namespace {

using namespace std::string_literals;
using State = ProxyHeader::State;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string kV4 = kSignature + "\x21\x11\x00\x0C"s + "\xCB\x00\x71\x09\x0A\x00\x00\x01\x30\x39\x13\x88"s;

std::string v6_header() {
  return kSignature + "\x21\x21\x00\x24"s + "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07"s +
         std::string(16, '\x01') + "\x30\x39\x13\x88"s;
}

TEST(ProxyProtocol, R15_ReadsTheSourceOfEachFamily) {
  const auto four = parse_proxy_header(kV4 + "GET /");
  EXPECT_EQ(four.state, State::Done);
  EXPECT_EQ(four.bytes, kV4.size());
  EXPECT_EQ(four.source->text(), "203.0.113.9");
  const auto six = parse_proxy_header(v6_header());
  EXPECT_EQ(six.state, State::Done);
  EXPECT_EQ(six.source->text(), "2001:db8::7");
}

TEST(ProxyProtocol, SkipsExtensionsAndKnowsTheProxysOwnConnections) {
  const auto extended = parse_proxy_header(kSignature + "\x21\x11\x00\x10"s +
                                           "\xCB\x00\x71\x09\x0A\x00\x00\x01\x30\x39\x13\x88"s +
                                           "\x04\x00\x01\x00"s);
  EXPECT_EQ(extended.state, State::Done);
  EXPECT_EQ(extended.bytes, 32U);
  const auto local = parse_proxy_header(kSignature + "\x20\x00\x00\x00"s);
  EXPECT_EQ(local.state, State::Done);
  EXPECT_FALSE(local.source);
  const auto unspecified = parse_proxy_header(kSignature + "\x21\x00\x00\x00"s);
  EXPECT_EQ(unspecified.state, State::Done);
  EXPECT_FALSE(unspecified.source);
}

TEST(ProxyProtocol, NeverAsksForMoreThanTheHeaderHas) {
  for (std::size_t size = 0; size < kV4.size(); ++size) {
    const auto header = parse_proxy_header(std::string_view{kV4}.substr(0, size));
    EXPECT_EQ(header.state, State::NeedsMore) << size;
    EXPECT_GT(header.bytes, size);
    EXPECT_LE(header.bytes, kV4.size());
  }
}

TEST(ProxyProtocol, RefusesEverythingElse) {
  const std::vector<std::string> bad{
      "PROXY TCP4 203.0.113.9 10.0.0.1 12345 5000\r\n",  // version 1
      "GET / HTTP/1.1\r\n",
      "\r\n\r\n\0\r\nQUIX"s,
      kSignature + "\x11\x11\x00\x0C"s,                // version 1 in binary
      kSignature + "\x22\x11\x00\x0C"s,                // unknown command
      kSignature + "\x21\x12\x00\x0C"s,                // UDP
      kSignature + "\x21\x31\x00\xD8"s,                // a Unix socket
      kSignature + "\x21\x11\x00\x0B"s,                // too short for IPv4
      kSignature + "\x21\x21\x00\x0C"s,                // too short for IPv6
      kSignature + "\x21\x11\xFF\xFF"s,                // absurd length
  };
  for (const auto& bytes : bad) {
    EXPECT_EQ(parse_proxy_header(bytes).state, State::Refused) << testing::PrintToString(bytes);
  }
}

class ProxyServerTest : public ServerTest {
 protected:
  ProxyServerTest() {
    settings.listeners[0].proxy_protocol = true;
    settings.proxies = {*Cidr::parse("127.0.0.1")};
    handler.on_handle = [](Request request, Executor&) -> Task<Response> {
      co_return Response::text(200, request.peer.text());
    };
  }
};

TEST_F(ProxyServerTest, R15_BelievesAConfiguredProxy) {
  start();
  EXPECT_EQ(ask(kV4 + test::request_text("GET", "/")).body, "203.0.113.9");
}

TEST_F(ProxyServerTest, R15_DoesNotBelieveAnybodyElse) {
  start();
  test::RawClient stranger{server->port(), "127.0.0.1", "127.0.0.5"};
  stranger.send(kV4 + test::request_text("GET", "/"));
  EXPECT_EQ(stranger.read_reply().status, 400);
  test::RawClient direct{server->port(), "127.0.0.1", "127.0.0.5"};
  direct.send(test::request_text("GET", "/"));
  EXPECT_EQ(direct.read_reply().body, "127.0.0.5");
}

TEST_F(ProxyServerTest, R15_AProxyThatSendsNoHeaderIsClosed) {
  start();
  auto connection = client();
  connection.send(test::request_text("GET", "/"));
  EXPECT_EQ(connection.read_to_end(), "");
}

TEST_F(ProxyServerTest, R18_ABannedClientBehindTheProxyIsClosed) {
  handler.on_admit_connection = [](const IpAddress& peer) { return peer.text() != "203.0.113.9"; };
  start();
  auto connection = client();
  connection.send(kV4 + test::request_text("GET", "/"));
  EXPECT_EQ(connection.read_to_end(), "");
  EXPECT_EQ(handler.handled, 0);
}

TEST_F(ProxyServerTest, R22_TheClientBehindTheProxyIsTheOneThatIsCounted) {
  settings.limits.connections_per_address_max = 1;
  start();
  auto first = client();
  first.send(kV4 + test::request_text("GET", "/"));
  EXPECT_EQ(first.read_reply().status, 200);
  auto second = client();
  second.send(kV4 + test::request_text("GET", "/"));
  EXPECT_EQ(second.read_to_end(), "");
  auto other = client();
  other.send(v6_header() + test::request_text("GET", "/"));
  EXPECT_EQ(other.read_reply().body, "2001:db8::7");
}

}  // namespace
}  // namespace kavach::http
