// A flood for script/bench: many connections from many loopback addresses, each of which sends again as
// soon as it is answered, and connects again as soon as it is cut off. Bounded in connections and time.
//
//   flood PORT SECONDS CONNECTIONS ADDRESSES REQUEST_FILE [HEAP]
//
// REQUEST_FILE holds one whole request; HEAP of them are sent at a time (1). Prints one line of JSON:
// requests sent, replies by class of status, connections made, and those that failed.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/clock.h"

namespace {

using namespace kavach;

struct Totals {
  unsigned long long sent{0}, connected{0}, failed{0};
  std::array<unsigned long long, 6> answered{};  ///< by the first digit of the status
};

class Flood {
 public:
  Flood(std::uint16_t port, std::size_t connections, std::uint32_t addresses, const std::string& request, int heap)
      : port_{port}, addresses_{addresses}, heap_{heap}, epoll_{::epoll_create1(EPOLL_CLOEXEC)}, sockets_(connections, -1) {
    for (int i = 0; i < heap; ++i) payload_ += request;
  }

  Totals run(Monotonic until) {
    for (std::size_t i = 0; i < sockets_.size(); ++i) connect(i);
    std::array<epoll_event, 256> events;
    while (clock_.monotonic() < until) {
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 50);
      for (int i = 0; i < ready; ++i) serve(events[static_cast<std::size_t>(i)].data.u64);
      // Who was refused a connection tries again with the next turn.
      std::vector<std::size_t> again;
      again.swap(cut_off_);
      for (const std::size_t index : again) connect(index);
    }
    for (const int socket : sockets_) ::close(socket);
    return totals_;
  }

 private:
  void connect(std::size_t index) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const linger reset{1, 0};  // no ports in TIME_WAIT
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    // 127.1.0.0 and up, not 127.0.0.1, which the gateway trusts more than strangers.
    from.sin_addr.s_addr = htonl(0x7f010001U + static_cast<std::uint32_t>(index) % addresses_);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port_);
    sockets_[index] = socket;
    const bool started = ::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0 &&
                         (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 || errno == EINPROGRESS);
    if (!started) return cut_off(index);
    ++totals_.connected;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP;
    event.data.u64 = index;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  }

  void serve(std::size_t index) {
    const int socket = sockets_[index];
    std::array<char, 16 * 1024> buffer;
    const ssize_t received = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (received == 0 || (received < 0 && errno != EAGAIN)) return cut_off(index);
    if (received > 0) count({buffer.data(), static_cast<std::size_t>(received)});
    send(index);
  }

  void send(std::size_t index) {
    const ssize_t sent = ::send(sockets_[index], payload_.data(), payload_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return cut_off(index);
    // A heap that went only in part ends the connection: what follows would be no request.
    if (sent > 0 && static_cast<std::size_t>(sent) != payload_.size()) return cut_off(index);
    if (sent > 0) totals_.sent += static_cast<unsigned>(heap_);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.u64 = index;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, sockets_[index], &event);
  }

  void count(std::string_view received) {
    constexpr std::string_view kStart = "HTTP/1.1 ";
    for (std::size_t at = received.find(kStart); at != std::string_view::npos; at = received.find(kStart, at + 1)) {
      const std::size_t digit = at + kStart.size();
      if (digit < received.size() && received[digit] >= '1' && received[digit] <= '5') {
        ++totals_.answered[static_cast<std::size_t>(received[digit] - '0')];
      }
    }
  }

  void cut_off(std::size_t index) {
    ++totals_.failed;
    ::close(sockets_[index]);
    sockets_[index] = -1;
    cut_off_.push_back(index);
  }

  const std::uint16_t port_;
  const std::uint32_t addresses_;
  const int heap_;
  const int epoll_;
  std::vector<int> sockets_;
  std::vector<std::size_t> cut_off_;
  std::string payload_;
  SystemClock clock_;
  Totals totals_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fputs("flood PORT SECONDS CONNECTIONS ADDRESSES REQUEST_FILE [HEAP]\n", stderr);
    return 2;
  }
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const auto number = [&](int index) { return std::strtoul(argv[index], nullptr, 10); };
  std::ifstream file{argv[5], std::ios::binary};
  const std::string request{std::istreambuf_iterator<char>{file}, {}};
  Flood flood{static_cast<std::uint16_t>(number(1)), number(3), static_cast<std::uint32_t>(number(4)), request,
              argc > 6 ? static_cast<int>(number(6)) : 1};
  const Totals totals = flood.run(SystemClock{}.monotonic() + std::chrono::seconds{number(2)});
  std::printf(R"({"sent":%llu,"ok":%llu,"refused":%llu,"overloaded":%llu,"connected":%llu,"cut_off":%llu})"
              "\n",
              totals.sent, totals.answered[2], totals.answered[3] + totals.answered[4], totals.answered[5],
              totals.connected, totals.failed);
  return 0;
}
