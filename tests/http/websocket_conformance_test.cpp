// What a WebSocket server must do with good and bad frames (RFC 6455), as a table of what the client
// sends and what must come back, against a real server that echoes.

#include <gmock/gmock.h>

#include "http/websocket_deflate.h"
#include "support/websocket_client.h"
#include "websocket_handler.h"

namespace kavach::http {
namespace {

using namespace std::string_literals;
using test::client_frame;
using test::close_payload;
using test::WebSocketClient;

constexpr unsigned kText = 0x81;
constexpr unsigned kTextStart = 0x01;
constexpr unsigned kBinary = 0x82;
constexpr unsigned kBinaryStart = 0x02;
constexpr unsigned kMore = 0x00;
constexpr unsigned kEnd = 0x80;
constexpr unsigned kClose = 0x88;
constexpr unsigned kPing = 0x89;
constexpr unsigned kPong = 0x8A;

struct Expected {
  unsigned first_byte;
  std::string payload;
};

struct Case {
  std::string name;
  std::string sent;
  std::vector<Expected> echoed;
  unsigned close{0};  ///< the code the server must close with; 0: it stays open
};

void add_framing(std::vector<Case>& all) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 128U, 65'535U, 65'536U, 200'000U}) {
    const std::string payload(size, '*');
    all.push_back({"text of " + std::to_string(size), client_frame(kText, payload), {{kText, payload}}});
    all.push_back({"binary of " + std::to_string(size), client_frame(kBinary, payload), {{kBinary, payload}}});
  }
  all.push_back({"mask of zeros", client_frame(kText, "abc", 0), {{kText, "abc"}}});
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    all.push_back({"reserved opcode " + std::to_string(opcode), client_frame(0x80U | opcode, "x"), {}, 1002});
  }
  for (const unsigned reserved : {0x40U, 0x20U, 0x10U, 0x70U}) {
    all.push_back({"reserved bit", client_frame(kText | reserved, "x"), {}, 1002});
    all.push_back({"reserved bit on ping", client_frame(kPing | reserved, "x"), {}, 1002});
  }
  all.push_back({"unmasked text", "\x81\x03"s + "abc", {}, 1002});
  all.push_back({"unmasked ping", "\x89\x00"s, {}, 1002});
  all.push_back({"unmasked close", "\x88\x02\x03\xE8"s, {}, 1002});
  all.push_back({"16-bit length for 5", "\x81\xFE\x00\x05\x00\x00\x00\x00hello"s, {}, 1002});
  all.push_back({"64-bit length for 5", "\x81\xFF\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00hello"s, {}, 1002});
  all.push_back({"64-bit length with sign", "\x82\xFF\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"s, {}, 1002});
  all.push_back({"good before bad", client_frame(kText, "a") + client_frame(0x83, "x"), {{kText, "a"}}, 1002});
}

void add_control(std::vector<Case>& all) {
  const std::string longest(125, '.');
  all.push_back({"empty ping", client_frame(kPing, ""), {{kPong, ""}}});
  all.push_back({"ping with text", client_frame(kPing, "hi"), {{kPong, "hi"}}});
  all.push_back({"ping with binary", client_frame(kPing, "\0\xFF\xFE\n"s), {{kPong, "\0\xFF\xFE\n"s}}});
  all.push_back({"longest ping", client_frame(kPing, longest), {{kPong, longest}}});
  all.push_back({"ping too long", client_frame(kPing, longest + "."), {}, 1002});
  all.push_back({"fragmented ping", client_frame(0x09, "x"), {}, 1002});
  all.push_back({"fragmented pong", client_frame(0x0A, "x"), {}, 1002});
  all.push_back({"fragmented close", client_frame(0x08, ""), {}, 1002});
  all.push_back({"unsolicited pong", client_frame(kPong, "x") + client_frame(kText, "y"), {{kText, "y"}}});
  std::string pings;
  std::vector<Expected> pongs;
  for (int i = 0; i < 10; ++i) {
    pings += client_frame(kPing, std::to_string(i));
    pongs.push_back({kPong, std::to_string(i)});
  }
  all.push_back({"ten pings", pings, pongs});
}

void add_fragments(std::vector<Case>& all) {
  const std::string start = client_frame(kTextStart, "frag");
  all.push_back({"two fragments", start + client_frame(kEnd, "ment"), {{kText, "fragment"}}});
  all.push_back({"binary fragments", client_frame(kBinaryStart, "\xFF"s) + client_frame(kMore, "\xFE"s) + client_frame(kEnd, "\xFD"s),
                 {{kBinary, "\xFF\xFE\xFD"s}}});
  all.push_back({"empty fragments", client_frame(kTextStart, "") + client_frame(kMore, "") + client_frame(kEnd, ""), {{kText, ""}}});
  all.push_back({"ping between fragments", start + client_frame(kPing, "p") + client_frame(kEnd, "ment"),
                 {{kPong, "p"}, {kText, "fragment"}}});
  all.push_back({"pong between fragments", start + client_frame(kPong, "p") + client_frame(kEnd, ""), {{kText, "frag"}}});
  all.push_back({"continuation of nothing", client_frame(kEnd, "x"), {}, 1002});
  all.push_back({"open continuation of nothing", client_frame(kMore, "x"), {}, 1002});
  all.push_back({"text inside fragments", start + client_frame(kText, "x"), {}, 1002});
  all.push_back({"binary inside fragments", start + client_frame(kBinaryStart, "x"), {}, 1002});
  all.push_back({"continuation after the end", start + client_frame(kEnd, "x") + client_frame(kEnd, "y"), {{kText, "fragx"}}, 1002});
  all.push_back({"close between fragments", start + client_frame(kClose, close_payload(1000)), {}, 1000});
}

