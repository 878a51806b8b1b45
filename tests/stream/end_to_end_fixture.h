#pragma once

// The stream room behind a real server: clients speak bytes over sockets, prices are delivered where the feed
// ticks, and time is the test's.

#include <atomic>
#include <memory>
#include <string>

#include "http/server.h"
#include "stream/stream_service.h"
#include "stream_fixture.h"
#include "support/scripted_handler.h"
#include "support/websocket_client.h"

namespace kavach::stream {

struct EndToEndTest : StreamTest {
  EndToEndTest() {
    handler.on_handle = [this](http::Request request, Executor& executor_of_call) -> Task<http::Response> {
      guard::Call call;
      call.client = request.peer;
      call.request = std::move(request);
      call.executor = &executor_of_call;
      co_return service.upgrade(call);
    };
    http::ServerSettings settings;
    settings.listeners = {{.address = *IpAddress::parse("127.0.0.1")}};
    settings.io_threads = 2;
    settings.limits.tick = std::chrono::milliseconds{2};
    settings.limits.websocket_close_max = std::chrono::milliseconds{50};
    server = std::make_unique<http::Server>(settings, handler, system_clock, Logger::silent());
    EXPECT_OK(server->start());
  }

  test::WebSocketClient connect() { return test::WebSocketClient{server->port()}; }
  test::WebSocketClient connect_admitted() {
    auto client = connect();
    EXPECT_EQ(client.status(), 101);
    EXPECT_EQ(ask(client, R"({"action":"authenticate","api_key":"ada-key"})"), "auth");
    return client;
  }
  static std::string ask(test::WebSocketClient& client, std::string_view text) {
    EXPECT_TRUE(client.send(test::client_frame(0x81, text)));
    return gist(client.read_frame().payload);
  }

  InlineExecutor here;
  market::FeedHub busy_hub{feed, instruments, clock, here, 7};
  std::atomic<bool> banned{false};
  StreamService service{
      StreamServices{credentials, instruments, busy_hub, clock, "paper", {},
                     [this](const IpAddress&) { return banned.load(); },
                     [](const IpAddress&, std::string_view, std::string_view) {},
                     [](const trading::AccountId&) { return StreamServices::AccountOwner{7, false}; }},
      limits};
  test::ScriptedHandler handler;
  SystemClock system_clock;
  std::unique_ptr<http::Server> server;
};

}  // namespace kavach::stream
