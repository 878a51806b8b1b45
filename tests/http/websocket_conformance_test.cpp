// The table of tests/http/websocket_cases.h against a real server that echoes.

#include <gmock/gmock.h>

#include "support/websocket_client.h"
#include "websocket_cases.h"
#include "websocket_handler.h"

namespace kavach::http {
namespace {

using namespace std::string_literals;
using namespace conformance;
using kavach::test::client_frame;
using kavach::test::close_payload;
using kavach::test::WebSocketClient;

std::vector<Case> all_cases() {
  auto all = framing_cases();
  std::ranges::move(text_cases(), std::back_inserter(all));
  return all;
}

class WebSocketConformance : public WebSocketTest {
 protected:
  void expect(const Case& each, WebSocketClient& connection) {
    for (const auto& expected : each.echoed) {
      const auto frame = connection.read_frame();
      EXPECT_EQ(frame.first_byte, expected.first_byte) << each.name;
      EXPECT_EQ(frame.payload == expected.payload, true) << each.name;
    }
    if (each.close == 0) {
      connection.send(client_frame(kPing, "alive"));
      EXPECT_EQ(connection.read_frame().payload, "alive") << each.name;
      return;
    }
    EXPECT_EQ(connection.read_frame().close_code(), each.close) << each.name;
    EXPECT_EQ(connection.read_frame().first_byte, 0U) << each.name;
  }
};

TEST_F(WebSocketConformance, R38_EveryCase) {
  start();
  const auto cases = all_cases();
  EXPECT_GE(cases.size(), 500U);
  for (const auto& each : cases) {
    WebSocketClient connection{server->port()};
    ASSERT_EQ(connection.status(), 101);
    connection.send(each.sent);
    expect(each, connection);
  }
}

TEST_F(WebSocketConformance, R38_EveryCompressedCase) {
  start();
  const auto cases = compressed_cases();
  EXPECT_GE(cases.size(), 100U);
  // Whatever the client asks for and whatever else it can do, its messages are read.
  for (const std::string& offer : compression_offers()) {
    for (const auto& each : cases) {
      WebSocketClient connection{server->port(), "/ws", offer};
      ASSERT_THAT(connection.upgrade_reply().header("Sec-WebSocket-Extensions"), testing::StartsWith("permessage-deflate"));
      connection.send(each.sent);
      expect(each, connection);
    }
  }
}

// Also with compression agreed on, everything else holds; and without, a compressed frame is none.
TEST_F(WebSocketConformance, R38_AgreeingOnCompressionChangesNothingElse) {
  start();
  for (const auto& each : all_cases()) {
    if (each.is_reserved) continue;
    WebSocketClient connection{server->port(), "/ws", "permessage-deflate"};
    connection.send(each.sent);
    expect(each, connection);
  }
  for (const char* offer : {"", "permessage-deflate; unknown", "permessage-bzip2"}) {
    WebSocketClient connection{server->port(), "/ws", offer};
    ASSERT_EQ(connection.status(), 101);
    EXPECT_EQ(connection.upgrade_reply().header("Sec-WebSocket-Extensions"), "") << offer;
    connection.send(client_frame(kDeflatedText, deflated("x")));
    EXPECT_EQ(connection.read_frame().close_code(), 1002U) << offer;
  }
  EXPECT_EQ(WebSocketClient(server->port(), "/ws", "permessage-deflate;").status(), 400);
}

TEST_F(WebSocketConformance, R38_ADecompressionBombIsCutWhileItInflates) {
  listener->message_max = 16'384;
  start();
  const std::string bomb = deflated(std::string(10'000'000, 'a'));
  EXPECT_LT(bomb.size(), 60'000U);
  for (const std::size_t piece : {bomb.size(), std::size_t{100}}) {
    WebSocketClient connection{server->port(), "/ws", "permessage-deflate"};
    connection.send(fragmented(kDeflatedText, bomb, piece));
    EXPECT_EQ(connection.read_frame().close_code(), 1009U);
  }
  WebSocketClient fits{server->port(), "/ws", "permessage-deflate"};
  fits.send(client_frame(kDeflatedText, deflated(std::string(16'384, 'a'))));
  EXPECT_EQ(fits.read_frame().payload.size(), 16'384U);
}

TEST_F(WebSocketConformance, R38_EveryCaseInPiecesOfThreeBytes) {
  start();
  for (const auto& each : all_cases()) {
    if (each.sent.size() > 500) continue;
    WebSocketClient connection{server->port()};
    for (std::size_t at = 0; at < each.sent.size(); at += 3) {
      if (!connection.send(std::string_view{each.sent}.substr(at, 3))) break;
    }
    expect(each, connection);
  }
}

TEST_F(WebSocketConformance, R38_AMessageTooLargeIsRefusedByItsLength) {
  listener->message_max = 1'000;
  start();
  WebSocketClient whole{server->port()};
  whole.send("\x82\xFF\x00\x00\x7F\xFF\xFF\xFF\xFF\xFF\x01\x02\x03\x04"s);
  EXPECT_EQ(whole.read_frame().close_code(), 1009U);
  WebSocketClient parts{server->port()};
  parts.send(client_frame(kBinaryStart, std::string(600, 'x')) + client_frame(kEnd, std::string(600, 'x')));
  EXPECT_EQ(parts.read_frame().close_code(), 1009U);
  WebSocketClient fits{server->port()};
  fits.send(client_frame(kBinaryStart, std::string(600, 'x')) + client_frame(kEnd, std::string(400, 'x')));
  EXPECT_EQ(fits.read_frame().payload.size(), 1'000U);
}

}  // namespace
}  // namespace kavach::http
