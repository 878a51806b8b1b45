#include "http/websocket_session.h"

#include <gmock/gmock.h>

#include <thread>

#include "support/websocket_client.h"
#include "websocket_handler.h"

namespace kavach::http {
namespace {

using test::client_frame;
using test::close_payload;
using test::WebSocketClient;

using WebSocketSessionTest = WebSocketTest;

TEST_F(WebSocketSessionTest, AnswersTheHandshakeOfTheStandard) {
  start();
  WebSocketClient connection{server->port()};
  ASSERT_EQ(connection.status(), 101);
  const auto& reply = connection.upgrade_reply();
  EXPECT_EQ(reply.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(reply.header("Upgrade"), "websocket");
  EXPECT_EQ(reply.header("Connection"), "Upgrade");
  EXPECT_EQ(reply.header("Content-Length"), "");
}

TEST_F(WebSocketSessionTest, ReadsFramesThatCameWithTheHandshake) {
  start();
  auto tcp = client();
  tcp.send(test::request_text("GET", "/ws", {},
                              "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") +
           client_frame(0x81, "early"));
  EXPECT_EQ(tcp.read_reply().status, 101);
  EXPECT_EQ(tcp.read_bytes(7), "\x81\x05" "early");
}

TEST_F(WebSocketSessionTest, SendsFromOtherThreadsInOrder) {
  start();
  WebSocketClient connection{server->port()};
  ASSERT_TRUE(listener->opened_event.wait());
  const auto session = listener->connection();
  std::thread sender{[&] {
    for (int i = 0; i < 10'000; ++i) session->send(text_frame(std::to_string(i)));
  }};
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(connection.read_frame().payload, std::to_string(i));
  sender.join();
}

TEST_F(WebSocketSessionTest, SaysWhenTheClientKeepsUp) {
  start();
  WebSocketClient connection{server->port()};
  connection.send(client_frame(0x81, "x"));
  EXPECT_EQ(connection.read_frame().payload, "x");
  EXPECT_TRUE(listener->drained_event.wait());
}

TEST_F(WebSocketSessionTest, PingsAndHearsThePong) {
  start();
  WebSocketClient connection{server->port()};
  ASSERT_TRUE(listener->opened_event.wait());
  listener->connection()->ping();
  EXPECT_EQ(connection.read_frame().first_byte, 0x89U);
  connection.send(client_frame(0x8A, "") + client_frame(0x81, "sync"));
  EXPECT_EQ(connection.read_frame().payload, "sync");
  EXPECT_EQ(listener->pongs, 1);
}

TEST_F(WebSocketSessionTest, ClosesWithTheHandshakeAndReportsOnce) {
  start();
  WebSocketClient connection{server->port()};
  ASSERT_TRUE(listener->opened_event.wait());
  const auto session = listener->connection();
  session->send(text_frame("last words"));
  session->close(4401, "auth timeout");
  session->close(1000, "ignored");
  EXPECT_EQ(connection.read_frame().payload, "last words");
  const auto close = connection.read_frame();
  EXPECT_EQ(close.close_code(), 4401U);
  EXPECT_EQ(close.payload.substr(2), "auth timeout");
  connection.send(client_frame(0x88, close_payload(4401)));
  EXPECT_TRUE(connection.is_closed_by_server());
  ASSERT_TRUE(listener->closed_event.wait());
  EXPECT_EQ(listener->closed_code, 4401U);
  EXPECT_EQ(listener->violation, 0U) << "nobody broke anything";
  session->send(text_frame("into the void"));
  session->ping();
  session->close(1000, "");
  EXPECT_EQ(session->queued_bytes(), 0U);
}

TEST_F(WebSocketSessionTest, DoesNotWaitForeverForTheClientsClose) {
  start();
  WebSocketClient connection{server->port()};
  ASSERT_TRUE(listener->opened_event.wait());
  listener->connection()->close(1001, "");
  EXPECT_EQ(connection.read_frame().close_code(), 1001U);
  EXPECT_TRUE(connection.is_closed_by_server());
}

TEST_F(WebSocketSessionTest, NoMessageArrivesAfterTheListenerHasClosed) {
  std::atomic<int> messages{0};
  listener->on_message = [&](WebSocketConnection& connection, std::string_view, bool) {
    ++messages;
    connection.close(1008, "enough");
  };
  start();
  WebSocketClient connection{server->port()};
  connection.send(client_frame(0x81, "1") + client_frame(0x81, "2") + client_frame(0x81, "3"));
  EXPECT_EQ(connection.read_frame().close_code(), 1008U);
  EXPECT_EQ(messages, 1);
}

TEST_F(WebSocketSessionTest, AClientThatVanishesIsReportedAsAbnormal) {
  start();
  WebSocketClient connection{server->port()};
  ASSERT_TRUE(listener->opened_event.wait());
  connection.tcp().reset();
  ASSERT_TRUE(listener->closed_event.wait());
  EXPECT_EQ(listener->closed_code, 1006U);
}

TEST_F(WebSocketSessionTest, R39_AClientThatDoesNotReadIsCutWhenItsQueueIsFull) {
  settings.limits.websocket_queue_bytes_max = 1'000'000;
  start();
  WebSocketClient connection{server->port()};
  ASSERT_TRUE(listener->opened_event.wait());
  const auto session = listener->connection();
  const auto frame = text_frame(std::string(60'000, 'x'));
  // Loopback buffers take some megabytes before the queue grows; the queue itself never passes its limit.
  for (int i = 0; i < 1'000; ++i) {
    session->send(frame);
    ASSERT_LE(session->queued_bytes(), 1'000'000U);
  }
  ASSERT_TRUE(listener->closed_event.wait());
  EXPECT_EQ(listener->closed_code, 1006U);
}

TEST_F(WebSocketSessionTest, R39_OneStalledClientDoesNotDelayAnother) {
  auto stalled_listener = listener;
  start();
  WebSocketClient stalled{server->port()};
  ASSERT_TRUE(stalled_listener->opened_event.wait());
  listener = std::make_shared<EchoListener>();
  WebSocketClient live{server->port()};
  const auto frame = text_frame(std::string(100'000, 'x'));
  for (int i = 0; i < 60; ++i) stalled_listener->connection()->send(frame);
  for (int i = 0; i < 100; ++i) {
    live.send(client_frame(0x81, std::to_string(i)));
    ASSERT_EQ(live.read_frame().payload, std::to_string(i));
  }
  EXPECT_EQ(stalled_listener->closed_code, 0U);
}

TEST_F(WebSocketSessionTest, R38_AFloodOfControlFramesIsClosed) {
  start();
  WebSocketClient connection{server->port()};
  std::string flood;
  for (int i = 0; i < 200; ++i) flood += client_frame(0x89, "");
  connection.send(flood);
  test::ServerFrame frame = connection.read_frame();
  while (frame.first_byte == 0x8A) frame = connection.read_frame();
  EXPECT_EQ(frame.close_code(), 1008U);
  EXPECT_EQ(listener->violation, 1008U) << "which is reported";
}

TEST_F(WebSocketSessionTest, StopSaysGoingAway) {
  start();
  WebSocketClient connection{server->port()};
  ASSERT_TRUE(listener->opened_event.wait());
  std::thread stopper{[&] { server->stop(std::chrono::milliseconds{5'000}); }};
  EXPECT_EQ(connection.read_frame().close_code(), 1001U);
  connection.send(client_frame(0x88, close_payload(1001)));
  stopper.join();
  EXPECT_EQ(listener->closed_code, 1001U);
}

TEST_F(WebSocketSessionTest, RefusesHandshakesThatAreNot) {
  start();
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  const std::string version = "Sec-WebSocket-Version: 13\r\n";
  const std::vector<std::pair<std::string, std::string>> bad{
      {"GET", version + key},
      {"GET", "Upgrade: websocket\r\n" + version + key},
      {"GET", "Upgrade: h2c\r\nConnection: Upgrade\r\n" + version + key},
      {"GET", upgrade + key},
      {"GET", upgrade + "Sec-WebSocket-Version: 8\r\n" + key},
      {"GET", upgrade + version},
      {"GET", upgrade + version + key + key},
      {"GET", upgrade + version + "Sec-WebSocket-Key: short==\r\n"},
      {"GET", upgrade + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==\r\n"},
      {"POST", upgrade + version + key},
  };
  for (const auto& [method, headers] : bad) {
    EXPECT_EQ(ask(test::request_text(method, "/ws", {}, headers)).status, 400) << headers;
  }
  EXPECT_EQ(ask(test::request_text("GET", "/ws", "body", upgrade + version + key)).status, 400);
}

}  // namespace
}  // namespace kavach::http
