#pragma once

// A handler whose answers a test writes as functions. Without any it answers 200 with the request's
// method, path and body.

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/handler.h"

namespace kavach::test {

class ScriptedHandler : public http::Handler {
 public:
  std::function<bool(const IpAddress&)> on_admit_connection;
  std::function<std::optional<http::Response>(const http::RequestHead&)> on_admit;
  std::function<Task<http::Response>(http::Request, Executor&)> on_handle;
  std::function<void(Monotonic)> on_waiting;
  std::size_t body_max{64 * 1024};

  bool admit_connection(const IpAddress& peer) override {
    return !on_admit_connection || on_admit_connection(peer);
  }
  std::optional<http::Response> admit(http::RequestHead& head) override {
    return on_admit ? on_admit(head) : std::nullopt;
  }
  std::size_t body_bytes_max(const http::RequestHead&) override { return body_max; }
  Task<http::Response> handle(http::Request request, Executor& executor) override {
    ++handled;
    if (on_handle) co_return co_await on_handle(std::move(request), executor);
    co_return http::Response::text(200, request.method_text + " " + request.path + " " + request.body);
  }
  void observe_waiting(std::size_t, Monotonic delay) override {
    if (on_waiting) on_waiting(delay);
  }
  void turned_away(const IpAddress& peer) override {
    const std::lock_guard lock{mutex_};
    turned_away_.push_back(peer.text());
  }
  void refused(const IpAddress&, std::string_view reason, http::Response& refusal) override {
    refusal.with("X-Refused", std::string{reason});
    const std::lock_guard lock{mutex_};
    reasons_.emplace_back(reason);
  }

  [[nodiscard]] std::vector<std::string> reasons() const {
    const std::lock_guard lock{mutex_};
    return reasons_;
  }
  [[nodiscard]] std::vector<std::string> away() const {
    const std::lock_guard lock{mutex_};
    return turned_away_;
  }
  std::atomic<int> handled{0};

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> reasons_;
  std::vector<std::string> turned_away_;
};

}  // namespace kavach::test