void add_text(std::vector<Case>& all) {
  const std::string good = "Hello-\xC2\xB5@\xC3\x9F\xC3\xB6-\xE2\x82\xB9-\xF0\x9F\x94\x92";
  all.push_back({"UTF-8", client_frame(kText, good), {{kText, good}}});
  std::string by_byte;
  for (std::size_t i = 0; i < good.size(); ++i) {
    const unsigned end = i + 1 == good.size() ? 0x80U : 0U;
    by_byte += client_frame((i == 0 ? 1U : 0U) | end, good.substr(i, 1));
  }
  all.push_back({"UTF-8 cut into bytes", by_byte, {{kText, good}}});
  all.push_back({"noncharacter", client_frame(kText, "\xEF\xBF\xBF"), {{kText, "\xEF\xBF\xBF"}}});
  all.push_back({"last code point", client_frame(kText, "\xF4\x8F\xBF\xBF"), {{kText, "\xF4\x8F\xBF\xBF"}}});
  const std::vector<std::pair<std::string, std::string>> bad{
      {"lone continuation", "\x80"},         {"FE", "\xFE"},
      {"overlong slash", "\xC0\xAF"},        {"overlong three", "\xE0\x80\xAF"},
      {"overlong four", "\xF0\x80\x80\xAF"}, {"surrogate", "\xED\xA0\x80"},
      {"beyond Unicode", "\xF4\x90\x80\x80"}, {"five bytes", "\xF8\x88\x80\x80\x80"},
      {"cut short", "\xE2\x82"},             {"good then bad", "abcdefghij\xCE\xBA\xED\xA0\x80"},
      {"bad after long ASCII", std::string(1'000, 'a') + "\xFF"},
  };
  for (const auto& [name, payload] : bad) {
    all.push_back({"text: " + name, client_frame(kText, payload), {}, 1007});
    all.push_back({"binary may: " + name, client_frame(kBinary, payload), {{kBinary, payload}}});
  }
  // The first bad byte is enough: the rest of the message never comes.
  all.push_back({"fails fast", client_frame(kTextStart, "\xCE\xBA\xED\xA0"), {}, 1007});
  all.push_back({"character cut by the end", client_frame(kTextStart, "a\xE2") + client_frame(kEnd, "\x82"), {}, 1007});
}

void add_closes(std::vector<Case>& all) {
  const auto close = [](std::string payload) { return client_frame(kClose, payload); };
  all.push_back({"close without code", close(""), {}, 1000});
  all.push_back({"close of one byte", close("\x03"), {}, 1002});
  all.push_back({"close with reason", close(close_payload(1000, "bye")), {}, 1000});
  all.push_back({"close with longest reason", close(close_payload(1000, std::string(123, 'r'))), {}, 1000});
  all.push_back({"close with bad reason", close(close_payload(1000, "\xFF")), {}, 1007});
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1014U, 3000U, 3999U, 4000U, 4999U}) {
    all.push_back({"close " + std::to_string(code), close(close_payload(code)), {}, code});
  }
  for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65'535U}) {
    all.push_back({"close " + std::to_string(code), close(close_payload(code)), {}, 1002});
  }
  all.push_back({"message after close", client_frame(kText, "a") + close(close_payload(1000)) + client_frame(kText, "b"),
                 {{kText, "a"}}, 1000});
}

// Compression (RFC 7692): what the Autobahn suite does in its chapters 12 and 13.
constexpr unsigned kDeflatedText = 0xC1;
constexpr unsigned kDeflatedBinary = 0xC2;
constexpr unsigned kDeflatedTextStart = 0x41;

std::string deflated(std::string_view text) { return MessageDeflater{}.deflate(text); }

