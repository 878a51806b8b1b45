#include "fanout_clients.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/text.h"
#include "fanout_server.h"

namespace kavach::bench {
namespace {

constexpr int kPerAddress = 200;  ///< so that ports and limits by address suffice
constexpr int kSharedTopics = 16;

[[noreturn]] void give_up(const char* why) {
  std::perror(why);
  std::exit(1);
}

/// With a mask of zeros, which is allowed and saves the work.
std::string client_frame(std::string_view text) {
  std::string out{'\x81', static_cast<char>(0x80 | 126), static_cast<char>(text.size() >> 8U), static_cast<char>(text.size() & 0xFFU)};
  if (text.size() < 126) out = {'\x81', static_cast<char>(0x80U | text.size())};
  return out.append(4, '\0').append(text);
}

int connect_from(int index, std::uint16_t port, int receive_bytes) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  if (descriptor < 0) give_up("socket");
  if (receive_bytes > 0) ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<unsigned>(index / kPerAddress));
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) give_up("bind");
  sockaddr_in to = from;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) give_up("connect");
  return descriptor;
}

void read_until(int descriptor, std::string_view sign) {
  std::string heard;
  char piece[2048];
  while (heard.find(sign) == std::string::npos) {
    const auto got = ::recv(descriptor, piece, sizeof piece, 0);
    if (got <= 0) give_up("answer");
    heard.append(piece, static_cast<std::size_t>(got));
  }
}

int open_client(const ClientPlan& plan, int index, int first, int count, int receive_bytes) {
  const int descriptor = connect_from(index, plan.port, receive_bytes);
  const std::string ask = "GET /" + std::to_string(first) + "/" + std::to_string(count) +
                          " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  ::send(descriptor, ask.data(), ask.size(), 0);
  read_until(descriptor, "\r\n\r\n");
  if (!plan.speaks_kavach) return descriptor;
  std::string symbols;
  for (int topic = first; topic < first + count; ++topic) {
    symbols += (symbols.empty() ? R"({"exchange":"NSE","symbol":")" : R"(,{"exchange":"NSE","symbol":")") +
               instrument(topic).symbol + "\"}";
  }
  const std::string says = client_frame(R"({"action":"authenticate","api_key":"bench"})") +
                           client_frame(R"({"action":"subscribe","mode":1,"symbols":[)" + symbols + "]}");
  ::send(descriptor, says.data(), says.size(), 0);
  read_until(descriptor, R"("type":"subscribe")");
  return descriptor;
}

/// Counts one client's messages and reads the stamp of the first that is whole in each piece.
class Reader {
 public:
  std::int64_t stamp{0};  ///< 0 when the piece held no whole message

  std::size_t feed(const char* data, std::size_t size) {
    std::size_t messages = 0;
    stamp = 0;
    for (std::size_t at = 0; at < size;) {
      if (left_ > 0) {
        const std::size_t taken = std::min(left_, size - at);
        at += taken;
        left_ -= taken;
        if (left_ == 0 && is_text_) ++messages;
        continue;
      }
      head_[head_size_++] = static_cast<unsigned char>(data[at++]);
      if (head_size_ < 2 || (head_[1] == 126 && head_size_ < 4)) continue;
      left_ = head_[1] == 126 ? head_[2] * 256U + head_[3] : head_[1];
      is_text_ = head_[0] == 0x81;
      head_size_ = 0;
      if (stamp == 0 && is_text_ && left_ <= size - at) stamp = stamp_of({data + at, left_});
    }
    return messages;
  }

 private:
  static std::int64_t stamp_of(std::string_view message) {
    constexpr std::string_view kName = R"("ltp":)";
    const auto at = message.find(kName);
    if (at == std::string_view::npos) return 0;
    const std::string number{message.substr(at + kName.size(), 24)};
    return static_cast<std::int64_t>(std::strtod(number.c_str(), nullptr) * 1e6 + 0.5);
  }

  unsigned char head_[4]{};
  std::size_t head_size_{0};
  std::size_t left_{0};
  bool is_text_{false};
};

struct Client {
  int descriptor{-1};
  Reader reader;
};

std::int64_t now_micros() {
  static const SystemClock clock;
  return std::chrono::duration_cast<std::chrono::microseconds>(clock.monotonic()).count();
}

Measured summary(std::vector<float>& micros, std::size_t messages, std::int64_t first, std::int64_t last) {
  std::ranges::sort(micros);
  const auto quantile = [&](double q) {
    return micros.empty() ? 0.0 : static_cast<double>(micros[static_cast<std::size_t>(q * static_cast<double>(micros.size() - 1))]);
  };
  const double seconds = static_cast<double>(last - first) / 1e6;
  return {seconds > 0 ? static_cast<double>(messages) / seconds : 0, quantile(0.5), quantile(0.99), quantile(0.999)};
}

Measured read_all(std::vector<Client>& clients, int poll) {
  std::vector<float> micros;
  micros.reserve(1'000'000);
  std::vector<char> buffer(256 * 1024);
  std::vector<epoll_event> events(512);
  std::size_t messages = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  for (std::size_t open = clients.size(); open > 0;) {
    const int count = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      Client& client = clients[events[static_cast<std::size_t>(i)].data.u64];
      const auto got = ::recv(client.descriptor, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        ::epoll_ctl(poll, EPOLL_CTL_DEL, client.descriptor, nullptr);
        --open;
        continue;
      }
      const std::size_t heard = client.reader.feed(buffer.data(), static_cast<std::size_t>(got));
      if (heard == 0) continue;
      messages += heard;
      last = now_micros();
      if (first == 0) first = last;
      if (client.reader.stamp != 0) micros.push_back(static_cast<float>(last - client.reader.stamp));
    }
  }
  return summary(micros, messages, first, last);
}

}  // namespace

Measured subscribe(const ClientPlan& plan, int ready) {
  const int poll = ::epoll_create1(0);
  std::vector<Client> clients(static_cast<std::size_t>(plan.clients));
  for (int index = 0; index < plan.clients; ++index) {
    Client& client = clients[static_cast<std::size_t>(index)];
    client.descriptor = plan.every_topic ? open_client(plan, index, 0, kSharedTopics, 0)
                                         : open_client(plan, index, index % kTopics, 1, 0);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = static_cast<std::uint64_t>(index)}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, client.descriptor, &event);
  }
  if (plan.with_stalled) (void)open_client(plan, plan.clients, 0, kTopics, 4096);
  if (::write(ready, "r", 1) != 1) give_up("ready");
  return read_all(clients, poll);
}

}  // namespace kavach::bench
