// The lowest floor: a loop that writes ready frames to sockets. It reads nothing after the handshake, has no
// limits, no timers and no threads, and its clients are who they say they are.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "fanout_server.h"
#include "http/websocket.h"

namespace kavach::bench {
namespace {

using Range = std::pair<int, int>;  ///< first topic, how many

class EpollServer final : public FanOutServer {
 public:
  ~EpollServer() override {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (const auto& [_, clients] : clients_) {
      for (const auto& client : clients) ::close(client.descriptor);
    }
    ::close(listener_);
  }

  std::uint16_t start() override {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(listener_, 1024);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    acceptor_ = std::thread{[this] { accept_all(); }};
    return ntohs(address.sin_port);
  }

  std::size_t subscribed() override { return subscribed_; }

  void publish(std::span<const Change> changes) override {
    const std::lock_guard lock{mutex_};
    for (auto& [range, clients] : clients_) {
      std::string frames;
      for (const Change& change : changes) {
        if (change.topic < range.first || change.topic >= range.first + range.second) continue;
        frames += *http::text_frame(message(change));
      }
      if (frames.empty()) continue;
      for (Client& client : clients) write(client, frames);
    }
  }

 private:
  struct Client {
    int descriptor;
    std::string rest;  ///< of a frame that was cut by a full socket
  };

  static void write(Client& client, const std::string& frames) {
    const bool was_behind = !client.rest.empty();
    const std::string& out = was_behind ? client.rest : frames;
    const auto sent = ::send(client.descriptor, out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 && static_cast<std::size_t>(sent) == out.size()) {
      client.rest.clear();
      return;
    }
    if (was_behind) {
      client.rest.erase(0, sent > 0 ? static_cast<std::size_t>(sent) : 0);
    } else if (sent > 0) {
      client.rest = frames.substr(static_cast<std::size_t>(sent));
    }
  }

  void accept_all() {
    constexpr std::string_view kAnswer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    for (;;) {
      const int descriptor = ::accept(listener_, nullptr, nullptr);
      if (descriptor < 0) return;
      std::string head;
      char piece[512];
      while (!head.ends_with("\r\n\r\n")) {
        const auto got = ::recv(descriptor, piece, sizeof piece, 0);
        if (got <= 0) break;
        head.append(piece, static_cast<std::size_t>(got));
      }
      Range range{0, 0};
      std::sscanf(head.c_str(), "GET /%d/%d", &range.first, &range.second);
      const int no_delay = 1;
      ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
      ::send(descriptor, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
      const std::lock_guard lock{mutex_};
      clients_[range].push_back({descriptor, {}});
      ++subscribed_;
    }
  }

  int listener_{-1};
  std::thread acceptor_;
  std::mutex mutex_;
  std::map<Range, std::vector<Client>> clients_;
  std::atomic<std::size_t> subscribed_{0};
};

}  // namespace

std::unique_ptr<FanOutServer> epoll_server() { return std::make_unique<EpollServer>(); }

}  // namespace kavach::bench