/// JSON, prose, noise and repetition of many sizes.
std::vector<std::string> sample_payloads() {
  std::vector<std::string> all;
  for (const std::size_t size : {0U, 1U, 16U, 64U, 256U, 1'024U, 4'096U, 8'192U, 16'384U, 32'768U, 65'536U, 131'072U}) {
    std::string json;
    for (std::size_t i = 0; json.size() < size; ++i) json += R"({"price":)" + std::to_string(i * 7'919 % 10'007) + "},";
    all.push_back(json.substr(0, size));
    std::string noise;
    std::uint32_t state = 1;
    while (noise.size() < size) noise += static_cast<char>(' ' + (state = state * 1'664'525U + 1'013'904'223U) / 0x2C00000U % 94);
    all.push_back(noise);
    all.push_back(std::string(size, '*'));
  }
  return all;
}

void add_compressed(std::vector<Case>& all) {
  for (const auto& payload : sample_payloads()) {
    const std::string size = std::to_string(payload.size());
    all.push_back({"deflated text of " + size, client_frame(kDeflatedText, deflated(payload)), {{kText, payload}}});
    all.push_back({"deflated binary of " + size, client_frame(kDeflatedBinary, deflated(payload)), {{kBinary, payload}}});
    std::string parts;
    const std::string whole = deflated(payload);
    const std::size_t step = std::max<std::size_t>(1, whole.size() / 5);
    for (std::size_t at = 0; at < whole.size(); at += step) {
      const unsigned end = at + step >= whole.size() ? 0x80U : 0U;
      parts += client_frame((at == 0 ? 0x41U : 0U) | end, whole.substr(at, step));
    }
    all.push_back({"deflated fragments of " + size, parts, {{kText, payload}}});
  }
  all.push_back({"plain among deflated", client_frame(kText, "a") + client_frame(kDeflatedText, deflated("b")) + client_frame(kText, "c"),
                 {{kText, "a"}, {kText, "b"}, {kText, "c"}}});
  all.push_back({"final block", client_frame(kDeflatedText, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s), {{kText, "Hello"}}});
  const std::string start = client_frame(kDeflatedTextStart, deflated("x").substr(0, 1));
  all.push_back({"ping between deflated fragments", start + client_frame(kPing, "p") + client_frame(kEnd, deflated("x").substr(1)),
                 {{kPong, "p"}, {kText, "x"}}});
  all.push_back({"empty last fragment", client_frame(kDeflatedTextStart, deflated("whole")) + client_frame(kEnd, ""), {{kText, "whole"}}});
  all.push_back({"the bit on a continuation", start + client_frame(0xC0, deflated("x").substr(1)), {}, 1002});
  all.push_back({"deflated ping", client_frame(0xC9, "x"), {}, 1002});
  all.push_back({"deflated pong", client_frame(0xCA, "x"), {}, 1002});
  all.push_back({"deflated close", client_frame(0xC8, close_payload(1000)), {}, 1002});
  all.push_back({"other reserved bits", client_frame(kDeflatedText | 0x20U, deflated("x")), {}, 1002});
  all.push_back({"no compressed data", client_frame(kDeflatedText, "\xff\xff\xff"s), {}, 1007});
  all.push_back({"compressed data cut short", client_frame(kDeflatedText, deflated("cut in the middle").substr(0, 9)), {}, 1007});
  all.push_back({"UTF-8 is checked after inflating", client_frame(kDeflatedText, deflated("abc\xED\xA0\x80")), {}, 1007});
  all.push_back({"character cut by the end, deflated", client_frame(kDeflatedText, deflated("a\xE2\x82")), {}, 1007});
  all.push_back({"deflated binary may be anything", client_frame(kDeflatedBinary, deflated("\xFF\xFE")), {{kBinary, "\xFF\xFE"}}});
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  add_framing(all);
  add_control(all);
  add_fragments(all);
  add_text(all);
  add_closes(all);
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
  EXPECT_GE(cases.size(), 100U);
  for (const auto& each : cases) {
    WebSocketClient connection{server->port()};
    ASSERT_EQ(connection.status(), 101);
    connection.send(each.sent);
    expect(each, connection);
  }
}

TEST_F(WebSocketConformance, R38_EveryCompressedCase) {
  start();
  std::vector<Case> cases;
  add_compressed(cases);
  EXPECT_GE(cases.size(), 100U);
  // Whatever the client asks for and whatever else it can do, its messages are read.
  for (const char* offer : {"permessage-deflate; client_max_window_bits", "permessage-deflate; server_max_window_bits=9",
                            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"}) {
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
    if (each.name.starts_with("reserved bit")) continue;
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
    for (std::size_t at = 0; at < bomb.size(); at += piece) {
      const unsigned end = at + piece >= bomb.size() ? 0x80U : 0U;
      if (!connection.send(client_frame((at == 0 ? 0x41U : 0U) | end, bomb.substr(at, piece)))) break;
    }
    EXPECT_EQ(connection.read_frame().close_code(), 1009U);
  }
  WebSocketClient fits{server->port(), "/ws", "permessage-deflate"};
  fits.send(client_frame(kDeflatedText, deflated(std::string(16'384, 'a'))));
  EXPECT_EQ(fits.read_frame().payload.size(), 16'384U);
}

TEST_F(WebSocketConformance, R38_EveryCaseInPiecesOfThreeBytes) {
  start();
  for (const auto& each : all_cases()) {
    if (each.sent.size() > 2'000) continue;
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
