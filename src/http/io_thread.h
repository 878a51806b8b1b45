#pragma once

// One event loop on one thread, with its own listening sockets and the connections it accepted. It is
// the Executor that handlers get: what they post runs here. The Server owns one per core.

#include <array>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <coroutine>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/executor.h"
#include "core/guarded.h"
#include "core/log.h"
#include "http/connection_counts.h"
#include "http/deadline_wheel.h"
#include "http/handler.h"
#include "http/http_date.h"
#include "http/loop_probe.h"
#include "http/server.h"
#include "http/spare_descriptor.h"
#include "http/tls.h"
#include "http/transport.h"
#include "http/waiting_room.h"

namespace kavach::http {

class Connection;

/// What the I/O threads of a server share. Outlives them.
struct Shared {
  const ServerSettings settings;
  Handler& handler;
  const Clock& clock;
  Logger& logger;
  ConnectionCounts counts;
  /// Replaced whole by a reload; a session keeps its own context alive.
  Snapshot<TlsContext> tls;

  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused_connections{0};
  std::atomic<std::uint64_t> evicted{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused_requests{0};
  std::atomic<std::uint64_t> accept_failures{0};
  std::atomic<std::size_t> strangers_body_bytes{0};
};

class IoThread final : public Executor {
 public:
  IoThread(Shared& shared, std::size_t index);
  ~IoThread() override;

  /// Takes over a bound, listening socket. Before `start`.
  void adopt_listener(int descriptor, const ListenSettings& settings);
  void start();
  /// From any thread: stop accepting, end what is idle, cut at `cut_at`. The thread ends when its
  /// last connection has.
  void begin_stop(Monotonic cut_at);
  void join();

  /// Thread-safe. A job posted after the thread has ended is destroyed unrun.
  void post(Job job) override;

  // For connections, on this thread.
  [[nodiscard]] Shared& shared() { return shared_; }
  [[nodiscard]] DeadlineWheel& wheel() { return wheel_; }
  [[nodiscard]] std::string_view date() { return date_.text(); }
  [[nodiscard]] Monotonic now() const { return shared_.clock.monotonic(); }
  [[nodiscard]] bool is_stopping() const { return stopping_; }
  /// Sixteen hexadecimal characters, not to be guessed from the ones before.
  [[nodiscard]] std::string next_request_id();
  [[nodiscard]] WaitingRoom& waiting_room() { return waiting_room_; }
  /// A place for a connection from `peer`; if need be another connection's. Empty: there is none.
  [[nodiscard]] ConnectionCounts::Ticket place_for(const IpAddress& peer);
  /// Keeps the place of a closed connection from its address for `ServerLimits::place_withheld`.
  void withhold(ConnectionCounts::Ticket ticket);
  void count_work() { ++work_done_; }

  /// `co_await thread.turn()`: everybody who is ready is served before the caller goes on.
  struct Turn {
    IoThread& thread;
    [[nodiscard]] bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      thread.post([waiting] { waiting.resume(); });
    }
    void await_resume() const {}
  };
  [[nodiscard]] Turn turn() { return {*this}; }

 private:
  struct Listener;
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>,
                                                  boost::asio::io_context::executor_type>;

  struct Withheld {
    ConnectionCounts::Ticket ticket;
    Monotonic until{};
  };

  void accept_next(Listener& listener);
  void accept_waiting(Listener& listener);
  void accepted(Listener& listener, Socket socket, const IpAddress& peer);
  [[nodiscard]] bool is_proxy(const IpAddress& peer) const;
  void accept_failed(Listener& listener, boost::system::error_code error);
  void tick();
  void stop_now(Monotonic cut_at);
  void cut_all();
  void end_if_done();

  Shared& shared_;
  const std::size_t index_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  Timer timer_{context_.get_executor()};
  DeadlineWheel wheel_;
  DateCache date_;
  SpareDescriptor spare_;
  std::uint64_t work_done_{0};
  LoopProbe probe_;
  WaitingRoom waiting_room_;
  std::deque<Withheld> withheld_;  ///< in the order of their ends
  std::array<std::uint64_t, 256> request_ids_{};  ///< drawn in one go
  std::size_t request_ids_left_{0};
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::list<Connection> connections_;
  bool stopping_{false};
  bool is_cut_{false};
  Monotonic cut_at_{};
  Monotonic warn_after_{};
  std::thread thread_;
};

}  // namespace kavach::http
