// Fan-out over WebSockets: one publisher, N subscribers, 120-byte messages built once and shared.
//
//   websocket_fanout CLIENTS BATCH SECONDS [RATE]
//
// BATCH messages are published together, as the ticks of several symbols arrive together. With a RATE
// (messages a second) publishing is paced and the latency means something; without, it runs flat out
// and a subscriber that is behind is skipped. Server on core 0, subscribers on core 1.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/guarded.h"
#include "core/log.h"
#include "http/server.h"
#include "http/websocket.h"
#include "http/websocket_handshake.h"

namespace {

using namespace kavach;
using http::SharedFrame;

constexpr std::size_t kPayload = 120;
constexpr std::size_t kFrame = kPayload + 2;
constexpr std::size_t kStamp = 16;
constexpr std::size_t kBehind = 64 * 1024;

struct Plan {
  int clients{1'000};
  int batch{16};
  int seconds{3};
  int rate{0};
};

void pin(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

using Sessions = std::vector<std::shared_ptr<http::WebSocketConnection>>;

class Subscriber final : public http::WebSocketListener {
 public:
  explicit Subscriber(Guarded<Sessions>& sessions) : sessions_{sessions} {}
  void opened(std::shared_ptr<http::WebSocketConnection> connection) override {
    sessions_.with([&](Sessions& all) { all.push_back(std::move(connection)); });
  }
  void message(std::string_view, bool) override {}
  void pong() override {}
  void drained() override {}
  void closed(std::uint16_t) override {}
  std::size_t message_bytes_max() const override { return 1'024; }

 private:
  Guarded<Sessions>& sessions_;
};

class Upgrader final : public http::Handler {
 public:
  bool admit_connection(const IpAddress&) override { return true; }
  std::optional<http::Response> admit(http::RequestHead&) override { return std::nullopt; }
  std::size_t body_bytes_max(const http::RequestHead&) override { return 0; }
  Task<http::Response> handle(http::Request request, Executor&) override {
    auto reply = http::websocket_accept(request);
    if (!reply) co_return http::Response::text(400, "");
    reply->upgrade = std::make_shared<Subscriber>(sessions);
    co_return *reply;
  }
  void refused(const IpAddress&, std::string_view, http::Response&) override {}
  Guarded<Sessions> sessions;
};

SharedFrame stamped_message(const Clock& clock) {
  std::string payload(kPayload, '.');
  std::snprintf(payload.data(), kStamp + 1, "%016llx",
                static_cast<unsigned long long>(clock.monotonic().count()));
  payload[kStamp] = '.';
  return http::text_frame(payload);
}

int connect_one(std::uint16_t port, int index) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(0x7F000001U + static_cast<unsigned>(index / 200));
  ::bind(descriptor, reinterpret_cast<const sockaddr*>(&from), sizeof from);
  sockaddr_in to = from;
  to.sin_addr.s_addr = htonl(0x7F000001U);
  to.sin_port = htons(port);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return -1;
  const std::string_view ask =
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  if (::send(descriptor, ask.data(), ask.size(), 0) < 0) return -1;
  std::string reply;
  char byte = 0;
  while (!reply.ends_with("\r\n\r\n") && ::recv(descriptor, &byte, 1, 0) == 1) reply += byte;
  return descriptor;
}

/// The subscribers' process: reads until the server stops, then prints what arrived.
void subscribe(const Plan& plan, std::uint16_t port, int ready) {
  pin(1);
  const int poll = ::epoll_create1(0);
  std::vector<std::size_t> received(static_cast<std::size_t>(plan.clients), 0);
  for (int i = 0; i < plan.clients; ++i) {
    const int descriptor = connect_one(port, i);
    if (descriptor < 0) std::exit(1);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = static_cast<std::uint64_t>(i) << 32U | static_cast<unsigned>(descriptor)}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
  }
  if (::write(ready, "r", 1) != 1) std::exit(1);
  const SystemClock clock;
  std::vector<double> micros;
  std::vector<char> buffer(256 * 1024);
  Monotonic first{};
  Monotonic last{};
  int open = plan.clients;
  std::vector<epoll_event> events(512);
  while (open > 0) {
    const int count = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const auto packed = events[static_cast<std::size_t>(i)].data.u64;
      const auto got = ::recv(static_cast<int>(packed & 0xFFFFFFFFU), buffer.data(), buffer.size(), 0);
      if (got <= 4) {  // the end, or the server's close frame
        ::epoll_ctl(poll, EPOLL_CTL_DEL, static_cast<int>(packed & 0xFFFFFFFFU), nullptr);
        --open;
        continue;
      }
      auto& total = received[packed >> 32U];
      const std::size_t offset = (kFrame - total % kFrame) % kFrame;
      total += static_cast<std::size_t>(got);
      last = clock.monotonic();
      if (first == Monotonic{}) first = last;
      if (offset + 2 + kStamp > static_cast<std::size_t>(got) || micros.size() > 5'000'000) continue;
      std::int64_t sent = 0;
      std::from_chars(buffer.data() + offset + 2, buffer.data() + offset + 2 + kStamp, sent, 16);
      micros.push_back(static_cast<double>(last.count() - sent) / 1000.0);
    }
  }
  std::size_t bytes = 0;
  for (const auto each : received) bytes += each;
  const double seconds = static_cast<double>((last - first).count()) / 1e9;
  std::ranges::sort(micros);
  const auto quantile = [&](double q) {
    return micros.empty() ? 0.0 : micros[static_cast<std::size_t>(q * static_cast<double>(micros.size() - 1))];
  };
  std::printf("clients=%d batch=%d rate=%d deliveries_per_second=%.0f p50_us=%.0f p99_us=%.0f\n", plan.clients,
              plan.batch, plan.rate, static_cast<double>(bytes / kFrame) / seconds, quantile(0.5), quantile(0.99));
}

std::size_t resident_kib() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * 4;
}

