#pragma once

// A handler that upgrades every request to a WebSocket which echoes, and a listener to look into.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "http/websocket.h"
#include "http/websocket_frames.h"
#include "http/websocket_handshake.h"
#include "server_fixture.h"

namespace kavach::http {

class EchoListener : public WebSocketListener {
 public:
  std::size_t message_max{1'000'000};
  std::function<void(WebSocketConnection&, std::string_view, bool)> on_message;
  Event drained_event;  ///< was told so, with nothing queued
  std::atomic<int> pongs{0};
  std::atomic<unsigned> violation{0};  ///< the code of the last one
  std::atomic<unsigned> closed_code{0};
  Event opened_event;
  Event closed_event;

  void opened(std::shared_ptr<WebSocketConnection> connection) override {
    const std::lock_guard lock{mutex_};
    connection_ = std::move(connection);
    ++open_;
    opened_event.set();
  }
  void message(std::string_view payload, bool is_text) override {
    if (on_message) return on_message(*connection(), payload, is_text);
    const auto opcode = is_text ? Opcode::Text : Opcode::Binary;
    connection()->send(std::make_shared<const std::string>(encode_frame(opcode, payload)));
  }
  void pong() override { ++pongs; }
  void violated(std::uint16_t code) override { violation = code; }
  void drained() override {
    if (connection()->queued_bytes() == 0) drained_event.set();
  }
  void closed(std::uint16_t code) override {
    closed_code = code;
    closed_event.set();
    const std::lock_guard lock{mutex_};
    if (--open_ == 0) connection_.reset();  // the next one may have been opened before this one has ended
  }
  [[nodiscard]] std::size_t message_bytes_max() const override { return message_max; }
  [[nodiscard]] std::shared_ptr<WebSocketConnection> connection() const {
    const std::lock_guard lock{mutex_};
    return connection_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<WebSocketConnection> connection_;
  int open_{0};
};

class WebSocketTest : public ServerTest {
 protected:
  WebSocketTest() {
    settings.limits.websocket_close_max = milliseconds{50};
    handler.on_handle = [this](Request request, Executor&) -> Task<Response> {
      auto reply = websocket_accept(request);
      if (!reply) co_return Response::text(400, reply.error().detail);
      reply->upgrade = listener;
      co_return *reply;
    };
  }
  ~WebSocketTest() override { server.reset(); }

  std::shared_ptr<EchoListener> listener = std::make_shared<EchoListener>();
};

}  // namespace kavach::http
