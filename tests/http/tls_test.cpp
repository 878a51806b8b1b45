#include "http/tls.h"

#include <gmock/gmock.h>

#include "server_fixture.h"
#include "support/temporary_folder.h"
#include "tls_client.h"

namespace kavach::http {
namespace {

using namespace std::string_literals;
using test::request_text;
using testing::HasSubstr;

class TlsTest : public ServerTest {
 protected:
  TlsTest() {
    settings.tls = make_certificate(folder.path(), "first");
    settings.listeners[0].tls = true;
  }
  test::TemporaryFolder folder;
};

TEST_F(TlsTest, ServesRequestsOverBothVersions) {
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient connection{server->port(), {.version_max = version, .alpn = "\x08http/1.1"}};
    ASSERT_TRUE(connection.is_connected());
    EXPECT_EQ(connection.version(), version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
    EXPECT_EQ(connection.protocol(), "http/1.1");
    connection.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody");
    EXPECT_THAT(connection.read_to_end(), HasSubstr("POST /a body"));
  }
}

TEST_F(TlsTest, RefusesOldVersionsAndForeignProtocols) {
  start();
  EXPECT_FALSE((TlsClient{server->port(), {.version_max = TLS1_1_VERSION}}.is_connected()));
  EXPECT_FALSE((TlsClient{server->port(), {.alpn = "\x02h2"}}.is_connected()));
  EXPECT_TRUE((TlsClient{server->port(), {.alpn = "\x02h2\x08http/1.1"}}.is_connected()));
}

TEST_F(TlsTest, MovesLargeBodiesBothWays) {
  handler.body_max = 4'000'000;
  handler.on_handle = [](Request request, Executor&) -> Task<Response> {
    co_return Response::text(200, std::move(request.body));
  };
  start();
  TlsClient connection{server->port(), {}};
  std::string body(1'500'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 26);
  connection.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n");
  connection.send(body);
  const std::string reply = connection.read_to_end();
  EXPECT_EQ(reply.substr(reply.find("\r\n\r\n") + 4), body);
}

TEST_F(TlsTest, AReloadReplacesTheCertificateAndABadOneChangesNothing) {
  start();
  TlsClient old{server->port(), {}};
  EXPECT_EQ(old.certificate_name(), "first");
  static_cast<void>(make_certificate(folder.path(), "second"));
  ASSERT_OK(server->reload_tls());
  EXPECT_EQ((TlsClient{server->port(), {}}.certificate_name()), "second");
  old.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(old.read_to_end(), HasSubstr("200 OK"));

  std::filesystem::resize_file(settings.tls->private_key, 10);
  const auto reloaded = server->reload_tls();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().message, HasSubstr("TLS_KEY_FILE"));
  EXPECT_EQ((TlsClient{server->port(), {}}.certificate_name()), "second");
}

TEST_F(TlsTest, PlainTextOnATlsPortIsClosed) {
  start();
  auto plain = client();
  plain.send(request_text("GET", "/"));
  EXPECT_EQ(plain.read_to_end().find("HTTP"), std::string::npos);
  EXPECT_EQ(handler.handled, 0);
}

TEST_F(TlsTest, R22_AHandshakeThatStallsIsCut) {
  settings.limits.tls_handshake_max = milliseconds{20};
  start();
  auto silent = client();
  EXPECT_TRUE(silent.is_closed_by_server());
}

TEST_F(TlsTest, TheProxyHeaderComesBeforeTheHandshake) {
  settings.listeners[0].proxy_protocol = true;
  settings.proxies = {*Cidr::parse("127.0.0.1")};
  start();
  // Without the header the proxy's first bytes are not a handshake either.
  EXPECT_FALSE((TlsClient{server->port(), {}}.is_connected()));
}

TEST_F(TlsTest, AMissingCertificateStopsTheStart) {
  settings.tls.reset();
  server = std::make_unique<Server>(settings, handler, clock, Logger::silent());
  const auto started = server->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::InvalidInput);
}

}  // namespace
}  // namespace kavach::http
