#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "core/clock.h"
#include "core/log.h"
#include "http/server.h"
#include "support/matchers.h"
#include "support/raw_client.h"
#include "support/scripted_handler.h"

namespace kavach::http {

using std::chrono::milliseconds;

/// A real server on a port of its own, one I/O thread, ticking every two milliseconds.
class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    settings.listeners = {{.address = *IpAddress::parse("127.0.0.1")}};
    settings.io_threads = 1;
    settings.limits.tick = milliseconds{2};
  }

  void start() {
    server = std::make_unique<Server>(settings, handler, clock, Logger::silent());
    ASSERT_OK(server->start());
  }
  [[nodiscard]] test::RawClient client() const { return test::RawClient{server->port()}; }
  [[nodiscard]] test::RawReply ask(std::string_view text) const {
    auto connection = client();
    connection.send(text);
    return connection.read_reply();
  }

  ServerSettings settings;
  test::ScriptedHandler handler;
  SystemClock clock;
  std::unique_ptr<Server> server;
};

/// Something that happens once, to wait for.
class Event {
 public:
  void set() {
    const std::lock_guard lock{mutex_};
    is_set_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] bool wait() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{10}, [this] { return is_set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_{false};
};

}  // namespace kavach::http