/// Sends `batch` new messages to everybody and returns; runs on the I/O thread.
void publish(const Clock& clock, const Sessions& sessions, int batch) {
  std::vector<SharedFrame> frames;
  for (int i = 0; i < batch; ++i) frames.push_back(stamped_message(clock));
  for (const auto& session : sessions) {
    if (session->queued_bytes() > kBehind) continue;
    for (const auto& frame : frames) session->send(frame);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  const auto number = [&](int index, int& value) {
    if (argc > index) value = static_cast<int>(std::strtol(argv[index], nullptr, 10));
  };
  number(1, plan.clients);
  number(2, plan.batch);
  number(3, plan.seconds);
  number(4, plan.rate);
  const rlimit descriptors{40'000, 40'000};
  ::setrlimit(RLIMIT_NOFILE, &descriptors);

  int port_pipe[2];
  int ready_pipe[2];
  if (::pipe(port_pipe) != 0 || ::pipe(ready_pipe) != 0) return 1;
  const pid_t child = ::fork();
  if (child == 0) {
    std::uint16_t port = 0;
    if (::read(port_pipe[0], &port, sizeof port) != sizeof port) return 1;
    subscribe(plan, port, ready_pipe[1]);
    return 0;
  }
  pin(0);
  Upgrader handler;
  const SystemClock clock;
  http::ServerSettings settings;
  settings.listeners = {{.address = *IpAddress::parse("127.0.0.1")}};
  settings.io_threads = 1;
  settings.limits.connections_max = 20'000;
  http::Server server{settings, handler, clock, Logger::silent()};
  if (!server.start()) return 1;
  const std::size_t before = resident_kib();
  const std::uint16_t port = server.port();
  char byte = 0;
  if (::write(port_pipe[1], &port, sizeof port) != sizeof port || ::read(ready_pipe[0], &byte, 1) != 1) return 1;
  const Sessions sessions = handler.sessions.with([](const Sessions& all) { return all; });
  std::printf("idle_connection_kib=%.1f\n",
              static_cast<double>(resident_kib() - before) / static_cast<double>(plan.clients));
  std::fflush(stdout);

  Executor& thread = sessions.front()->executor();
  const Monotonic end = clock.monotonic() + std::chrono::seconds{plan.seconds};
  while (clock.monotonic() < end) {
    std::atomic<bool> done{false};
    thread.post([&] {
      publish(clock, sessions, plan.batch);
      done = true;
      done.notify_one();
    });
    done.wait(false);
    if (plan.rate > 0) {
      std::this_thread::sleep_for(std::chrono::microseconds{1'000'000LL * plan.batch / plan.rate});
    }
  }
  server.stop(std::chrono::seconds{5});
  int status = 0;
  ::waitpid(child, &status, 0);
  return 0;
}
